"""What PayPal tells about money that was asked for: of an order, or of the capture of its money."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_noop

from payments.gateways.gateway import Kind, Notice, State
from payments.gateways.paypal.currencies import read_money
from payments.gateways.paypal.issues import explain_issue
from payments.gateways.paypal.orders import MONEY_STATES, read_order
from payments.gateways.paypal.text import identifier, objects, our_key, part, word

NO_AMOUNT = gettext_noop("The delivery tells of money, but the amount is missing or is not money.")
NO_RECEIPT = gettext_noop("The delivery tells of money, but its number is missing or malformed.")
TWO_STATES = gettext_noop("The name of the delivery and its content disagree on how the money stands.")

CAPTURE_EVENTS = {
    "PAYMENT.CAPTURE.COMPLETED": State.PAID,
    "PAYMENT.CAPTURE.PENDING": State.PENDING,
    "PAYMENT.CAPTURE.DENIED": State.FAILED,
    "PAYMENT.CAPTURE.DECLINED": State.FAILED,
}


def read_order_event(name: str, order: dict[str, Any]) -> Notice:
    """An order was approved or completed: the captures in it, if any, tell how the money stands."""
    standing, unit = read_order(order), next(iter(objects(order, "purchase_units")), {})
    amount, currency = standing.amount, standing.currency
    if amount is None:
        amount, currency = read_money(unit.get("amount"))
    return Notice(
        Kind.ATTEMPT,
        standing.state,
        key=our_key(unit.get("custom_id")),
        reference=standing.reference,
        account=identifier(part(unit, "payee", "merchant_id")),
        amount=amount,
        currency=currency,
        receipt=standing.receipt,
        code=standing.code,
        text=standing.text,
    )


def read_approval_reversed(name: str, resource: dict[str, Any]) -> Notice:
    """The customer agreed, and nobody collected the money in time."""
    unit = next(iter(objects(resource, "purchase_units")), {})
    amount, currency = read_money(unit.get("amount"))
    return Notice(
        Kind.ATTEMPT,
        State.FAILED,
        key=our_key(unit.get("custom_id")),
        reference=identifier(resource.get("order_id")) or identifier(resource.get("id")),
        account=identifier(part(unit, "payee", "merchant_id")),
        amount=amount,
        currency=currency,
        code="REVERSED",
        text=explain_issue("REVERSED"),
    )


def read_capture(name: str, capture: dict[str, Any]) -> Notice:
    """Money came, is held back, or did not come: name and status must say the same."""
    status = word(capture.get("status"))
    state = MONEY_STATES.get(status, State.UNKNOWN)
    agrees = state == CAPTURE_EVENTS[name]
    reason = word(part(capture, "status_details", "reason")) if state != State.PAID else ""
    code = reason or status or "no_answer"
    notice = read_moved(Kind.ATTEMPT, state if agrees else State.UNKNOWN, capture)
    return replace(
        notice,
        reference=identifier(part(capture, "supplementary_data", "related_ids", "order_id")),
        account=identifier(part(capture, "payee", "merchant_id")),
        code=code,
        text=explain_issue(code),
        problems=notice.problems if agrees else (TWO_STATES,),
    )


def read_moved(kind: Kind, state: State, thing: dict[str, Any]) -> Notice:
    """Read what captures, refunds and reversals have in common."""
    receipt, (amount, currency) = identifier(thing.get("id")), read_money(thing.get("amount"))
    problems: tuple[str, ...] = ()
    if state == State.PAID:
        problems = (NO_AMOUNT,) * (amount is None) + (NO_RECEIPT,) * (not receipt)
    return Notice(
        kind,
        state,
        key=our_key(thing.get("custom_id")),
        amount=amount,
        currency=currency,
        receipt=receipt,
        problems=problems,
    )
