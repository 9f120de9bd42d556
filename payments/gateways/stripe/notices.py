"""Notices of money that we asked for: a payment page, and the payment on it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from payments.gateways.gateway import Kind, Notice, State
from payments.gateways.stripe.amounts import from_units
from payments.gateways.stripe.errors import explain_code, read_error
from payments.gateways.stripe.fields import read_code, read_currency, read_id, read_key, read_moment

NO_AMOUNT = gettext_noop("Stripe says paid, but the amount or the currency is missing or malformed.")
NO_RECEIPT = gettext_noop("Stripe says paid, but does not name the payment.")
NO_KEY = gettext_noop("The payment does not carry our key: it was not asked for from here.")
NOT_SUCCEEDED = gettext_noop("The delivery says paid, yet the payment in it has not succeeded.")
NOTHING_TO_PAY = gettext_noop("The payment page was completed without a payment.")
ODD_DATE = gettext_noop("The date of the payment is missing or impossible; the time of arrival is used.")

INTENT_STATES = {"payment_intent.succeeded": State.PAID, "payment_intent.canceled": State.FAILED}

Event = dict[str, Any]
Thing = dict[str, Any]


def intent_notice(event: Event, intent: Thing, received_at: datetime) -> Notice:
    """Read a PaymentIntent. One that failed is still pending: the customer may try again, and succeed."""
    state = INTENT_STATES.get(event["type"], State.PENDING)
    notice = _attempt(event, intent, received_at, state, units=intent.get("amount_received"), paid_by=intent)
    notice = replace(notice, second_reference=read_id(intent))
    if state == State.PAID:
        wrong = (NOT_SUCCEEDED,) * (intent.get("status") != "succeeded")
        return replace(notice, code="succeeded", problems=notice.problems + wrong)
    if state == State.FAILED:
        code = read_code(intent.get("cancellation_reason")) or "canceled"
        return replace(notice, code=code, text=explain_code(code))
    code, text = read_error(intent.get("last_payment_error"))
    return replace(notice, code=code or read_code(intent.get("status")), text=text)


def session_notice(event: Event, session: Thing, received_at: datetime) -> Notice:
    """Read a hosted payment page. Completed is not paid: some ways to pay take days, and may fail then."""
    status, ending = session.get("payment_status"), event["type"].rpartition(".")[2]
    state = State.PAID if status == "paid" else State.PENDING
    if ending in ("expired", "async_payment_failed"):
        state = State.FAILED
    intent = session.get("payment_intent")
    notice = _attempt(event, session, received_at, state, units=session.get("amount_total"), paid_by=intent)
    nothing = (NOTHING_TO_PAY,) * (state == State.PENDING and status != "unpaid")
    return replace(
        notice,
        reference=read_id(session),
        second_reference=read_id(intent),
        code=ending,
        text=explain_code(ending) if state == State.FAILED else "",
        problems=notice.problems + nothing,
    )


def _attempt(
    event: Event, thing: Thing, received_at: datetime, state: State, *, units: object, paid_by: object
) -> Notice:
    """Return what is told of money asked for. Amount, receipt and date are only of money that moved."""
    key = read_key(thing)
    problems = (NO_KEY,) * (not key)
    if state != State.PAID:
        return Notice(Kind.ATTEMPT, state, key=key, problems=problems)
    currency, receipt = read_currency(thing.get("currency")), read_id(paid_by)
    amount = from_units(units, currency) or None
    paid_at = read_moment(event.get("created"), received_at=received_at)
    return Notice(
        Kind.ATTEMPT,
        state,
        key=key,
        amount=amount,
        currency=currency,
        receipt=receipt,
        paid_at=paid_at,
        problems=problems + (NO_AMOUNT,) * (amount is None) + (NO_RECEIPT,) * (not receipt),
        remarks=(ODD_DATE,) * (paid_at is None),
    )
