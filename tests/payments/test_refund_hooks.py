"""What Safaricom, Stripe and PayPal post about refunds: each counts once, and never for more than came."""

from decimal import Decimal

import pytest
from django.urls import reverse

from backoffice.invariants import check_all
from payments.models import EventOutcome, Payment, PaymentMethod, PaymentStatus, Refund, RefundStatus
from payments.services.backoff import PAUSES
from payments.services.payments import match_payment
from payments.services.result_tokens import result_token
from payments.services.settlement import amount_due
from payments.services.sweeping import sweep
from payments.simulator.paypal.answers import PAYPAL_CREDENTIALS
from payments.simulator.paypal.webhooks import write_event
from tests.payments.daraja import make_result
from tests.payments.hooks import card_event, intent_for, make_account, make_card_attempt, post_card
from tests.payments.money import events, fresh, make_bill, payments
from tests.payments.refunds import make_free, refunds, result_for
from tests.payments.test_paypal_hooks import capture_of
from tests.payments.test_paypal_hooks import post as post_paypal
from tests.payments.test_refund_results import sent

pytestmark = pytest.mark.django_db
S = RefundStatus


@pytest.fixture(autouse=True)
def sums_hold(store):
    yield
    assert [each for each in check_all() if not each.holds] == []


def outcomes():
    return [event.outcome for event in events()]


# Stripe


@pytest.fixture
def card(client, store):
    """An account at Stripe and the payment of KES 250 that came by it."""
    account = make_account(store, "stripe")
    attempt = make_card_attempt(make_bill(store), account)
    assert post_card(client, account, card_event("payment_intent.succeeded", intent_for(attempt))) == 200
    return account, payments()[0]


def card_refund(payment, name="re_1", units=10_000, **values):
    return {
        "id": name,
        "object": "refund",
        "amount": units,
        "currency": "kes",
        "payment_intent": payment.transaction_id,
        "metadata": {},
        "status": "succeeded",
    } | values


def test_a_refund_made_at_stripe_is_recorded_once_however_often_it_is_told(client, card):
    account, payment = card
    created = card_event("refund.created", card_refund(payment))
    told = [created, created, card_event("refund.updated", card_refund(payment))]
    assert {post_card(client, account, body) for body in told} == {200}
    assert outcomes() == ["applied", "applied", "ignored"]
    (refund,) = refunds()
    assert (refund.status, refund.amount, refund.receipt) == (S.SUCCEEDED, 100, "re_1")
    assert fresh(payment).status == PaymentStatus.SUCCESSFUL


def test_refunds_at_stripe_beyond_what_came_are_for_a_person(client, card):
    account, payment = card
    for name in ("re_1", "re_2"):
        post_card(client, account, card_event("refund.created", card_refund(payment, name, 20_000)))
    assert outcomes() == ["applied", "applied", "review"] and len(refunds()) == 1
    post_card(client, account, card_event("refund.created", card_refund(payment, "re_3", 5_000)))
    assert events()[-1].outcome == EventOutcome.APPLIED
    assert fresh(payment).status == PaymentStatus.REFUNDED


def test_a_refund_at_stripe_of_an_order_paid_in_part_is_due_again(client, store):
    account, order = make_account(store, "stripe"), make_bill(store, "600.00")
    payment = make_free(store, method=PaymentMethod.CARD, transaction_id="pi_1")
    match_payment(payment, order=order, by=None)
    for _time in range(2):
        post_card(client, account, card_event("refund.created", card_refund(payment)))
    assert outcomes()[0] == "applied" and len(refunds()) == 1
    assert (amount_due(order), fresh(payment).free) == (450, 0)


