"""What Safaricom posts when an operation has ended: a reversal, a payout (B2C) or a look-up of a receipt.

Unsigned, and at times faster than the answer to the request itself. A result tells by its parameters what it
is about; one without parameters, which is every failure, tells only by its ids.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from payments.gateways.gateway import Kind, Notice, State
from payments.gateways.mpesa.result_codes import (
    SUCCESS,
    UNKNOWN_RECEIPT,
    explain_code,
    explain_operation,
    operation_state,
)
from payments.gateways.mpesa.values import (
    read_amount,
    read_body,
    read_code,
    read_identifier,
    read_moment,
    read_object,
    read_phone,
    read_receipt,
    read_text,
)

COMPLETED = "Completed"
NOT_PAID = {"Failed", "Cancelled", "Declined", "Expired"}

NO_AMOUNT = gettext_noop("The result says done, but the amount is missing or is not money.")
NO_RECEIPT = gettext_noop("The result says done, but the receipt number is missing or malformed.")
TWO_VALUES = gettext_noop("The result gives two different values for one detail.")
ODD_DATE = gettext_noop("The date of the result is missing or impossible; the time of arrival is used.")

Parameters = list[tuple[str, str]]


def read_result(raw: bytes, *, received_at: datetime | None = None, kind: Kind | None = None) -> Notice:
    """Read a result; raise Unreadable, and nothing else.

    `kind` is what the caller knows the address to be for, REFUND or STATUS. Without it a result with nothing
    to tell by counts as a REFUND; whoever finds the request by its ids knows better. `reference` is Daraja's
    ConversationID, `second_reference` its OriginatorConversationID, which for a payout is our `key`.
    """
    result = read_object(read_body(raw), "Result")
    code = read_code(result.get("ResultCode"))
    parameters = _parameters(result)
    moment = received_at or datetime.now(UTC)
    if (kind or _kind(code, parameters)) is Kind.STATUS:
        return _read_status(result, code, parameters, moment)
    return _read_refund(result, code, parameters, moment)


def read_queue_timeout(raw: bytes, *, kind: Kind = Kind.REFUND) -> Notice:
    """Read what comes to the time-out address: the request waits or was dropped. Never the end of it.

    Raises Unreadable, and nothing else.
    """
    body = read_body(raw)
    result = body["Result"] if isinstance(body.get("Result"), dict) else body
    code = read_text(result.get("ResultCode"))[:30]
    text = _("Safaricom has not got round to this yet. The result may still come; do not send it again.")
    return Notice(kind=kind, state=State.PENDING, code=code, text=text, **_ids(result))


def confirms(notice: Notice, *, receipt: str, amount: Decimal, accounts: Collection[str]) -> bool:
    """Tell whether the answer about a receipt confirms exactly this money, paid to one of our own numbers."""
    told = (notice.kind, notice.state, notice.receipt, notice.amount, notice.problems)
    return told == (Kind.STATUS, State.PAID, receipt.upper(), amount, ()) and notice.account in accounts


def answers(notice: Notice) -> bool:
    """Tell whether an answer says anything about the money: a question that failed or waits does not."""
    return notice.state != State.PENDING and notice.code in (SUCCESS, UNKNOWN_RECEIPT)


def _read_refund(result: dict[str, Any], code: str, parameters: Parameters, received_at: datetime) -> Notice:
    amount = read_amount(_first(parameters, "amount", "transactionamount"))
    receipt = read_receipt(_first(parameters, "transactionreceipt") or result.get("TransactionID"))
    paid_at = _moment(parameters, received_at, "transcompletedtime", "transactioncompleteddatetime")
    problems, remarks = _check(parameters, "amount", "transactionamount", "transactionreceipt"), []
    if code == SUCCESS:
        problems += [NO_AMOUNT] * (amount is None) + [NO_RECEIPT] * (not receipt)
        remarks += [ODD_DATE] * (paid_at is None)
    return Notice(
        kind=Kind.REFUND,
        state=operation_state(code),
        amount=amount,
        currency="KES" if amount else "",
        receipt=receipt if code == SUCCESS else "",
        original_receipt=read_receipt(_first(parameters, "originaltransactionid")),
        paid_at=paid_at,
        phone=_party(parameters, "receiverpartypublicname"),
        code=code,
        text=explain_operation(code),
        problems=tuple(problems),
        remarks=tuple(remarks),
        **_ids(result),
    )


def _read_status(result: dict[str, Any], code: str, parameters: Parameters, received_at: datetime) -> Notice:
    """A question that failed says nothing about the money, so only a successful one gives a state."""
    said = _first(parameters, "transactionstatus")
    amount, receipt = (
        read_amount(_first(parameters, "amount")),
        read_receipt(_first(parameters, "receiptno")),
    )
    paid = code == SUCCESS and said == COMPLETED
    failed = code == SUCCESS and said in NOT_PAID
    problems = _check(parameters, "amount", "receiptno", "transactionstatus")
    if paid:
        problems += [NO_AMOUNT] * (amount is None) + [NO_RECEIPT] * (not receipt)
    return Notice(
        kind=Kind.STATUS,
        state=State.PAID if paid else State.FAILED if failed else State.UNKNOWN,
        amount=amount,
        currency="KES" if amount else "",
        receipt=receipt,
        paid_at=_moment(parameters, received_at, "finalisedtime", "initiatedtime"),
        account=_payee(parameters),
        phone=_party(parameters, "debitpartyname"),
        code=code,
        text=said or (_("No word about how the payment stands.") if code == SUCCESS else explain_code(code)),
        problems=tuple(problems),
        **_ids(result),
    )


def _kind(code: str, parameters: Parameters) -> Kind:
    about_a_receipt = {"receiptno", "transactionstatus"} & {name for name, _value in parameters}
    return Kind.STATUS if about_a_receipt or code == UNKNOWN_RECEIPT else Kind.REFUND


def _parameters(result: dict[str, Any]) -> Parameters:
    """Return names and values in their order: a name may come twice, alone, without a list, without Value."""
    found = result.get("ResultParameters")
    items = found.get("ResultParameter") if isinstance(found, dict) else None
    pairs = []
    for item in items if isinstance(items, list) else [items]:
        if isinstance(item, dict) and isinstance(item.get("Key"), str):
            pairs.append((item["Key"].replace(" ", "").casefold(), read_text(item.get("Value"))))
    return pairs


def _first(parameters: Parameters, *names: str) -> str:
    return next((value for name, value in parameters if name in names and value), "")


def _check(parameters: Parameters, *names: str) -> list[str]:
    """Return the problem that one of these names has two values."""
    told = {(name, value) for name, value in parameters if name in names and value}
    return [TWO_VALUES] if len(told) > len({name for name, _value in told}) else []


def _moment(parameters: Parameters, received_at: datetime, *names: str) -> datetime | None:
    return read_moment(_first(parameters, *names), received_at)


def _party(parameters: Parameters, name: str) -> str:
    """Return the phone of somebody written as "254708374149 - John Doe"."""
    return read_phone(_first(parameters, name).partition(" - ")[0].strip())


def _payee(parameters: Parameters) -> str:
    """Return the shortcode that got the money; in some results the second "debit party" is who got it."""
    debit = [value for name, value in parameters if name == "debitpartyname"]
    party = _first(parameters, "creditpartyname") or (debit[1] if len(debit) == 2 else "")
    number = party.partition(" - ")[0].strip()
    return number if number.isdecimal() and 5 <= len(number) <= 7 else ""


def _ids(result: dict[str, Any]) -> dict[str, Any]:
    named = {name.replace(" ", ""): value for name, value in result.items()}
    conversation = read_identifier(named, "ConversationID")
    originator = read_identifier(named, "OriginatorConversationID")
    return {"reference": conversation, "second_reference": originator, "key": originator}
