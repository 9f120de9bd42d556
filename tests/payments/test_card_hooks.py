"""Stripe's deliveries: believed when signed, compared with what was asked, booked once."""

import time

import pytest

from payments.models import EventOutcome, PaymentStatus
from payments.simulator.stripe.webhook import sign
from payments.simulator.stripe.wire import STRIPE_WEBHOOK_SECRET
from sales.models import OrderStatus
from tests.builders import make_business
from tests.payments.hooks import (
    card_event,
    intent_for,
    make_account,
    make_card_attempt,
    post_card,
    session_for,
)
from tests.payments.money import events, fresh, make_bill, payments

pytestmark = pytest.mark.django_db
SUCCEEDED = "payment_intent.succeeded"


@pytest.fixture
def account(store):
    return make_account(store, "stripe")


@pytest.fixture
def attempt(store, account):
    return make_card_attempt(make_bill(store, "249.97"), account)


def last():
    return events()[-1]


def test_a_signed_success_pays_the_order_once_however_often_it_is_told(client, account, attempt):
    body = card_event(SUCCEEDED, intent_for(attempt))
    assert {post_card(client, account, body) for _time in range(3)} == {200}
    (payment,) = payments()
    assert (payment.status, payment.transaction_id) == ("successful", f"pi_{attempt.pk.hex}")
    assert (payment.method, payment.account) == ("card", account)
    assert fresh(attempt.order).status == OrderStatus.PAID and len(events()) == 1


def test_two_events_about_one_payment_are_one_payment(client, account, attempt):
    post_card(client, account, card_event("checkout.session.completed", session_for(attempt)))
    post_card(client, account, card_event(SUCCEEDED, intent_for(attempt)))
    assert len(payments()) == 1 and last().outcome == EventOutcome.IGNORED
    assert last().payment == payments()[0] and last().attempt == attempt


def test_the_same_event_in_other_bytes_is_one_delivery(client, account, attempt):
    for number in (1, 2):
        post_card(
            client, account, card_event(SUCCEEDED, intent_for(attempt), id="evt_1", pending_webhooks=number)
        )
    assert len(events()) == 1


@pytest.mark.parametrize(
    "signature",
    ["", "v1=00", "t=1", "t=,v1=", "t=x,v1=00", "v0=00", "rubbish", "t=1,v0=00", "\x00é"],
)
def test_a_missing_or_malformed_signature_is_refused_and_nothing_stored(client, account, attempt, signature):
    body = card_event(SUCCEEDED, intent_for(attempt))
    assert post_card(client, account, body, HTTP_STRIPE_SIGNATURE=signature) == 400
    assert not events() and fresh(attempt).status == "submitted"


@pytest.mark.parametrize("at", [-301, 400, -(10**6)])
def test_an_old_or_early_signature_is_refused(client, account, attempt, at):
    body = card_event(SUCCEEDED, intent_for(attempt))
    assert post_card(client, account, body, at=int(time.time()) + at) == 400
    assert not events()


@pytest.mark.parametrize("minutes", [10, -10])
def test_while_our_clock_is_wrong_it_is_said_and_the_event_is_taken_when_it_comes_again(
    client, account, attempt, later, monkeypatch, caplog, minutes
):
    body = card_event(SUCCEEDED, intent_for(attempt))
    later(minutes=minutes)
    assert post_card(client, account, body) == 400
    assert not events() and "this machine's clock is wrong" in caplog.text
    monkeypatch.undo()  # the clock is put right, and Stripe tries again
    assert post_card(client, account, body) == 200
    assert fresh(attempt.order).status == OrderStatus.PAID and len(payments()) == 1


def test_another_secret_or_one_changed_byte_is_refused_and_said_without_personal_data(
    client, account, attempt, caplog
):
    body = card_event(SUCCEEDED, intent_for(attempt))
    assert post_card(client, account, body, secret="whsec_other") == 400
    signature = sign(body, STRIPE_WEBHOOK_SECRET, at=int(time.time()))
    assert post_card(client, account, body + b" ", HTTP_STRIPE_SIGNATURE=signature) == 400
    assert not events() and "forged" in caplog.text and str(attempt.pk) not in caplog.text
    assert account.hook_token not in caplog.text


def test_either_of_two_secrets_is_right_while_one_is_replaced(client, store, attempt):
    account = attempt.account
    account.secrets = {**account.secrets, "webhook_secrets": f"whsec_new {STRIPE_WEBHOOK_SECRET}"}
    account.save()
    for secret in ("whsec_new", STRIPE_WEBHOOK_SECRET):
        assert post_card(client, account, card_event("customer.created", {}), secret=secret) == 200


@pytest.mark.parametrize("missing", ["webhook_secrets", "secret_key"])
def test_without_a_secret_nothing_is_believed(client, account, attempt, missing, caplog):
    account.secrets = {**account.secrets, missing: ""}
    account.save()
    assert post_card(client, account, card_event(SUCCEEDED, intent_for(attempt))) == 503
    assert not events() and "cannot verify deliveries" in caplog.text


