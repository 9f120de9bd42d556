"""What the tests of card payments start from."""

import json
import time
from datetime import UTC, datetime
from decimal import Decimal

from payments.gateways.gateway import Ask, RefundAsk
from payments.gateways.stripe import StripeConfig, StripeGateway
from payments.simulator.stripe.webhook import event_body, new_event, sign
from payments.simulator.stripe.wire import STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

INTENT = {
    "id": "pi_3Abc",
    "object": "payment_intent",
    "amount": 24997,
    "amount_received": 24997,
    "currency": "kes",
    "livemode": False,
    "metadata": {"key": "attempt-1"},
    "status": "succeeded",
}
SESSION = {
    "id": "cs_test_abc",
    "object": "checkout.session",
    "amount_total": 24997,
    "currency": "kes",
    "livemode": False,
    "metadata": {"key": "attempt-1"},
    "payment_intent": "pi_3Abc",
    "payment_status": "paid",
    "status": "complete",
}
REFUND = {
    "id": "re_3Abc",
    "object": "refund",
    "amount": 10000,
    "charge": "ch_3Abc",
    "created": 1772366300,
    "currency": "kes",
    "metadata": {"key": "refund-1"},
    "payment_intent": "pi_3Abc",
    "status": "succeeded",
}
CHARGE = {
    "id": "ch_3Abc",
    "object": "charge",
    "amount": 24997,
    "amount_refunded": 10000,
    "currency": "kes",
    "payment_intent": "pi_3Abc",
}
DISPUTE = {
    "id": "du_1Abc",
    "object": "dispute",
    "amount": 24997,
    "charge": "ch_3Abc",
    "currency": "kes",
    "payment_intent": "pi_3Abc",
    "reason": "product_not_received",
    "status": "needs_response",
}


def make_gateway(simulator=None, **values):
    """Return a gateway for the simulator, or for nobody."""
    defaults = {
        "secret_key": STRIPE_SECRET_KEY,
        "webhook_secrets": (STRIPE_WEBHOOK_SECRET,),
        "live": False,
        "read_timeout": 5,
    }
    if simulator:
        defaults |= {"base_url": f"{simulator.url}/stripe", "allow_http": True}
    return StripeGateway(StripeConfig(**defaults | values))


def make_ask(**values):
    defaults = {
        "key": "attempt-1",
        "amount": Decimal("249.97"),
        "currency": "KES",
        "reference": "R-0042",
        "description": "Water",
        "return_url": "https://shop.example.com/thanks",
    }
    return Ask(**defaults | values)


def make_refund(receipt, **values):
    defaults = {
        "key": "refund-1",
        "receipt": receipt,
        "amount": Decimal("100"),
        "currency": "KES",
        "is_whole": False,
        "reason": "One bottle leaked",
    }
    return RefundAsk(**defaults | values)


def make_event(kind, thing, change=None, **values):
    """Return the bytes of an event with some of the object's fields changed, and some of its own."""
    event = new_event(kind, thing | (change or {})) | {"created": int(NOW.timestamp()) - 60}
    return event_body(event | values)


def read(kind, thing, change=None, *, live=False, **values):
    key = "sk_live_simulator" if live else STRIPE_SECRET_KEY
    gateway = make_gateway(live=live, secret_key=key)
    return gateway.read(make_event(kind, thing, change, **values), received_at=NOW)


def signed(body, *, secret=STRIPE_WEBHOOK_SECRET, at=None):
    """Return the headers of a delivery."""
    return {"Stripe-Signature": sign(body, secret, at=int(time.time()) if at is None else at)}


def as_json(thing):
    return json.dumps(thing).encode("utf-8", "surrogatepass")
