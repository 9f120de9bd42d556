"""What Safaricom posts when a customer pays our till or paybill without being asked (C2B).

First, where that is switched on, it asks whether we would take the money; then it confirms that money has
moved. Both have one shape, are unsigned, and are told apart by the address they come to. A confirmation may
come again days later.
"""

import json
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_noop

from payments.gateways.gateway import Kind, Notice, State, Unreadable
from payments.gateways.mpesa.values import (
    read_amount,
    read_body,
    read_moment,
    read_phone,
    read_prose,
    read_receipt,
    read_text,
)

CONFIRMED = b'{"ResultCode": 0, "ResultDesc": "Success"}'
ACCEPTED = b'{"ResultCode": "0", "ResultDesc": "Accepted"}'
LONGEST_BILLREF = 100

# Money that our own tills and banks move; everything else is from a customer.
TRANSFERS = {"organization to organization transfer", "od payment transfer"}
FROM_CUSTOMERS = {
    "pay bill",
    "pay bill online",
    "customer merchant payment",
    "buy goods",
    "customerpaybillonline",
    "customerbuygoodsonline",
}

NO_AMOUNT = gettext_noop("The confirmation has no amount, or one that is not money.")
NO_RECEIPT = gettext_noop("The confirmation has no receipt number, or a malformed one.")
TWO_VALUES = gettext_noop("The confirmation gives two different values for one detail of the payment.")
ODD_DATE = gettext_noop("The date of the payment is missing or impossible; the time of arrival is used.")
ODD_KIND = gettext_noop("M-Pesa names a kind of payment that is not on our list.")
TRANSFER = gettext_noop("A transfer between organisations, not a payment by a customer.")


class Reason(StrEnum):
    """Why we would not take money, in Safaricom's codes."""

    PHONE = "C2B00011"
    ACCOUNT = "C2B00012"
    AMOUNT = "C2B00013"
    PAYER = "C2B00014"
    SHORTCODE = "C2B00015"
    OTHER = "C2B00016"


def reject(reason: Reason) -> bytes:
    """Return the answer to a validation that refuses the money; ACCEPTED is the one that takes it."""
    return json.dumps({"ResultCode": reason.value, "ResultDesc": "Rejected"}).encode()


def read_confirmation(raw: bytes, *, received_at: datetime | None = None) -> Notice:
    """Read a confirmation, to which CONFIRMED is the answer; raise Unreadable, and nothing else.

    Money that our own organisation moved is Kind.OTHER. `billref` is what the payer typed: bounded and
    printable, and otherwise anything at all. `received_at` is UTC, now by default.
    """
    fields, clash = _fields(read_body(raw))
    if not {"transid", "transamount"} & fields.keys():
        raise Unreadable("TransID and TransAmount are missing")
    nature = " ".join(read_prose(fields.get("transactiontype")).casefold().split())
    amount, receipt = read_amount(fields.get("transamount")), read_receipt(fields.get("transid"))
    paid_at = read_moment(fields.get("transtime"), received_at or datetime.now(UTC))
    is_transfer = nature in TRANSFERS
    problems = [TWO_VALUES] * clash + [NO_AMOUNT] * (amount is None) + [NO_RECEIPT] * (not receipt)
    remarks = [ODD_DATE] * (paid_at is None) + [ODD_KIND] * (nature not in TRANSFERS | FROM_CUSTOMERS)
    return Notice(
        kind=Kind.OTHER if is_transfer else Kind.MONEY,
        state=State.PAID,
        receipt=receipt,
        paid_at=paid_at,
        text=TRANSFER if is_transfer else "",
        problems=tuple(problems),
        remarks=tuple(remarks),
        **_particulars(fields),
    )


def read_validation(raw: bytes) -> Notice:
    """Read the question whether we would take money; raise Unreadable and nothing else. Nothing moved."""
    fields, clash = _fields(read_body(raw))
    amount = read_amount(fields.get("transamount"))
    problems = [TWO_VALUES] * clash + [NO_AMOUNT] * (amount is None)
    reference = read_receipt(fields.get("transid"))
    return Notice(
        kind=Kind.CHECK,
        state=State.PENDING,
        reference=reference,
        problems=tuple(problems),
        **_particulars(fields),
    )


def _fields(body: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return the values by name in small letters, as spellings vary, and whether two spellings disagree."""
    fields: dict[str, Any] = {}
    clash = False
    for name, value in body.items():
        clash |= read_text(fields.setdefault(name.casefold(), value)) != read_text(value)
    return fields, clash


def _particulars(fields: dict[str, Any]) -> dict[str, Any]:
    phone = read_text(fields.get("msisdn"))
    shortcode = read_text(fields.get("businessshortcode"))
    names = [read_prose(fields.get(name), 100) for name in ("firstname", "middlename", "lastname")]
    amount = read_amount(fields.get("transamount"))
    return {
        "account": shortcode if re.fullmatch("[0-9]{5,7}", shortcode) else "",
        "amount": amount,
        "currency": "KES" if amount else "",
        "billref": read_prose(fields.get("billrefnumber"), LONGEST_BILLREF),
        "phone": read_phone(phone),
        # Since 2024 most setups get this in place of the number: the SHA-256 of its twelve digits.
        "phone_hash": phone.lower() if re.fullmatch("[0-9A-Fa-f]{64}", phone) else "",
        "payer": " ".join(filter(None, names)),
    }
