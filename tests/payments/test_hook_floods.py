"""Many wrong deliveries cost next to nothing and hide no good one; the log tells of nobody."""

import logging

import pytest
from cryptography.fernet import Fernet
from django.core import mail
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from payments.models import EventOutcome
from payments.services import events as service
from payments.services.attempts import callback_token
from payments.services.result_tokens import result_token
from payments.simulator.stripe.wire import STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET
from payments.urls import HOOKS
from sales.models import OrderStatus
from tests.payments.hooks import (
    card_event,
    confirmation,
    intent_for,
    make_account,
    make_card_attempt,
    post_card,
    post_till,
)
from tests.payments.money import PHONE, ask, body_for, events, failure_for, fresh, hook, make_bill
from tests.payments.refunds import make_free, result_for
from tests.payments.test_callback_view import ours
from tests.payments.test_refund_results import sent

pytestmark = pytest.mark.django_db
FLOOD = 200


@pytest.mark.parametrize("word", HOOKS)
def test_a_flood_of_wrong_tokens_is_cheap_and_good_ones_go_through(client, store, word):
    attempt = ask(make_bill(store))
    for number in range(FLOOD):
        path = f"/hooks/{word}/{number:0{64 if word in ('result', 'timeout') else 32}x}/"
        with CaptureQueriesContext(connection) as asked:
            assert post_unread(path) == 404
        assert len(asked) <= 1
    assert not events()
    client.post(hook(attempt), body_for(attempt), content_type="application/json")
    assert fresh(attempt.order).status == OrderStatus.PAID


def post_unread(path):
    """Deliver a body that cannot be read. Returns the HTTP status."""
    request = RequestFactory().post(path, b"x" * 1000, content_type="application/json")
    request.read = None
    found = resolve(path)
    return found.func(request, **found.kwargs).status_code


def test_no_log_line_holds_a_secret_a_phone_or_a_token(client, store, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    card, till = make_account(store, "stripe"), make_account(store)
    page, refund = make_card_attempt(make_bill(store), card), sent(make_free(store))
    attempts = [ask(make_bill(store)) for _number in range(4)]
    bodies = [body_for(attempts[0]), failure_for(attempts[1]), f'{{"{PHONE}'.encode()]
    for attempt, body in zip(attempts, bodies, strict=False):
        client.post(hook(attempt), body, content_type="application/json")
    told = card_event("payment_intent.succeeded", intent_for(page, receipt_email=f"{PHONE}@example.com"))
    assert post_card(client, card, told, secret="whsec_other") == 400
    post_card(client, card, told)
    post_till(client, till, confirmation(MSISDN=PHONE))
    path = f"/hooks/result/{result_token(refund)}/"
    client.post(path, result_for(refund), content_type="application/json")
    monkeypatch.setattr(service, "read_notice", fail_over)
    client.post(hook(attempts[3]), body_for(attempts[3], "OLD7RT61SV"), content_type="application/json")
    post_card(client, card, card_event("payment_intent.succeeded", intent_for(page)))

    assert {event.outcome for event in events()} == {
        EventOutcome.APPLIED,
        EventOutcome.UNREADABLE,
        EventOutcome.ERROR,
    }
    assert "forged" in caplog.text and "could not be applied" in caplog.text
    everything = caplog.text + "".join(repr(record.__dict__) for record in ours(caplog.records))
    secrets = [STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, PHONE, PHONE[3:], "NLJ7RT61SV", "NICHOLAS"]
    tokens = [card.hook_token, till.hook_token, result_token(refund)]
    tokens += [callback_token(attempt.pk) for attempt in [*attempts, page]]
    assert [each for each in secrets + tokens if each in everything] == []


@pytest.mark.parametrize("debug", [False, True])
def test_no_error_page_holds_a_secret_and_that_of_the_office_nothing_at_all(store, settings, caplog, debug):
    """The page on a developer's machine shows the request, and the settings without their secrets."""
    settings.DEBUG = debug
    settings.ADMINS = [("Owner", "owner@example.com")]
    settings.MPESA = settings.MPESA | {"consumer_secret": "guarded-consumer", "passkey": "guarded-passkey"}
    key = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [key]
    attempt, client = ask(make_bill(store)), Client(raise_request_exception=False)
    with connection.execute_wrapper(break_down):
        answer = client.post(hook(attempt), body_for(attempt), content_type="application/json")
    assert answer.status_code == 500 and "RuntimeError" in caplog.text and len(mail.outbox) == (not debug)
    told = answer.text + "".join(message.message().as_string() for message in mail.outbox)
    told += caplog.text + "".join(repr(record.__dict__) for record in ours(caplog.records))
    hidden = ["guarded-", key, settings.SECRET_KEY]
    hidden += [] if debug else [callback_token(attempt.pk), PHONE, PHONE[3:], "NLJ7RT61SV"]
    assert [each for each in hidden if each in told] == []


def fail_over(event):
    raise ValueError(f"{PHONE} in {bytes(event.body)!r}")


def break_down(execute, sql, *values):
    if sql.startswith("INSERT"):
        raise RuntimeError("a bug")
    return execute(sql, *values)
