"""The callback that tells how an M-Pesa prompt ended.

Safaricom posts it once, unsigned, to the address given with the prompt. Its shape is public, so what is read
here is a claim: the caller compares it with what was asked. Shapes are those of Safaricom's portal and of
callbacks that integrators published.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from payments.gateways.gateway import Kind, Notice
from payments.gateways.mpesa.result_codes import SUCCESS, explain_code, prompt_state
from payments.gateways.mpesa.values import (
    read_amount,
    read_body,
    read_code,
    read_identifier,
    read_moment,
    read_object,
    read_phone,
    read_prose,
    read_receipt,
)

READ_ITEMS = ("Amount", "MpesaReceiptNumber", "TransactionDate", "PhoneNumber")

NO_AMOUNT = gettext_noop("The callback says paid, but the amount is missing or is not money.")
NO_RECEIPT = gettext_noop("The callback says paid, but the receipt number is missing or malformed.")
TWO_VALUES = gettext_noop("The callback gives two different values for one detail of the payment.")
ODD_DATE = gettext_noop("The date of the payment is missing or impossible; the time of arrival is used.")
FAILED_WITH_DETAILS = gettext_noop("The callback says not paid, yet carries details of a payment.")


@dataclass(frozen=True, slots=True)
class StkResult:
    """How one prompt ended, as the callback tells it.

    `succeeded` is true only for a result code of exactly 0. Money may be counted when it succeeded and there
    are no `problems`; `remarks` are oddities that do not stand in the way. Both are English sentences marked
    for translation. `amount` is in KES. `paid_at` is UTC, None when the callback's own date cannot be
    trusted. `phone` is 254XXXXXXXXX, empty when it is missing, masked or hashed, and may be another person's
    than the customer's.
    """

    merchant_request_id: str
    checkout_request_id: str = field(repr=False)  # ends in the payer's phone number
    result_code: str
    result_desc: str
    succeeded: bool
    amount: Decimal | None = None
    receipt: str = ""
    paid_at: datetime | None = None
    phone: str = field(default="", repr=False)
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def as_notice(self) -> Notice:
        """Return the same in the words that all providers share."""
        return Notice(
            kind=Kind.ATTEMPT,
            state=prompt_state(self.result_code),
            reference=self.checkout_request_id,
            second_reference=self.merchant_request_id,
            amount=self.amount,
            currency="KES" if self.amount else "",
            receipt=self.receipt,
            paid_at=self.paid_at,
            phone=self.phone,
            code=self.result_code,
            text=explain_code(self.result_code),
            problems=self.problems,
            remarks=self.remarks,
        )


def read_callback(raw: bytes, *, received_at: datetime | None = None) -> StkResult:
    """Read the raw body of an STK callback; raise Unreadable, and nothing else, when it is not one.

    `received_at` (UTC, now by default) is what the payment's own date is measured against.
    """
    callback = read_object(read_object(read_body(raw), "Body"), "stkCallback")
    code = read_code(callback.get("ResultCode"))
    succeeded = code == SUCCESS
    values, clash = _read_items(callback.get("CallbackMetadata"))
    amount, receipt = read_amount(values.get("Amount")), read_receipt(values.get("MpesaReceiptNumber"))
    moment = read_moment(values.get("TransactionDate"), received_at or datetime.now(UTC))
    paid_at = moment if succeeded else None
    problems, remarks = [TWO_VALUES] if clash else [], []
    if succeeded:
        problems += [NO_AMOUNT] * (amount is None) + [NO_RECEIPT] * (not receipt)
        remarks += [ODD_DATE] * (paid_at is None)
    elif values:
        remarks.append(FAILED_WITH_DETAILS)
    return StkResult(
        merchant_request_id=read_identifier(callback, "MerchantRequestID"),
        checkout_request_id=read_identifier(callback, "CheckoutRequestID"),
        result_code=code,
        result_desc=read_prose(callback.get("ResultDesc")),
        succeeded=succeeded,
        amount=amount,
        receipt=receipt,
        paid_at=paid_at,
        phone=read_phone(values.get("PhoneNumber")),
        problems=tuple(problems),
        remarks=tuple(remarks),
    )


def _read_items(metadata: Any) -> tuple[dict[str, str], bool]:
    """Return the items that matter by name, as text, and whether one name had two values.

    By name and never by place: the number and order of the items vary, and an item may have no Value at all.
    """
    items = metadata.get("Item") if isinstance(metadata, dict) else None
    values: dict[str, str] = {}
    clash = False
    for item in items if isinstance(items, list) else [items]:
        name, value = (item.get("Name"), item.get("Value")) if isinstance(item, dict) else (None, None)
        if not isinstance(name, str) or name not in READ_ITEMS or type(value) not in (int, str, Decimal):
            continue
        clash |= values.setdefault(name, str(value)) != str(value)
    return values, clash
