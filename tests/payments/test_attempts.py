"""Asking a customer's phone for money: what is refused, what is sent, and what Safaricom's answer does."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.urls import reverse

from backoffice.errors import RuleBroken
from backoffice.scoping import business_scope
from payments.gateways.mpesa.messages import FORBIDDEN_WORDS
from payments.models import AttemptStatus, PaymentStatus
from payments.services.attempts import callback_token, hash_token, request_payment
from payments.services.prompts import send_attempt
from payments.simulator import EMPTY_400, HTML_503, refusal
from payments.tasks import end_prompt, send_prompt
from sales.services.numbers import order_reference
from sales.services.orders import cancel_order
from tests.builders import make_business
from tests.payments.money import PHONE, ask, attempts, deliver, failure_for, fresh, make_bill, pay, payments

pytestmark = pytest.mark.django_db


@pytest.fixture
def safaricom(simulator, settings):
    """The simulator takes the prompts of this test; its callbacks go nowhere."""
    cache.clear()
    settings.PAYMENT_SIMULATOR_URL = simulator.url
    settings.BASE_URL = "http://127.0.0.1:9"
    return simulator


def ask_only(order):
    return ask(order, submitted=False)


def test_asking_leaves_a_pending_payment_and_an_attempt_and_tells_the_worker(
    store, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as told:
        attempt = request_payment(make_bill(store), phone="0712 345 678", by=None)
    assert (attempt.phone, attempt.amount_requested) == (PHONE, 250)
    assert payments()[0].status == PaymentStatus.PENDING
    assert [each.func.__self__.func for each in told] == [send_prompt.func]


@pytest.mark.parametrize("phone", ["", "020 7654321", "+233201234567", "071234567", "none"])
def test_a_phone_that_is_not_kenyan_is_refused(store, phone):
    with pytest.raises(RuleBroken, match="not a Safaricom number"):
        request_payment(make_bill(store), phone=phone, by=None)


def test_an_order_in_another_currency_is_refused():
    store = make_business(currency="GHS")
    with business_scope(store), pytest.raises(RuleBroken, match="Kenya shillings"):
        ask_only(make_bill(store))


def test_more_than_m_pesa_takes_is_refused(store):
    with pytest.raises(RuleBroken, match="250,000"):
        ask_only(make_bill(store, "250000.01"))
    assert ask_only(make_bill(store, "250000.00")).amount_requested == 250_000


def test_an_order_that_costs_nothing_is_refused(store):
    with pytest.raises(RuleBroken, match="costs nothing yet"):
        ask_only(make_bill(store, "0.00"))


def test_a_second_prompt_is_refused_while_the_first_may_be_answered(store):
    order = make_bill(store)
    ask(order)
    with pytest.raises(RuleBroken, match="may still answer"):
        ask(order)


def test_a_silent_prompt_is_ended_by_asking_again(store, later):
    first = ask(make_bill(store))
    later(minutes=3, seconds=1)
    second = ask(first.order)
    assert (fresh(first).status, second.status) == (AttemptStatus.EXPIRED, AttemptStatus.SUBMITTED)
    assert len(payments()) == 1 and payments()[0].status == PaymentStatus.PENDING


def test_an_answered_prompt_may_be_followed_at_once_and_keeps_one_payment(store):
    first = ask(make_bill(store))
    deliver(first, failure_for(first))
    second = ask(first.order)
    assert first.payment_id == second.payment_id and payments()[0].status == PaymentStatus.PENDING


def test_asking_again_after_the_order_grew_asks_for_the_new_total(store):
    first = ask(make_bill(store))
    deliver(first, failure_for(first))
    type(first.order)._base_manager.filter(pk=first.order_id).update(total_amount=Decimal("300.40"))
    second = ask(first.order)
    assert (second.amount_requested, second.payment.amount) == (301, Decimal("301.00"))
    assert second.payment.rounding == Decimal("0.60")


def test_a_paid_order_is_not_asked_again(store):
    attempt = ask(make_bill(store))
    pay(attempt)
    with pytest.raises(RuleBroken, match="does not wait for money"):
        ask(attempt.order)


def test_the_callback_address_is_secret_and_holds_no_word_that_safaricom_forbids(store):
    one, two = ask(make_bill(store)), ask(make_bill(store))
    path = reverse("payments:stk_callback", args=[callback_token(one.pk)])
    assert callback_token(one.pk) != callback_token(two.pk)
    assert one.token_hash == hash_token(callback_token(one.pk)) not in path
    assert not [word for word in FORBIDDEN_WORDS if word in path]


def test_the_worker_sends_the_prompt_once(store, safaricom):
    attempt = ask_only(make_bill(store))
    send_attempt(attempt.pk)
    send_attempt(attempt.pk)
    attempt, prompt = fresh(attempt), safaricom.prompts[0]
    assert len(safaricom.prompts) == 1
    assert (prompt.amount, prompt.phone, prompt.reference) == (250, PHONE, order_reference(attempt.order))
    assert prompt.callback_url.endswith(f"/hooks/lnm/{callback_token(attempt.pk)}/")
    assert (attempt.status, attempt.checkout_request_id) == ("submitted", prompt.checkout_request_id)


@pytest.mark.parametrize(
    "answer, words",
    [
        (refusal(400, "400.002.02", "Bad Request - Invalid PhoneNumber"), "Invalid PhoneNumber"),
        (refusal(500, "500.001.1001", "Unable to lock subscriber"), "lock subscriber"),
        (refusal(500, "500.003.02", "System is busy"), "busy"),
    ],
)
def test_a_refused_push_is_told_and_may_be_tried_again(store, safaricom, answer, words):
    safaricom.push_answer = answer
    attempt = ask_only(make_bill(store))
    send_attempt(attempt.pk)
    attempt = fresh(attempt)
    assert attempt.status == AttemptStatus.FAILED and words in attempt.message
    assert payments()[0].status == PaymentStatus.FAILED
    assert ask_only(attempt.order)


@pytest.mark.parametrize("answer", [EMPTY_400, HTML_503])
def test_no_access_token_means_nothing_was_sent(store, safaricom, answer):
    safaricom.token_answer = answer
    attempt = ask_only(make_bill(store))
    send_attempt(attempt.pk)
    assert fresh(attempt).status == AttemptStatus.FAILED and not safaricom.prompts


def test_a_lost_answer_leaves_the_attempt_in_doubt_and_is_never_sent_again(store, safaricom):
    safaricom.drop_answer = True
    attempt = ask_only(make_bill(store))
    send_attempt(attempt.pk)
    send_attempt(attempt.pk)
    assert len(safaricom.prompts) == 1 and fresh(attempt).status == AttemptStatus.UNKNOWN
    with pytest.raises(RuleBroken, match="may still answer"):
        ask(attempt.order)


def test_without_credentials_the_attempt_says_so(store, settings):
    settings.PAYMENT_SIMULATOR_URL = ""
    attempt = ask_only(make_bill(store))
    send_attempt(attempt.pk)
    assert "not set up" in fresh(attempt).message


def test_a_worker_that_comes_too_late_sends_nothing(store, safaricom, later):
    attempt = ask_only(make_bill(store))
    later(minutes=4)
    send_attempt(attempt.pk)
    assert not safaricom.prompts and "not sent in time" in fresh(attempt).message


def test_a_prompt_for_an_order_cancelled_meanwhile_is_not_sent(store, safaricom):
    attempt = ask_only(make_bill(store))
    cancel_order(attempt.order, by=None)
    send_attempt(attempt.pk)
    assert not safaricom.prompts and "cancelled" in fresh(attempt).message


def test_a_prompt_for_an_order_changed_meanwhile_is_not_sent(store, safaricom):
    attempt = ask_only(make_bill(store))
    type(attempt.order)._base_manager.filter(pk=attempt.order_id).update(total_amount=Decimal("300.00"))
    send_attempt(attempt.pk)
    assert not safaricom.prompts and "was changed" in fresh(attempt).message


def test_the_worker_ends_a_prompt_that_nobody_answered(store, later):
    attempt = ask(make_bill(store))
    end_prompt.call(str(attempt.pk))
    assert fresh(attempt).status == AttemptStatus.SUBMITTED  # too early
    later(minutes=3, seconds=1)
    end_prompt.call(str(attempt.pk))
    assert fresh(attempt).status == AttemptStatus.EXPIRED
    assert payments()[0].status == PaymentStatus.FAILED


def test_an_attempt_never_shows_its_token(store):
    attempt = ask(make_bill(store))
    row = " ".join(str(value) for value in attempts()[0].__dict__.values())
    assert callback_token(attempt.pk) not in row
