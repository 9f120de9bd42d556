"""Builders for money: prompts on a phone, and the deliveries that end them."""

from decimal import Decimal

from payments.models import EventOutcome, Payment, PaymentAttempt, WebhookEvent
from payments.services.attempts import callback_token, mark_submitted, request_payment
from payments.services.events import process_event, record_event
from tests.builders import make_order, make_product
from tests.payments.daraja import DETAILS, make_callback, until

PHONE = "254712345678"


def make_bill(business, total="250.00", **values):
    """A pending order that costs `total`."""
    product = make_product(business, price=Decimal(total))
    return make_order(business, [(product, 1)], **values)


def ask(order, by=None, submitted=True):
    """Ask for the order's money; Safaricom has taken the prompt unless submitted=False."""
    attempt = request_payment(order, phone=PHONE, by=by)
    if submitted:
        mark_submitted(attempt, **ids_for(attempt))
    return fresh(attempt)


def ids_for(attempt):
    return {"merchant_request_id": f"m-{attempt.pk}", "checkout_request_id": f"ws_CO_{attempt.pk}"}


def body_for(attempt, receipt="NLJ7RT61SV", items=None, **values):
    """A callback for the attempt: paid in full unless the parts say otherwise."""
    details = {**DETAILS, "Amount": int(attempt.amount_requested), "MpesaReceiptNumber": receipt}
    details |= {"PhoneNumber": int(attempt.phone), **(items or {})}
    ids = {"MerchantRequestID": f"m-{attempt.pk}", "CheckoutRequestID": f"ws_CO_{attempt.pk}"}
    listed = [{"Name": name, "Value": value} for name, value in details.items() if value is not ...]
    return make_callback(listed, **{**ids, **values})


def failure_for(attempt, code=1032):
    return body_for(attempt, ResultCode=code, ResultDesc="no", CallbackMetadata=...)


def deliver(attempt, body):
    """Store and apply a delivery. Returns the event."""
    return process_event(record_event(attempt, body=body))


def pay(attempt, receipt="NLJ7RT61SV", **parts):
    return deliver(attempt, body_for(attempt, receipt, **parts))


def hook(attempt):
    return f"/hooks/lnm/{callback_token(attempt.pk)}/"


def fresh(row):
    return type(row)._base_manager.get(pk=row.pk)


def payments():
    return list(Payment._base_manager.order_by("created_at"))


def events():
    return list(WebhookEvent._base_manager.order_by("pk"))


def until_decided():
    """Wait for a server that has answered, and decides what it was told."""
    until(lambda: all(event.outcome != EventOutcome.WAITING for event in events()), seconds=20)


def attempts():
    return list(PaymentAttempt._base_manager.order_by("created_at"))
