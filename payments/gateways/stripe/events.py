"""What Stripe posts to the webhook, read into notices.

An event is a picture of an object at one moment. Events come in any order, more than once, and several tell
of the same money: its receipt is the PaymentIntent's id in all of them, that of a refund its own id.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from payments.gateways.gateway import Kind, Notice, Unreadable
from payments.gateways.strict_json import read_json
from payments.gateways.stripe.fields import read_code, read_id
from payments.gateways.stripe.notices import intent_notice, session_notice
from payments.gateways.stripe.returns import dispute_notice, refund_notice, refunded_charge_notice

MAX_BYTES = 256 * 1024
WRONG_MODE = gettext_noop(
    "The delivery is of Stripe's other mode: test where live is expected, or live for test."
)

Reader = Callable[[dict[str, Any], dict[str, Any], datetime], Notice]

# type: (the object it must carry, how that is read)
READERS: dict[str, tuple[str, Reader]] = {
    **dict.fromkeys(
        (
            "payment_intent.succeeded",
            "payment_intent.processing",
            "payment_intent.requires_action",
            "payment_intent.amount_capturable_updated",
            "payment_intent.payment_failed",
            "payment_intent.canceled",
        ),
        ("payment_intent", intent_notice),
    ),
    **dict.fromkeys(
        (
            "checkout.session.completed",
            "checkout.session.async_payment_succeeded",
            "checkout.session.async_payment_failed",
            "checkout.session.expired",
        ),
        ("checkout.session", session_notice),
    ),
    **dict.fromkeys(
        ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"),
        ("refund", refund_notice),
    ),
    "charge.refunded": ("charge", refunded_charge_notice),
    **dict.fromkeys(
        (
            "charge.dispute.created",
            "charge.dispute.updated",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.funds_reinstated",
            "charge.dispute.closed",
        ),
        ("dispute", dispute_notice),
    ),
}


def read_event(raw: bytes, *, live: bool, received_at: datetime) -> Notice:
    """Read the body of a delivery; raise Unreadable, and nothing else, when it is not an event of Stripe's.

    Types that do not concern us, events without the object itself, and those of other accounts are
    Kind.OTHER.
    """
    event = _open_event(raw)
    event_id, kind = read_id(event), read_code(event.get("type"))
    if not event_id or not kind:
        raise Unreadable("id or type is missing or malformed")
    if event.get("object") != "event" or event.get("account") or kind not in READERS:
        return Notice(Kind.OTHER, event_id=event_id, code=kind)
    expected, read = READERS[kind]
    data = event.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    if not isinstance(thing, dict) or thing.get("object") != expected or not read_id(thing):
        raise Unreadable(f"the event carries no {expected}")
    notice = replace(read(event, thing, received_at), event_id=event_id)
    if event.get("livemode") is not live:
        return replace(notice, problems=(*notice.problems, WRONG_MODE))
    return notice


def _open_event(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_BYTES:
        raise Unreadable("longer than 256 KiB")
    try:
        event = read_json(raw)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    if not isinstance(event, dict):
        raise Unreadable("not an object")
    return event