@pytest.mark.parametrize(
    "change",
    [{"amount_received": 24996}, {"amount_received": 100}, {"amount_received": 25000}],
)
def test_another_amount_is_kept_and_pays_nothing(client, account, attempt, change):
    post_card(client, account, card_event(SUCCEEDED, intent_for(attempt, **change)))
    assert fresh(attempt.order).status == OrderStatus.PENDING
    assert payments()[-1].is_unmatched and last().outcome == EventOutcome.APPLIED


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "jpy"},
        {"currency": "eur"},
        {"livemode": True},
        {"metadata": {}},
        {"metadata": {"key": "attempt-1"}},
        {"metadata": {"key": "00000000-0000-0000-0000-000000000000"}},
        {"amount_received": None},
        {"status": "processing"},
    ],
)
def test_what_does_not_match_is_for_a_person_to_look_at(client, account, attempt, change):
    values = {"livemode": True} if "livemode" in change else {}
    post_card(client, account, card_event(SUCCEEDED, intent_for(attempt, **change), **values))
    assert last().outcome == EventOutcome.REVIEW and last().reason
    assert [each.status for each in payments()] == [PaymentStatus.PENDING]
    assert fresh(attempt.order).status == OrderStatus.PENDING


def test_the_attempt_of_another_business_is_not_paid(client, store, attempt):
    other = make_account(make_business(), "stripe", identifier="acct_2")
    post_card(client, other, card_event(SUCCEEDED, intent_for(attempt)))
    assert last().outcome == EventOutcome.REVIEW and fresh(attempt).status == "submitted"


def test_a_try_that_failed_is_not_the_end(client, account, attempt):
    failed = intent_for(attempt, status="requires_payment_method", amount_received=0)
    post_card(client, account, card_event("payment_intent.payment_failed", failed))
    assert last().outcome == EventOutcome.IGNORED and fresh(attempt).status == "submitted"
    post_card(client, account, card_event(SUCCEEDED, intent_for(attempt)))
    assert fresh(attempt.order).status == OrderStatus.PAID


@pytest.mark.parametrize("kind", ["payment_intent.payment_failed", "payment_intent.canceled"])
def test_nothing_follows_success(client, account, attempt, kind):
    post_card(client, account, card_event(SUCCEEDED, intent_for(attempt)))
    post_card(client, account, card_event(kind, intent_for(attempt, status="canceled", amount_received=0)))
    assert last().outcome == EventOutcome.IGNORED
    assert fresh(attempt).status == "succeeded" and fresh(attempt.order).status == OrderStatus.PAID


def test_a_page_that_ran_out_fails_and_late_money_still_counts(client, account, attempt):
    expired = session_for(attempt, payment_status="unpaid", status="expired", payment_intent=None)
    post_card(client, account, card_event("checkout.session.expired", expired))
    assert fresh(attempt).status == "failed"
    post_card(client, account, card_event(SUCCEEDED, intent_for(attempt)))
    assert fresh(attempt).is_late and fresh(attempt.order).status == OrderStatus.PAID


@pytest.mark.parametrize(
    "body",
    [
        lambda a: card_event("invoice.paid", {"object": "invoice"}),
        lambda a: card_event(SUCCEEDED, intent_for(a), account="acct_other"),
        lambda a: card_event("v1.billing.meter", {}, object="v2.core.event"),
    ],
)
def test_what_does_not_concern_us_is_taken_and_left_alone(client, account, attempt, body):
    assert post_card(client, account, body(attempt)) == 200
    assert last().outcome == EventOutcome.IGNORED and fresh(attempt).status == "submitted"


def test_a_dispute_is_shown_to_a_person_with_its_payment(client, account, attempt):
    post_card(client, account, card_event(SUCCEEDED, intent_for(attempt)))
    dispute = {
        "id": "du_1",
        "object": "dispute",
        "amount": 24997,
        "charge": "ch_1",
        "currency": "kes",
        "payment_intent": f"pi_{attempt.pk.hex}",
        "reason": "fraudulent",
        "status": "needs_response",
    }
    for kind, words in [
        ("charge.dispute.created", "asks"),
        ("charge.dispute.funds_withdrawn", "has taken KES 249.97 back"),
        ("charge.dispute.funds_reinstated", "stays here"),
    ]:
        post_card(client, account, card_event(kind, dispute))
        assert last().outcome == EventOutcome.REVIEW and words in last().reason
        assert last().payment == payments()[0]
    assert fresh(attempt.order).status == OrderStatus.PAID


def test_a_claim_above_what_is_trusted_waits_until_stripe_was_asked(client, account, attempt):
    account.trusted_up_to = 0
    account.save()
    post_card(client, account, card_event(SUCCEEDED, intent_for(attempt)))
    assert last().outcome == EventOutcome.WAITING and "Stripe is being asked" in last().reason
    assert fresh(attempt).next_look_at and fresh(attempt.order).status == OrderStatus.PENDING


@pytest.mark.parametrize("size, status", [(256 * 1024 + 1, 413), (256 * 1024, 400)])
def test_a_long_body_is_refused(client, account, size, status):
    assert post_card(client, account, b" " * size, HTTP_STRIPE_SIGNATURE="t=1,v1=00") == status
