"""Builders for talk with PayPal."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import requests
from django.core.cache.backends.locmem import LocMemCache

from payments.gateways.gateway import Ask, RefundAsk
from payments.gateways.paypal import PaypalConfig, PaypalGateway
from payments.simulator.paypal.answers import PAYPAL_CREDENTIALS

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
serial = count()

CAPTURE = {
    "id": "27M47624FP291604U",
    "status": "COMPLETED",
    "amount": {"currency_code": "USD", "value": "12.50"},
    "custom_id": "attempt-1",
    "payee": {"merchant_id": PAYPAL_CREDENTIALS["merchant_id"]},
    "supplementary_data": {"related_ids": {"order_id": "5O190127TN364715T"}},
    "create_time": "2026-03-02T09:10:00Z",
    "update_time": "2026-03-02T09:20:00Z",
}
REFUND = {
    "id": "1JU08902781691411",
    "status": "COMPLETED",
    "amount": {"currency_code": "USD", "value": "5.00"},
    "custom_id": "refund-1",
    "seller_payable_breakdown": {"total_refunded_amount": {"currency_code": "USD", "value": "7.50"}},
    "links": [
        {"rel": "self", "href": "https://api.paypal.com/v2/payments/refunds/1JU08902781691411"},
        {"rel": "up", "href": "https://api.paypal.com/v2/payments/captures/27M47624FP291604U"},
    ],
}
UNIT = {"custom_id": "attempt-1", "amount": CAPTURE["amount"], "payee": CAPTURE["payee"]}
ORDER = {"id": "5O190127TN364715T", "status": "APPROVED", "purchase_units": [UNIT]}
DISPUTE = {
    "dispute_id": "PP-D-4012",
    "reason": "UNAUTHORISED",
    "dispute_amount": {"currency_code": "USD", "value": "12.50"},
    "disputed_transactions": [{"seller_transaction_id": "27M47624FP291604U"}],
}


def make_gateway(simulator, **values):
    config = {"base_url": simulator.url + "/paypal", "allow_http": True} | PAYPAL_CREDENTIALS | values
    return PaypalGateway(PaypalConfig(**config), LocMemCache(f"paypal-{next(serial)}", {}))


def make_ask(**values):
    return Ask(
        **{
            "key": f"key-{next(serial)}",
            "amount": Decimal("12.50"),
            "currency": "USD",
            "reference": "R-0042",
            "description": "Water",
            "return_url": "http://127.0.0.1:9/back/",
        }
        | values
    )


def make_refund(receipt, **values):
    return RefundAsk(
        **{
            "key": f"refund-{next(serial)}",
            "receipt": receipt,
            "amount": Decimal("5.00"),
            "currency": "USD",
            "is_whole": False,
            "reason": "One bottle leaked",
        }
        | values
    )


def approve(simulator, gateway, choice="approve", **values):
    """Ask for money, let the payer choose, and return the id of the order."""
    asked = gateway.ask(make_ask(**values))
    simulator.paypal.choose(asked.reference, choice)
    return asked.reference


def pay(simulator, gateway, **values):
    """Ask for money and collect it; return the standing."""
    return gateway.capture(approve(simulator, gateway, **values))


def make_event(kind, resource, **values):
    return json.dumps({"id": "WH-1-2", "event_type": kind, "resource": resource} | values).encode()


def read(gateway, kind, resource, **values):
    return gateway.read(make_event(kind, resource, **values), received_at=NOW)


def login(simulator):
    """Return the headers of a call that PayPal takes."""
    answer = requests.post(
        simulator.url + "/paypal/v1/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(PAYPAL_CREDENTIALS["client_id"], PAYPAL_CREDENTIALS["client_secret"]),
        timeout=5,
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def post(simulator, path, body, **headers):
    headers = login(simulator) | {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(f"{simulator.url}/paypal{path}", json=body, headers=headers, timeout=5)
