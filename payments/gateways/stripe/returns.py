"""Notices of money that goes back: refunds, and disputes by the customer's bank."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from payments.gateways.gateway import Kind, Notice, State
from payments.gateways.stripe.amounts import from_units
from payments.gateways.stripe.errors import explain_dispute
from payments.gateways.stripe.fields import read_code, read_currency, read_id, read_key, read_moment
from payments.gateways.stripe.standing import refund_standing

# Since this version of the interface each refund is told by events of its own.
REFUNDS_TOLD_SINCE = "2024-10-28"

NO_AMOUNT = gettext_noop("Stripe says that money goes back, but the amount is missing or malformed.")
NO_REFUND = gettext_noop("Stripe says that money went back, but does not name the refund.")
NO_ORIGINAL = gettext_noop("The delivery does not say which payment the money is taken from.")

DISPUTE_STATES = {
    "charge.dispute.funds_withdrawn": State.PAID,
    "charge.dispute.funds_reinstated": State.FAILED,
}
DISPUTE_ENDINGS = {"lost": State.PAID, "won": State.FAILED, "warning_closed": State.FAILED}

Event = dict[str, Any]
Thing = dict[str, Any]


def refund_notice(event: Event, refund: Thing, received_at: datetime) -> Notice:
    """Read a refund. It has our key when it was made from here, none when it was made at Stripe."""
    standing = refund_standing(refund)
    original = read_id(refund.get("payment_intent")) or read_id(refund.get("charge"))
    return Notice(
        Kind.REFUND,
        standing.state,
        key=read_key(refund),
        reference=standing.reference,
        amount=standing.amount,
        currency=standing.currency,
        receipt=standing.receipt,
        original_receipt=original,
        paid_at=read_moment(refund.get("created"), received_at=received_at),
        code=standing.code,
        text=standing.text,
        problems=(NO_AMOUNT,) * (not standing.amount) + (NO_ORIGINAL,) * (not original),
    )


def refunded_charge_notice(event: Event, charge: Thing, received_at: datetime) -> Notice:
    """Read a charge of which some more was given back.

    Its amount is the sum of all refunds so far, so the refund in it is read instead, the newest. Where there
    is none, a delivery about the refund itself has come or will; only old versions send no such thing.
    """
    listed = charge.get("refunds")
    refunds = listed.get("data") if isinstance(listed, dict) else None
    named = [one for one in refunds if read_id(one)] if isinstance(refunds, list) else []
    newest = max((one for one in named if isinstance(one, dict)), key=_created, default=None)
    if newest is not None:
        return refund_notice(event, newest, received_at)
    version = event.get("api_version")
    if isinstance(version, str) and version >= REFUNDS_TOLD_SINCE:
        return Notice(Kind.OTHER, code=event["type"])
    original = read_id(charge.get("payment_intent")) or read_id(charge)
    return Notice(Kind.REFUND, original_receipt=original, code=event["type"], problems=(NO_REFUND,))


def _created(thing: Thing) -> int:
    created = thing.get("created")
    return created if type(created) is int else 0


def dispute_notice(event: Event, dispute: Thing, received_at: datetime) -> Notice:
    """Read a dispute: pending while it is open, paid when the bank took the money, failed when we keep it."""
    kind, status = event["type"], read_code(dispute.get("status"))
    state = DISPUTE_STATES.get(kind, State.PENDING)
    if kind == "charge.dispute.closed":
        state = DISPUTE_ENDINGS.get(status, State.UNKNOWN)
    currency = read_currency(dispute.get("currency"))
    amount = from_units(dispute.get("amount"), currency) or None
    original = read_id(dispute.get("payment_intent")) or read_id(dispute.get("charge"))
    return Notice(
        Kind.DISPUTE,
        state,
        amount=amount,
        currency=currency,
        receipt=read_id(dispute),
        original_receipt=original,
        paid_at=read_moment(event.get("created"), received_at=received_at),
        code=status,
        text=explain_dispute(read_code(dispute.get("reason"))),
        problems=(NO_AMOUNT,) * (amount is None) + (NO_ORIGINAL,) * (not original),
    )
