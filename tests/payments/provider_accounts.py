"""Builders for a business's own accounts at providers, and for what happens there."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

from payments.models import PaymentAttempt, Provider, ProviderAccount
from payments.services.accounts import save_account
from payments.services.attempts import request_payment
from payments.services.links import request_link
from payments.services.looking import look_after
from payments.services.prompts import send_attempt
from payments.simulator.callback import callback_body
from tests.payments.money import PHONE, deliver, fresh

serial = count(1)
QUOTES = {Provider.PAYPAL: {"quote_currency": "USD", "quote_rate": Decimal("129.50")}}


def make_account(business, provider=Provider.MPESA, **values):
    """An account whose claims of money are never believed without asking, unless values say otherwise."""
    defaults = {"name": "Main", "identifier": f"60{next(serial):04d}", "is_live": False}
    account = ProviderAccount(
        business=business, provider=provider, **defaults | QUOTES.get(provider, {}) | values
    )
    return save_account(account, by=None)


def prompted(order, safaricom):
    """Put a prompt on the customer's phone. Returns the attempt and the prompt; its answer may be lost."""
    attempt = request_payment(order, phone=PHONE, by=None)
    send_attempt(attempt.pk)
    return fresh(attempt), safaricom.prompts[-1]


def linked(order, provider):
    """Have a link made. Returns the attempt."""
    attempt = request_link(order, provider=provider, by=None)
    send_attempt(attempt.pk)
    return fresh(attempt)


def answer(prompt, choice="pin"):
    """Let the customer answer; Safaricom knows, and its callback is lost on the way."""
    prompt.answer(choice)
    assert prompt.delivered.wait(5)


def tell(attempt, prompt):
    """Deliver Safaricom's callback after all. Returns the event."""
    return deliver(attempt, callback_body(prompt))


def look(attempt):
    """Ask the provider, however short ago it was asked. Returns the attempt."""
    rested = {"looked_at": None, "next_look_at": None}
    PaymentAttempt._base_manager.filter(pk=attempt.pk).update(**rested)
    look_after(attempt.pk)
    return fresh(attempt)


def long_ago(attempt, **delta):
    """Let so much time have passed since an attempt was sent."""
    moment = fresh(attempt).created_at - timedelta(**delta)
    PaymentAttempt._base_manager.filter(pk=attempt.pk).update(sent_at=moment)
