"""What an API operator can ask for: how a receipt stands, a reversal, a payout. Results come later."""

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from payments.gateways.mpesa.values import NAIROBI
from payments.simulator.daraja import (
    SIMULATOR_CREDENTIALS,
    Answer,
    Headers,
    is_callback_url,
    open_request,
    refusal,
    reply,
)
from payments.simulator.prompt import new_receipt

if TYPE_CHECKING:
    from payments.simulator.simulator import Simulator

TIMEOUT = "timeout"
DONE = "The service request is processed successfully."
COMMANDS = {
    "/mpesa/transactionstatus/v1/query": ("TransactionStatusQuery",),
    "/mpesa/reversal/v1/request": ("TransactionReversal",),
    "/mpesa/b2c/v3/paymentrequest": ("BusinessPayment", "SalaryPayment", "PromotionPayment"),
}
Parameters = list[tuple[str, object]]


@dataclass(eq=False)
class Operation:
    """Something that was asked for. `code` is empty until it has ended."""

    request: dict[str, Any]
    originator: str
    conversation: str
    code: str = ""
    receipt: str = ""
    parameters: Parameters = field(default_factory=list)
    answered_with: int = 0
    delivered: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def address(self) -> str:
        """Where word of it goes."""
        return str(self.request["QueueTimeOutURL" if self.code == TIMEOUT else "ResultURL"])

    def body(self) -> bytes:
        """Return the result with Daraja's habits: numbers as numbers, a name twice, values left out."""
        code = "1" if self.code == TIMEOUT else self.code
        result: dict[str, Any] = {
            "ResultType": 0,
            "ResultCode": int(code) if code.isdecimal() else code,
            "ResultDesc": DONE if code == "0" else "The operation did not succeed.",
            "OriginatorConversationID": self.originator,
            "ConversationID": self.conversation,
            "TransactionID": self.receipt,
        }
        if self.parameters:
            listed = [
                {"Key": key} | ({} if value is None else {"Value": value}) for key, value in self.parameters
            ]
            result["ResultParameters"] = {"ResultParameter": listed}
        result["ReferenceData"] = {"ReferenceItem": {"Key": "Occasion"}}
        return json.dumps({"Result": result}).encode()


def _item(key: str, value: object) -> dict[str, object]:
    return {"Key": key} if value is None else {"Key": key, "Value": value}


def take_operation(
    simulator: "Simulator", path: str, headers: Headers, raw: bytes
) -> tuple[Answer, Operation | None]:
    """Answer a request for an operation. Neither operator nor receipt are looked at before the result."""
    if simulator.operation_answer:
        return simulator.operation_answer, None
    request, refused = open_request(simulator, headers, raw)
    if refused:
        return refused, None
    problem = _find_problem(path, request)
    if problem:
        return refusal(400, "400.002.02", f"Bad Request - Invalid {problem}"), None
    originator = str(request.get("OriginatorConversationID") or uuid4())
    if any(one.originator == originator for one in simulator.operations):
        return refusal(500, "500.002.1001", "Duplicate OriginatorConversationID."), None
    operation = Operation(request, originator, f"AG_{datetime.now(NAIROBI):%Y%m%d}_{uuid4().hex[:20]}")
    simulator.add_operation(operation)
    answer = reply(
        200,
        OriginatorConversationID=originator,
        ConversationID=operation.conversation,
        ResponseCode="0",
        ResponseDescription="Accept the service request successfully.",
    )
    return answer, operation


def end_operation(simulator: "Simulator", operation: Operation) -> None:
    """Let M-Pesa decide, once, how an operation ends."""
    request = operation.request
    operator = request.get("Initiator") or request.get("InitiatorName")
    if simulator.operation_ending:
        operation.code = simulator.operation_ending
    elif operator != SIMULATOR_CREDENTIALS["initiator"]:
        operation.code = "2001"
    else:
        end = {"TransactionStatusQuery": _end_status, "TransactionReversal": _end_reversal}
        end.get(str(request["CommandID"]), _end_payout)(simulator, operation)


def _end_status(simulator: "Simulator", operation: Operation) -> None:
    """Tell of money by its receipt; the credit party goes by the debit party's name, as on the portal."""
    operation.receipt = "TAH0000000"  # a dummy
    money = simulator.find_money(str(operation.request.get("TransactionID", "")))
    operation.code = "0" if money else "2032"
    if money:
        operation.parameters = [
            ("DebitPartyName", f"{money.phone} - NICHOLAS"),
            ("TransactionReason", None),
            ("ReceiptNo", money.receipt),
            ("Amount", float(money.amount)),
            ("TransactionStatus", "Reversed" if money.receipt in simulator.reversed else "Completed"),
            ("FinalisedTime", int(f"{money.paid_at:%Y%m%d%H%M%S}")),
            ("DebitPartyName", f"{money.shortcode} - The shop"),
        ]


def _end_reversal(simulator: "Simulator", operation: Operation) -> None:
    money = simulator.find_money(str(operation.request["TransactionID"]))
    if money is None or str(operation.request["Amount"]) != f"{money.amount:.0f}":
        operation.code = "R000002"
    elif money.receipt in simulator.reversed:
        operation.code = "R000001"
    else:
        simulator.reversed.add(money.receipt)
        now = datetime.now(NAIROBI)
        operation.code, operation.receipt = "0", new_receipt(now)
        operation.parameters = [
            ("Amount", float(money.amount)),
            ("OriginalTransactionID", money.receipt),
            ("TransCompletedTime", int(f"{now:%Y%m%d%H%M%S}")),
            ("Charge", 0.00),
        ]


def _end_payout(simulator: "Simulator", operation: Operation) -> None:
    now = datetime.now(NAIROBI)
    operation.code, operation.receipt = "0", new_receipt(now)
    operation.parameters = [
        ("TransactionAmount", int(operation.request["Amount"])),
        ("TransactionReceipt", operation.receipt),
        ("B2CRecipientIsRegisteredCustomer", "Y"),
        ("ReceiverPartyPublicName", f"{operation.request['PartyB']} - NICHOLAS"),
        ("TransactionCompletedDateTime", f"{now:%d.%m.%Y %H:%M:%S}"),
    ]


def _find_problem(path: str, request: dict[str, Any]) -> str:
    """Return the name of the first field that Daraja would not take."""
    is_payout, is_reversal = path.endswith("paymentrequest"), path.endswith("v1/request")
    operator = "InitiatorName" if is_payout else "Initiator"
    text = {name: str(value) for name, value in request.items()}
    checks = {
        operator: bool(text.get(operator)),
        "CommandID": text.get("CommandID") in COMMANDS[path],
        "SecurityCredential": bool(text.get("SecurityCredential")),
        "ResultURL": is_callback_url(request.get("ResultURL")),
        "QueueTimeOutURL": is_callback_url(request.get("QueueTimeOutURL")),
        "Remarks": 2 <= len(text.get("Remarks", "")) <= 100,
    }
    if is_payout or is_reversal:
        checks["Amount"] = re.fullmatch("[1-9][0-9]{0,5}", text.get("Amount", "")) is not None
    if is_payout:
        checks["PartyB"] = re.fullmatch("254[17][0-9]{8}", text.get("PartyB", "")) is not None
        checks["OriginatorConversationID"] = bool(text.get("OriginatorConversationID"))
    if is_reversal:
        checks["TransactionID"] = bool(text.get("TransactionID"))
        checks["RecieverIdentifierType"] = text.get("RecieverIdentifierType") == "11"
    return next((name for name, is_valid in checks.items() if not is_valid), "")