def test_each_refund_counts_once_whatever_tells_of_it_and_one_that_failed_comes_back(client, card):
    account, payment = card
    first, second = card_refund(payment, "re_1", created=1), card_refund(payment, "re_2", created=2)
    charge = {"id": "ch_1", "object": "charge", "payment_intent": payment.transaction_id, "currency": "kes"}
    for kind, thing in [
        ("charge.refunded", charge | {"amount_refunded": 10_000, "refunds": {"data": [first]}}),
        ("refund.created", first),
        ("refund.updated", first),
        ("refund.created", second),
        ("charge.refunded", charge | {"amount_refunded": 20_000, "refunds": {"data": [second, first]}}),
        ("charge.refunded", charge | {"amount_refunded": 20_000}),
        ("refund.updated", second),
    ]:
        assert post_card(client, account, card_event(kind, thing)) == 200
    assert outcomes()[1:] == ["applied", "ignored", "ignored", "applied", "ignored", "ignored", "ignored"]
    assert [(each.receipt, each.amount) for each in refunds()] == [("re_1", 100), ("re_2", 100)]
    assert given_back(payment) == 200
    for _time in range(2):
        post_card(client, account, card_event("refund.failed", second | {"status": "failed"}))
    assert outcomes()[-2:] == ["applied", "ignored"] and given_back(payment) == 100


def given_back(payment):
    """What an order's money has lost to refunds."""
    return sum(used.refunded for used in fresh(payment).allocations.all())


def test_a_refund_that_is_told_before_its_payment_waits_for_it(client, store, later):
    account = make_account(store, "stripe")
    attempt = make_card_attempt(make_bill(store), account)
    refund = card_refund(Payment(transaction_id=f"pi_{attempt.pk.hex}"), units=25_000)
    assert post_card(client, account, card_event("refund.created", refund)) == 200
    assert outcomes() == ["waiting"] and events()[0].next_try_at and not refunds()
    post_card(client, account, card_event("payment_intent.succeeded", intent_for(attempt)))
    later(minutes=7)
    sweep()
    (payment,) = payments()
    assert outcomes() == ["applied", "applied"] and [each.receipt for each in refunds()] == ["re_1"]
    assert (payment.status, given_back(payment)) == (PaymentStatus.REFUNDED, 250)


def test_a_refund_of_a_payment_that_never_comes_is_for_a_person(client, store, later):
    account = make_account(store, "stripe")
    post_card(client, account, card_event("refund.created", card_refund(Payment(transaction_id="pi_x"))))
    for _pause in PAUSES[1:]:
        assert outcomes() == ["waiting"]
        later(days=1)
        sweep()
    assert outcomes() == ["review"] and "not known" in events()[0].reason


# PayPal


@pytest.fixture
def paypal(client, store, simulator, settings):
    """An account at PayPal and the payment of USD 250 that came by it."""
    settings.PAYMENT_SIMULATOR_URL = simulator.url
    account = make_account(store, "paypal", identifier=PAYPAL_CREDENTIALS["merchant_id"])
    values = {"currency": "USD", "checkout_request_id": "5O190127TN364715T"}
    attempt = make_card_attempt(make_bill(store), account, **values)
    body = write_event("PAYMENT.CAPTURE.COMPLETED", "capture", capture_of(attempt))
    assert post_paypal(client, account, body) == 200
    return account, payments()[0]


def paypal_refund(payment, name="1JU08902781691411", value="100.00"):
    resource = {
        "id": name,
        "status": "COMPLETED",
        "amount": {"currency_code": "USD", "value": value},
        "payer": {"merchant_id": PAYPAL_CREDENTIALS["merchant_id"]},
        "links": [
            {"rel": "up", "href": f"https://api.paypal.com/v2/payments/captures/{payment.transaction_id}"}
        ],
    }
    return write_event("PAYMENT.CAPTURE.REFUNDED", "refund", resource)


def test_a_refund_made_at_paypal_is_recorded_once_however_often_it_is_told(client, paypal):
    account, payment = paypal
    first = paypal_refund(payment)
    assert {post_paypal(client, account, body) for body in (first, first, paypal_refund(payment))} == {200}
    assert outcomes() == ["applied", "applied", "ignored"]
    (refund,) = refunds()
    assert (refund.status, refund.amount, refund.receipt) == (S.SUCCEEDED, 100, "1JU08902781691411")


