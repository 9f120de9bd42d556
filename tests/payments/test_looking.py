"""What the provider says when it is asked, against what was delivered."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from backoffice.invariants import check_all
from payments.attempt_dialogs import LookNowDialog
from payments.models import AttemptStatus, EventOutcome, PaymentStatus, Provider
from payments.services import collecting
from payments.services.accounts import gateway_for
from payments.services.attempts import end_silent_prompt, mark_submitted, request_payment
from payments.services.by_hand import reverse_payment
from payments.services.links import withdraw_link
from payments.services.looking import GIVE_UP_AFTER, look_after
from payments.services.payments import record_cash
from payments.services.prompts import ask_for, claim_attempt, send_attempt
from payments.services.receipts import claim_receipt
from payments.services.settlement import amount_due
from payments.services.sweeping import look_at_due
from payments.services.verdicts import note_paid
from payments.simulator import EMPTY_400, HTML_503, refusal
from payments.simulator.callback import callback_body
from payments.simulator.daraja import reply
from sales.services.orders import cancel_order
from tests.payments.daraja import make_callback
from tests.payments.money import (
    ask,
    attempts,
    deliver,
    events,
    failure_for,
    fresh,
    hook,
    make_bill,
    pay,
    payments,
)
from tests.payments.provider_accounts import answer, linked, long_ago, look, make_account, prompted, tell

pytestmark = pytest.mark.django_db
STILL_OPEN = refusal(500, "500.001.1001", "The transaction is being processed")


@pytest.fixture(autouse=True)
def nothing_broken(db):
    yield
    assert [each for each in check_all() if not each.holds] == []


@pytest.fixture
def account(store):
    """Safaricom is asked about every payment of this business."""
    return make_account(store)


# A claim, before it is believed


def test_a_success_waits_until_safaricom_confirms_it(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt)
    assert tell(attempt, prompt).outcome == EventOutcome.WAITING
    assert fresh(attempt).status == AttemptStatus.SUBMITTED and amount_due(attempt.order) == 250
    attempt = look(attempt)
    assert attempt.status == AttemptStatus.SUCCEEDED and attempt.confirmed_at
    assert events()[0].outcome == EventOutcome.APPLIED
    assert [each.transaction_id for each in payments()] == [prompt.receipt]


def test_up_to_what_the_owner_trusts_nobody_is_asked(store, providers):
    make_account(store, trusted_up_to=Decimal(250))
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt)
    assert tell(attempt, prompt).outcome == EventOutcome.APPLIED
    assert fresh(attempt).confirmed_at is None


@pytest.mark.parametrize("choice", ["cancel", "wrong_pin"])
def test_a_forged_success_that_safaricom_denies_pays_nothing(store, providers, account, choice):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt, choice)
    event = tell(attempt, forged(prompt))
    assert event.outcome == EventOutcome.WAITING
    attempt = look(attempt)
    assert attempt.status == AttemptStatus.REVIEW and "not confirm" in attempt.message
    assert fresh(event).outcome == EventOutcome.REVIEW
    assert amount_due(attempt.order) == 250


def test_a_forged_success_waits_while_the_prompt_is_still_open(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    event = tell(attempt, forged(prompt))
    for _look in range(3):
        attempt = look(attempt)
    assert attempt.status == AttemptStatus.SUBMITTED and attempt.next_look_at
    assert fresh(event).outcome == EventOutcome.WAITING and amount_due(attempt.order) == 250


def test_a_claim_that_nobody_confirms_is_put_before_a_person_after_two_days(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    event = tell(attempt, forged(prompt))
    long_ago(attempt, hours=49)
    attempt = look(attempt)
    assert (attempt.status, attempt.next_look_at) == (AttemptStatus.REVIEW, None)
    assert fresh(event).outcome == EventOutcome.REVIEW and "two days" in fresh(event).reason
    assert amount_due(attempt.order) == 250


def test_without_an_account_of_its_own_a_forged_success_would_pay(store, providers):
    """The control: nobody is asked."""
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt, "cancel")
    tell(attempt, forged(prompt))
    assert fresh(attempt).order.status == "paid"


def test_a_success_after_an_ended_prompt_is_asked_about_and_paid_late(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    long_ago(attempt, minutes=4)
    end_silent_prompt(attempt)
    assert fresh(attempt).status == AttemptStatus.EXPIRED
    answer(prompt)
    tell(attempt, prompt)
    attempt = look(attempt)
    assert (attempt.status, attempt.is_late, attempt.order.status) == ("succeeded", True, "paid")


def test_a_failure_and_then_a_success_is_asked_about_too(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt, "cancel")
    tell(attempt, prompt)
    assert fresh(attempt).status == AttemptStatus.FAILED
    prompt.pay_late()
    assert prompt.delivered.wait(5)
    assert tell(attempt, prompt).outcome == EventOutcome.WAITING
    attempt = look(attempt)
    assert (attempt.status, attempt.is_late, attempt.order.status) == ("succeeded", True, "paid")


def test_a_success_after_safaricom_said_no_is_asked_about_again_and_paid_late(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt, "cancel")
    assert look(attempt).status == AttemptStatus.FAILED
    prompt.pay_late()
    assert prompt.delivered.wait(5)
    tell(attempt, prompt)
    attempt = look(attempt)
    assert (attempt.status, attempt.is_late, attempt.order.status) == ("succeeded", True, "paid")
    assert len([each for each in payments() if each.status == PaymentStatus.SUCCESSFUL]) == 1


@pytest.mark.parametrize("choice, status", [("pin", "succeeded"), ("cancel", "review")])
def test_a_success_without_details_is_put_aside_and_asked_about(store, providers, account, choice, status):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt, choice)
    told = {"CheckoutRequestID": prompt.checkout_request_id, "MerchantRequestID": prompt.merchant_request_id}
    event = deliver(attempt, make_callback(CallbackMetadata=..., **told))
    assert (event.outcome, fresh(attempt).status) == (EventOutcome.REVIEW, AttemptStatus.REVIEW)
    assert fresh(attempt).next_look_at and amount_due(attempt.order) == 250
    attempt = look(attempt)
    assert (attempt.status, attempt.next_look_at) == (status, None)
    assert amount_due(attempt.order) == (0 if choice == "pin" else 250)
    assert fresh(event).outcome == EventOutcome.REVIEW


def forged(prompt):
    """A callback as somebody would write it who knows the address and the shape."""
    return replace(
        prompt,
        choice="pin",
        result_code="0",
        paid=prompt.amount,
        receipt="TKL5FORGED",
        ended_at=timezone.now(),
    )


# Nothing was heard


def test_silence_about_a_payment_ends_with_money_and_a_missing_receipt(store, providers, account):
    attempt, prompt = prompted(make_bill(store, "249.97"), providers)
    answer(prompt)
    attempt = look(attempt)
    (payment,) = payments()
    assert (attempt.status, attempt.order.status) == ("succeeded", "paid")
    assert (payment.amount, payment.rounding, payment.transaction_id) == (250, Decimal("0.03"), None)
    assert "receipt is still missing" in attempt.message and "missing" in payment.note


def test_the_receipt_that_comes_later_completes_the_same_payment(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt)
    attempt = look(attempt)
    assert tell(attempt, prompt).outcome == EventOutcome.APPLIED
    assert tell(attempt, prompt).outcome in (EventOutcome.APPLIED, EventOutcome.IGNORED)
    (payment,) = payments()
    assert (payment.transaction_id, payment.amount, payment.free) == (prompt.receipt, 250, 0)


def test_a_callback_that_could_not_be_stored_is_made_good_by_asking(store, providers, account, client):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt)
    with connection.execute_wrapper(nothing_is_stored):
        refused = client.post(hook(attempt), callback_body(prompt), content_type="application/json")
    assert refused.status_code == 503 and b"ResultCode" not in refused.content and not events()
    assert look(attempt).order.status == "paid"
    tell(attempt, prompt)  # and should it come again after all
    assert [each.transaction_id for each in payments()] == [prompt.receipt]


def nothing_is_stored(execute, sql, *values):
    if sql.startswith("INSERT"):
        raise OperationalError("the disk is full")
    return execute(sql, *values)


@pytest.mark.parametrize("choice", ["cancel", "wrong_pin", "no_money"])
def test_silence_about_a_prompt_that_failed_ends_it(store, providers, account, choice):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt, choice)
    attempt = look(attempt)
    assert (attempt.status, attempt.next_look_at) == (AttemptStatus.FAILED, None)
    assert attempt.message and payments()[0].status == PaymentStatus.FAILED


def test_a_prompt_that_ended_on_the_order_page_is_still_asked_about(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    long_ago(attempt, minutes=4)
    end_silent_prompt(attempt)
    answer(prompt)
    attempt = look(attempt)
    assert (attempt.status, attempt.is_late, attempt.order.status) == ("succeeded", True, "paid")


@pytest.mark.parametrize(
    "said",
    [
        STILL_OPEN,
        reply(200, ResponseCode="0", ResultCode="4999", ResultDesc="Still under processing"),
        refusal(500, "500.001.1001", ""),
        refusal(500, "500.003.02", "System is busy"),
        HTML_503,
        (500, b"", {}),
        (200, b'{"ResultCode": false}', {}),
    ],
)
def test_what_is_no_answer_changes_nothing_and_is_asked_again_later(store, providers, account, said):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt, "cancel")
    for turn in range(3):
        providers.query_answers = [said]
        before = timezone.now()
        attempt = look(attempt)
        assert attempt.status == AttemptStatus.SUBMITTED and attempt.looks == turn + 1
        assert attempt.next_look_at > before
    assert payments()[0].status == PaymentStatus.PENDING
    assert look(attempt).status == AttemptStatus.FAILED  # the first answer that is one


def test_each_pause_is_longer_than_the_one_before(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    pauses = []
    for _look in range(7):
        attempt = look(attempt)
        pauses.append(attempt.next_look_at - attempt.looked_at)
    assert pauses == sorted(pauses)
    assert timedelta(seconds=60) <= pauses[0] and timedelta(hours=12) <= pauses[-1] < timedelta(hours=14)


def test_nobody_is_asked_twice_within_ten_seconds(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    assert look_after(attempt.pk) is not None
    assert look_after(attempt.pk) is None
    assert fresh(attempt).looks == 1


def test_after_two_days_it_is_left_to_a_person(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    long_ago(attempt, hours=GIVE_UP_AFTER.total_seconds() / 3600 + 1)
    attempt = look(attempt)
    assert (attempt.status, attempt.next_look_at) == (AttemptStatus.SUBMITTED, None)
    assert "two days" in attempt.message


def test_who_asks_after_two_days_is_told_that_it_was_given_up(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    long_ago(attempt, hours=49)
    assert "two days" in LookNowDialog(row=attempt, request=None).apply(by=None)


def test_an_expired_token_is_renewed_once_and_one_prompt_is_shown(store, providers, account):
    prompted(make_bill(store), providers)
    providers.expire_token()
    attempt, prompt = prompted(make_bill(store), providers)
    assert attempt.status == AttemptStatus.SUBMITTED
    assert (len(providers.prompts), providers.token_requests) == (2, 2)


@pytest.mark.parametrize("no_token", [EMPTY_400, HTML_503])
def test_without_a_token_nothing_is_known_of_a_prompt(store, providers, account, no_token):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt)
    providers.expire_token()
    providers.token_answer = no_token
    assert look(attempt).status == AttemptStatus.SUBMITTED


def test_a_lock_at_safaricom_is_told_with_when_to_ask_again_and_not_repeated(store, providers, account):
    providers.push_answer = refusal(500, "500.001.1001", "Unable to lock subscriber")
    order = make_bill(store)
    attempt = request_payment(order, phone="0712345678", by=None)
    send_attempt(attempt.pk)
    attempt = fresh(attempt)
    assert attempt.status == AttemptStatus.FAILED and "Wait" in attempt.message
    assert (attempt.next_look_at, providers.prompts) == (None, [])


# The customer shows a receipt


def test_a_receipt_shown_for_a_request_that_failed_has_safaricom_asked(store, providers, account):
    attempt = failed_and_paid_late(store, providers)
    attempt = claim_receipt(attempt, receipt="TKL1A2B3C4", by=None)
    assert attempt.status == AttemptStatus.FAILED and fresh(attempt).next_look_at
    attempt = look(attempt)
    assert (attempt.status, attempt.is_late, attempt.order.status) == ("succeeded", True, "paid")


def test_the_control_without_a_receipt_nobody_asks_about_a_request_that_failed(store, providers, account):
    attempt = failed_and_paid_late(store, providers)
    assert look(attempt).status == AttemptStatus.FAILED


def failed_and_paid_late(store, providers):
    """A prompt that failed, says Safaricom, and was paid after all; no callback came of either."""
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt, "cancel")
    attempt = look(attempt)
    assert attempt.status == AttemptStatus.FAILED
    prompt.pay_late()
    assert prompt.delivered.wait(5)
    return attempt


@pytest.mark.parametrize("hours", [0, 49])
def test_a_receipt_that_safaricom_knows_nothing_of_is_asked_about_once(store, providers, account, hours):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt, "cancel")
    attempt = look(attempt)
    told, asked = attempt.message, attempt.looks
    claim_receipt(attempt, receipt="TKL1A2B3C4", by=None)
    long_ago(attempt, hours=hours)
    attempt = look(attempt)
    assert (attempt.status, attempt.message, attempt.looks) == (AttemptStatus.FAILED, told, asked + 1)
    assert attempt.next_look_at is None


def test_while_safaricom_does_not_answer_it_is_asked_again_for_two_days(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt, "cancel")
    attempt = look(attempt)
    told = attempt.message
    claim_receipt(attempt, receipt="TKL1A2B3C4", by=None)
    providers.query_answers = [HTML_503, HTML_503]
    attempt = look(attempt)
    assert attempt.status == AttemptStatus.FAILED and attempt.next_look_at
    long_ago(attempt, hours=49)
    attempt = look(attempt)
    assert (attempt.status, attempt.message, attempt.next_look_at) == (AttemptStatus.FAILED, told, None)


# The answer to the request was lost, or was slow


def test_a_claim_that_overtakes_the_answer_belongs_to_its_attempt(store, providers, account):
    attempt = request_payment(make_bill(store), phone="0712345678", by=None)
    claimed = claim_attempt(attempt.pk)
    asked = gateway_for(Provider.MPESA, account).ask(ask_for(claimed))
    answer(providers.prompts[0])
    assert tell(attempt, providers.prompts[0]).outcome == EventOutcome.WAITING
    mark_submitted(claimed, checkout_request_id=asked.reference, merchant_request_id=asked.second_reference)
    attempt = look(attempt)
    assert (attempt.status, attempt.order.status) == ("succeeded", "paid")
    assert attempt.checkout_request_id == asked.reference


def test_a_lost_answer_is_resolved_by_the_claim_and_never_asked_twice(store, providers, account):
    providers.drop_answer = True
    attempt, prompt = prompted(make_bill(store), providers)
    assert (attempt.status, attempt.checkout_request_id) == (AttemptStatus.UNKNOWN, None)
    providers.drop_answer = False
    answer(prompt)
    assert tell(attempt, prompt).outcome == EventOutcome.WAITING
    attempt = look(attempt)
    assert (attempt.status, attempt.order.status) == ("succeeded", "paid")
    assert len(providers.prompts) == 1


def test_a_lost_answer_without_a_claim_stays_in_doubt_for_a_person(store, providers, account):
    providers.drop_answer = True
    attempt, prompt = prompted(make_bill(store), providers)
    providers.drop_answer = False
    long_ago(attempt, minutes=10)
    end_silent_prompt(attempt)
    for _look in range(2):
        attempt = look(attempt)
    assert (attempt.status, attempt.next_look_at) == (AttemptStatus.UNKNOWN, None)
    assert len(providers.prompts) == 1


# Stripe and PayPal


def test_a_card_payment_of_which_no_webhook_came_is_booked_with_its_receipt(store, providers):
    make_account(store, Provider.STRIPE)
    attempt = linked(make_bill(store, "249.97"), Provider.STRIPE)
    providers.stripe.choose(attempt.checkout_request_id, "pay")
    attempt = look(attempt)
    (payment,) = payments()
    assert attempt.order.status == "paid" and payment.transaction_id.startswith("pi_")
    assert (payment.amount, payment.currency, payment.method) == (Decimal("249.97"), "KES", "card")


def test_a_declined_card_leaves_the_link_open(store, providers):
    make_account(store, Provider.STRIPE)
    attempt = linked(make_bill(store), Provider.STRIPE)
    providers.stripe.choose(attempt.checkout_request_id, "decline")
    assert look(attempt).status == AttemptStatus.SUBMITTED
    providers.stripe.choose(attempt.checkout_request_id, "expire")
    assert look(attempt).status == AttemptStatus.FAILED


def test_what_the_customer_agreed_to_at_paypal_is_collected_once(store, providers):
    make_account(store, Provider.PAYPAL)
    attempt = linked(make_bill(store, "2590.00"), Provider.PAYPAL)
    providers.paypal.choose(attempt.checkout_request_id, "approve")
    for _look in range(2):
        attempt = look(attempt)
    (payment,) = payments()
    assert (payment.amount, payment.currency, attempt.order.status) == (2590, "KES", "paid")
    assert captures(providers) == 1


def test_money_collected_by_somebody_faster_is_found(store, providers):
    make_account(store, Provider.PAYPAL)
    attempt = linked(make_bill(store), Provider.PAYPAL)
    providers.paypal.choose(attempt.checkout_request_id, "approve")
    gateway_for(Provider.PAYPAL, attempt.account).capture(attempt.checkout_request_id)
    assert look(attempt).status == AttemptStatus.SUCCEEDED
    assert len(payments()) == 1


def test_a_paypal_order_that_is_complete_while_its_money_is_pending_is_not_paid(store, providers):
    make_account(store, Provider.PAYPAL)
    attempt = linked(make_bill(store), Provider.PAYPAL)
    providers.paypal.choose(attempt.checkout_request_id, "approve_echeck")
    attempt = look(attempt)
    assert attempt.status == AttemptStatus.SUBMITTED and amount_due(attempt.order) == 250
    capture = providers.paypal.order(attempt.checkout_request_id).captures[0]
    providers.paypal.settle(capture["id"], "COMPLETED")
    assert look(attempt).order.status == "paid"


def withdraw(attempt):
    withdraw_link(attempt, by=None)


def withdraw_and_take_cash(attempt):
    withdraw_link(attempt, by=None)
    record_cash(fresh(attempt.order), amount=Decimal(1590), by=None)


def cancel(attempt):
    cancel_order(attempt.order, by=None)


def take_back_the_cash(attempt):
    reverse_payment(attempt.order.allocations.get().payment, reason="It was another order", by=None)


def pay_by_the_prompt_of_before(attempt):
    pay(attempts()[0])


@pytest.mark.parametrize(
    "happens",
    [withdraw, withdraw_and_take_cash, cancel, take_back_the_cash, pay_by_the_prompt_of_before],
)
def test_what_is_not_wanted_any_more_is_not_collected_at_paypal(store, providers, later, happens):
    attempt = link_for_the_rest(store)
    happens(attempt)
    providers.paypal.choose(attempt.checkout_request_id, "approve")
    later(minutes=2)
    look_at_due(20)
    attempt = fresh(attempt)
    assert captures(providers) == 0
    assert (attempt.status, attempt.next_look_at) == (AttemptStatus.FAILED, None)
    assert "Nothing was collected" in attempt.message
    assert not [each for each in payments() if each.method == "paypal" and each.status == "successful"]


def link_for_the_rest(store):
    """A link for KES 1,590 of KES 2,590: the rest was paid in cash, and a prompt for it failed before."""
    make_account(store, Provider.PAYPAL)
    order = make_bill(store, "2590.00")
    record_cash(order, amount=Decimal(1000), by=None)
    prompt = ask(fresh(order))
    deliver(prompt, failure_for(prompt))
    return linked(fresh(order), Provider.PAYPAL)


def test_nothing_happened_and_the_rest_is_collected(store, providers, later):
    attempt = link_for_the_rest(store)
    providers.paypal.choose(attempt.checkout_request_id, "approve")
    later(minutes=2)
    look_at_due(20)
    assert captures(providers) == 1 and fresh(attempt.order).status == "paid"


def test_the_control_without_the_check_the_customer_is_charged(store, providers, later, monkeypatch):
    monkeypatch.setattr(collecting, "why_not_collected", lambda attempt: "")
    attempt = link_for_the_rest(store)
    withdraw_and_take_cash(attempt)
    providers.paypal.choose(attempt.checkout_request_id, "approve")
    later(minutes=2)
    look_at_due(20)
    assert captures(providers) == 1


def test_who_asks_is_told_that_nothing_was_collected(store, providers):
    make_account(store, Provider.PAYPAL)
    attempt = linked(make_bill(store, "2590.00"), Provider.PAYPAL)
    withdraw_link(attempt, by=None)
    providers.paypal.choose(attempt.checkout_request_id, "approve")
    assert "Nothing was collected" in LookNowDialog(row=fresh(attempt), request=None).apply(by=None)


def test_money_that_was_on_its_way_when_the_link_was_withdrawn_is_not_lost(store, providers):
    """The call to collect left before the order was cancelled, and was slow."""
    make_account(store, Provider.PAYPAL)
    attempt = linked(make_bill(store, "2590.00"), Provider.PAYPAL)
    withdraw_link(attempt, by=None)
    providers.paypal.choose(attempt.checkout_request_id, "approve")
    attempt = look(attempt)
    assert attempt.status == AttemptStatus.FAILED
    standing = gateway_for(Provider.PAYPAL, attempt.account).capture(attempt.checkout_request_id)
    note_paid(attempt, standing)
    assert (fresh(attempt).status, fresh(attempt).is_late) == (AttemptStatus.SUCCEEDED, True)
    assert fresh(attempt.order).status == "paid"


def captures(providers):
    asked = [path for method, path, _key in providers.paypal.calls if path.endswith("/capture")]
    return len(asked)


# Money that does not fit any more


def test_an_order_cancelled_while_the_prompt_was_open_leaves_credit(store, providers, account):
    attempt, prompt = prompted(make_bill(store), providers)
    cancel_order(attempt.order, by=None)
    answer(prompt)
    attempt = look(attempt)
    (unmatched,) = [each for each in payments() if each.status == PaymentStatus.SUCCESSFUL]
    assert attempt.status == AttemptStatus.SUCCEEDED and "cancelled" in attempt.message
    assert (unmatched.free, unmatched.order) == (250, None)


def test_of_two_prompts_that_were_both_paid_one_pays_and_one_is_credit(store, providers, account):
    first, first_prompt = prompted(make_bill(store), providers)
    long_ago(first, minutes=4)
    second, second_prompt = prompted(first.order, providers)
    for prompt in (first_prompt, second_prompt):
        answer(prompt)
    second, first = look(second), look(first)
    assert {each.status for each in attempts()} == {"succeeded"}
    assert first.order.status == "paid" and sorted(each.free for each in payments()) == [0, 250]
    for attempt, prompt in ((first, first_prompt), (second, second_prompt)):
        tell(attempt, prompt)
    assert len({each.transaction_id for each in payments()} - {None}) == 2
