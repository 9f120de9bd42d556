"""How money stands, from the objects that Stripe answers with."""

from typing import Any

from payments.gateways.gateway import Standing, State
from payments.gateways.stripe.amounts import from_units
from payments.gateways.stripe.errors import explain_code, read_error
from payments.gateways.stripe.fields import read_code, read_currency, read_id

REFUND_STATES = {
    "succeeded": State.PAID,
    "pending": State.PENDING,
    "requires_action": State.PENDING,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}


def session_standing(session: dict[str, Any], *, live: bool) -> Standing:
    """Return how a hosted payment page stands; its `payment_intent` must be given in full.

    The money decides, not the page: a page that has expired may have been paid at the last moment. On a page
    that the customer completed there is no second try, so a payment without a method has failed there.
    """
    intent, status = session.get("payment_intent"), session.get("status")
    if isinstance(intent, dict):
        standing = intent_standing(intent, live=live)
        is_over = status == "complete" and intent.get("status") == "requires_payment_method"
        if standing.state == State.PENDING and is_over:
            return Standing(
                State.FAILED,
                code=standing.code or "async_payment_failed",
                text=standing.text or explain_code("async_payment_failed"),
                reference=standing.reference,
            )
        if standing.state != State.PENDING or status != "expired":
            return standing
    if status == "expired":
        return Standing(
            State.FAILED, code="expired", text=explain_code("expired"), reference=read_id(session)
        )
    if status == "open":
        return Standing(State.PENDING, code="open", reference=read_id(session))
    return Standing(State.UNKNOWN, code="unclear", reference=read_id(session))


def intent_standing(intent: dict[str, Any], *, live: bool) -> Standing:
    """Return how a PaymentIntent stands. Paid only with an amount received, in the mode we are in."""
    reference, status = read_id(intent), intent.get("status")
    if status == "succeeded":
        currency = read_currency(intent.get("currency"))
        amount = from_units(intent.get("amount_received"), currency)
        if not amount or not reference or intent.get("livemode") is not live:
            return Standing(State.UNKNOWN, code="unclear", reference=reference)
        return Standing(
            State.PAID, code=status, amount=amount, currency=currency, receipt=reference, reference=reference
        )
    if status == "canceled":
        code = read_code(intent.get("cancellation_reason")) or status
        return Standing(State.FAILED, code=code, text=explain_code(code), reference=reference)
    code, text = read_error(intent.get("last_payment_error"))
    return Standing(State.PENDING, code=code or read_code(status), text=text, reference=reference)


def refund_standing(refund: dict[str, Any]) -> Standing:
    """Return how a refund stands; paid means that the money went back."""
    status, number = read_code(refund.get("status")), read_id(refund)
    currency = read_currency(refund.get("currency"))
    state = REFUND_STATES.get(status, State.UNKNOWN)
    reason = read_code(refund.get("failure_reason")) or status
    return Standing(
        state,
        code=reason if state == State.FAILED else status,
        text=explain_code(reason) if state == State.FAILED else "",
        amount=from_units(refund.get("amount"), currency),
        currency=currency,
        receipt=number,
        reference=number,
    )