def test_refunds_at_paypal_beyond_what_came_are_for_a_person(client, paypal):
    account, payment = paypal
    for name in ("REFUND1", "REFUND2"):
        post_paypal(client, account, paypal_refund(payment, name, "200.00"))
    assert outcomes() == ["applied", "applied", "review"] and len(refunds()) == 1
    post_paypal(client, account, paypal_refund(payment, "REFUND3", "50.00"))
    assert events()[-1].outcome == EventOutcome.APPLIED
    assert fresh(payment).status == PaymentStatus.REFUNDED


def test_refunds_of_a_quoted_payment_end_with_all_of_it_and_no_more(client, store, simulator, settings):
    settings.PAYMENT_SIMULATOR_URL = simulator.url
    account = make_account(store, "paypal", identifier=PAYPAL_CREDENTIALS["merchant_id"])
    quoted = {"amount_requested": Decimal("1.93"), "currency": "USD", "rate": Decimal("129.50")}
    attempt = make_card_attempt(make_bill(store), account, checkout_request_id="5O190127TN364715T", **quoted)
    post_paypal(client, account, write_event("PAYMENT.CAPTURE.COMPLETED", "capture", capture_of(attempt)))
    (payment,) = payments()
    for name, value in (("REFUND1", "0.97"), ("REFUND2", "0.97"), ("REFUND3", "0.96")):
        assert post_paypal(client, account, paypal_refund(payment, name, value)) == 200
    assert outcomes() == ["applied", "applied", "review", "applied"]
    assert [each.amount for each in refunds()] == [Decimal("125.65"), Decimal("124.35")]
    assert fresh(payment).status == PaymentStatus.REFUNDED


# M-Pesa


def post(client, word, token, body):
    """Deliver as Safaricom does. Returns the HTTP status."""
    return client.post(f"/hooks/{word}/{token}/", body, content_type="application/json").status_code


def test_a_result_ends_the_refund_whose_address_it_comes_to(client, store):
    refund, other = sent(make_free(store)), sent(make_free(store))
    body = result_for(refund)
    assert [post(client, "result", result_token(refund), body) for _time in range(2)] == [200, 200]
    assert (outcomes(), fresh(refund).status, fresh(other).status) == (["applied"], S.SUCCEEDED, S.SENT)
    assert fresh(refund.payment).status == PaymentStatus.REFUNDED


def test_a_result_of_failure_frees_the_money(client, store):
    refund = sent(make_free(store))
    assert post(client, "result", result_token(refund), result_for(refund, 1)) == 200
    assert (fresh(refund).status, fresh(refund.payment).free) == (S.FAILED, 250)


def test_a_time_out_decides_nothing_and_the_result_after_it_does(client, store):
    refund = sent(make_free(store))
    token = result_token(refund)
    assert post(client, "timeout", token, make_result()) == 200
    assert (outcomes(), fresh(refund).status) == (["ignored"], S.UNKNOWN)
    assert post(client, "result", token, result_for(refund)) == 200
    assert (outcomes(), fresh(refund).status) == (["ignored", "applied"], S.SUCCEEDED)


@pytest.mark.parametrize("word", ["result", "timeout"])
def test_a_wrong_token_of_a_refund_is_not_found(client, store, word):
    refund = sent(make_free(store))
    token = result_token(refund)
    changed = token[:-1] + ("0" if token[-1] != "0" else "1")
    for wrong in (changed, result_token(Refund(pk=0)), token[:32], refund.pk.hex * 2, "0" * 64):
        assert post(client, word, wrong, result_for(refund)) == 404
    assert not events() and fresh(refund).status == S.SENT
    assert reverse(f"payments:operation_{word}", args=[token]) == f"/hooks/{word}/{token}/"
