"""What PayPal tells about money that goes back: refunds, reversals by a bank, disputes."""

import re
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from payments.gateways.gateway import Kind, Notice, State
from payments.gateways.paypal.currencies import read_money
from payments.gateways.paypal.issues import explain_issue
from payments.gateways.paypal.notices import read_moved
from payments.gateways.paypal.orders import MONEY_STATES
from payments.gateways.paypal.text import identifier, objects, part, word

CAPTURE_LINK = re.compile(r"/captures?/([A-Za-z0-9-]{1,64})$")

NO_ORIGINAL = gettext_noop("The delivery does not say which payment goes back.")

# How a dispute ended: PAID when the customer has the money back, FAILED when the business keeps it.
DISPUTE_OUTCOMES = {
    "RESOLVED_BUYER_FAVOUR": State.PAID,
    "ACCEPTED": State.PAID,
    "RESOLVED_SELLER_FAVOUR": State.FAILED,
    "RESOLVED_WITH_PAYOUT": State.FAILED,
    "CANCELED_BY_BUYER": State.FAILED,
    "DENIED": State.FAILED,
}


def read_refund(name: str, refund: dict[str, Any]) -> Notice:
    """Money went back by the business's wish. The running total of the payment is in `text`."""
    status, original = word(refund.get("status")), _capture_of(refund)
    total, currency = read_money(part(refund, "seller_payable_breakdown", "total_refunded_amount"))
    so_far = _("PayPal says that %(currency)s %(total)s of this payment went back so far.")
    notice = read_moved(Kind.REFUND, MONEY_STATES.get(status, State.UNKNOWN), refund)
    return replace(
        notice,
        account=identifier(part(refund, "payer", "merchant_id")),
        original_receipt=original,
        code=status,
        text=so_far % {"currency": currency, "total": total} if total else explain_issue(status),
        problems=notice.problems + (NO_ORIGINAL,) * (not original),
    )


def read_reversal(name: str, resource: dict[str, Any]) -> Notice:
    """A bank took money back. What is told of is a refund of a capture, or the capture itself."""
    return replace(
        read_moved(Kind.DISPUTE, State.PAID, resource),
        key="",
        account=identifier(part(resource, "payee", "merchant_id")),
        original_receipt=_capture_of(resource) or identifier(resource.get("id")),
        code="CAPTURE_REVERSED",
        text=explain_issue("CAPTURE_REVERSED"),
    )


def read_dispute(name: str, dispute: dict[str, Any]) -> Notice:
    """A customer or a bank argues about a payment; its receipt is the number of the dispute."""
    outcome = word(part(dispute, "dispute_outcome", "outcome_code"))
    about = next(iter(objects(dispute, "disputed_transactions")), {})
    original = identifier(about.get("seller_transaction_id"))
    amount, currency = read_money(dispute.get("dispute_amount"))
    open_or_unclear = State.UNKNOWN if name.endswith(".RESOLVED") else State.PENDING
    return Notice(
        Kind.DISPUTE,
        DISPUTE_OUTCOMES.get(outcome, open_or_unclear),
        account=identifier(part(about, "seller", "merchant_id")),
        amount=amount,
        currency=currency,
        receipt=identifier(dispute.get("dispute_id")),
        original_receipt=original,
        code=outcome or word(dispute.get("reason")),
        text=explain_issue("DISPUTE"),
        problems=() if original else (NO_ORIGINAL,),
    )


def _capture_of(refund: dict[str, Any]) -> str:
    """Return the id of the capture that a refund belongs to, which only its link upwards tells."""
    for link in objects(refund, "links"):
        if link.get("rel") == "up" and isinstance(link.get("href"), str):
            found = CAPTURE_LINK.search(link["href"])
            return found[1] if found else ""
    return ""
