"""Builders for what comes to the address of an account."""

import json
import time

from django.core.signals import request_finished
from django.db import close_old_connections

from payments.models import PaymentAttempt, ProviderAccount
from payments.services.accounts import save_account
from payments.services.attempts import callback_token, hash_token
from payments.services.settlement import create_payment
from payments.simulator.stripe.webhook import event_body, new_event, sign
from payments.simulator.stripe.wire import STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET
from tests.payments.daraja import make_confirmation
from tests.payments.money import fresh

SECRETS = {
    "mpesa": {},
    "stripe": {"secret_key": STRIPE_SECRET_KEY, "webhook_secrets": STRIPE_WEBHOOK_SECRET},
    "paypal": {"client_id": "id", "client_secret": "secret", "webhook_id": "WEBHOOK"},
}
IDENTIFIERS = {"mpesa": "600966", "stripe": "acct_1", "paypal": "MERCHANT"}


def make_account(business, provider="mpesa", new_secrets=None, **values):
    """An account that trusts every delivery, as the sandbox of the provider."""
    defaults = {"identifier": IDENTIFIERS[provider], "is_live": False, "trusted_up_to": 1_000_000}
    account = ProviderAccount(business=business, provider=provider, name=provider, **{**defaults, **values})
    return save_account(account, by=None, new_secrets=SECRETS[provider] | (new_secrets or {}))


def make_card_attempt(order, account, **values):
    """A payment page that the customer was sent."""
    payment = create_payment(order, amount=order.total_amount, method="card", by=None)
    defaults = {
        "amount_requested": order.total_amount,
        "worth": order.total_amount,
        "currency": order.currency,
        "status": "submitted",
        "checkout_request_id": f"cs_{payment.pk.hex}",
    }
    attempt = PaymentAttempt(
        business_id=order.business_id,
        payment=payment,
        order=order,
        provider=account.provider,
        account=account,
        **{**defaults, **values},
    )
    attempt.token_hash = hash_token(callback_token(attempt.pk))
    attempt.save()
    return fresh(attempt)


def intent_for(attempt, **values):
    return {
        "id": f"pi_{attempt.pk.hex}",
        "object": "payment_intent",
        "amount": int(attempt.amount_requested * 100),
        "amount_received": int(attempt.amount_requested * 100),
        "currency": attempt.currency.lower(),
        "livemode": False,
        "metadata": {"key": str(attempt.pk)},
        "status": "succeeded",
    } | values


def session_for(attempt, **values):
    return {
        "id": attempt.checkout_request_id,
        "object": "checkout.session",
        "amount_total": int(attempt.amount_requested * 100),
        "currency": attempt.currency.lower(),
        "livemode": False,
        "metadata": {"key": str(attempt.pk)},
        "payment_intent": f"pi_{attempt.pk.hex}",
        "payment_status": "paid",
        "status": "complete",
    } | values


def card_event(kind, thing, **values):
    return event_body(new_event(kind, thing) | values)


def post_card(client, account, body, *, secret=STRIPE_WEBHOOK_SECRET, at=None, **headers):
    """Deliver as Stripe does. Returns the HTTP status."""
    signature = sign(body, secret, at=int(time.time()) if at is None else at)
    headers = {"HTTP_STRIPE_SIGNATURE": signature, **headers}
    return client.post(
        f"/hooks/card/{account.hook_token}/", body, content_type="application/json", **headers
    ).status_code


def confirmation(**values):
    """A till payment of KES 250 that names no order."""
    return make_confirmation(**{"TransAmount": "250.00", "BillRefNumber": "", **values})


def post_till(client, account, body, word="till"):
    """Deliver as Safaricom does. Returns the answer."""
    return client.post(f"/hooks/{word}/{account.hook_token}/", body, content_type="application/json")


def as_json(answer):
    return json.loads(answer.content)


def sent(answer):
    """Let the last byte of an answer be sent, and keep the test's connection, as Django's client does."""
    request_finished.disconnect(close_old_connections)
    try:
        answer.close()
    finally:
        request_finished.connect(close_old_connections)
