"""What PayPal's webhooks tell: one event, read into a Notice.

What is read here is a claim even when PayPal signed it: the caller compares it with what was asked. Shapes
are those of PayPal's reference and of events that integrators published.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from payments.gateways.gateway import Kind, Notice, State, Unreadable
from payments.gateways.paypal.notices import (
    CAPTURE_EVENTS,
    read_approval_reversed,
    read_capture,
    read_order_event,
)
from payments.gateways.paypal.returns import read_dispute, read_refund, read_reversal
from payments.gateways.paypal.text import identifier, moment, word
from payments.gateways.strict_json import read_json

MAX_BYTES = 256 * 1024

OTHER_MERCHANT = gettext_noop("This is about another PayPal account than that of the business.")


READERS: dict[str, Callable[[str, dict[str, Any]], Notice]] = {
    "CHECKOUT.ORDER.APPROVED": read_order_event,
    "CHECKOUT.ORDER.COMPLETED": read_order_event,
    "CHECKOUT.PAYMENT-APPROVAL.REVERSED": read_approval_reversed,
    **dict.fromkeys(CAPTURE_EVENTS, read_capture),
    "PAYMENT.CAPTURE.REFUNDED": read_refund,
    "PAYMENT.CAPTURE.REVERSED": read_reversal,
}


def read_event(body: bytes, *, received_at: datetime, merchant_id: str = "") -> Notice:
    """Read the raw body of a delivery; raise Unreadable, and nothing else, when it is not an event.

    An `account` other than `merchant_id` is a problem; where either is not known they are not compared.
    """
    event = _open(body)
    name, resource = word(event.get("event_type")), event.get("resource")
    read = READERS.get(name) or (read_dispute if name.startswith("CUSTOMER.DISPUTE.") else None)
    if read is None:
        return Notice(Kind.OTHER, event_id=identifier(event["id"]), code=name)
    if not isinstance(resource, dict):
        raise Unreadable("resource is not an object")
    notice = replace(read(name, resource), event_id=identifier(event["id"]))
    if notice.state == State.PAID:
        told = resource.get("update_time") or resource.get("create_time")
        notice = replace(notice, paid_at=moment(told, latest=received_at) or received_at)
    if merchant_id and notice.account not in ("", merchant_id):
        notice = replace(notice, problems=(*notice.problems, OTHER_MERCHANT))
    return notice


def _open(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BYTES:
        raise Unreadable("longer than 256 KiB")
    try:
        event = read_json(body)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    if not isinstance(event, dict):
        raise Unreadable("not an object")
    if not identifier(event.get("id")):
        raise Unreadable("id is missing or malformed")
    if not word(event.get("event_type")):
        raise Unreadable("event_type is missing or malformed")
    return event
