"""What a delivery does to attempt, payment and order, in whatever order and however often it comes."""

from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import DatabaseError, OperationalError

from backoffice.errors import RuleBroken
from payments.models import AttemptStatus, EventOutcome, PaymentStatus, WebhookEvent
from payments.services import backoff
from payments.services import events as service
from payments.services.attempts import end_silent_prompt, mark_submitted, mark_unknown
from payments.services.events import due_events, process_event, record_event, replay_event, retry_event
from payments.services.payments import record_cash
from sales.models import OrderStatus
from sales.services.orders import cancel_order, confirm_order, deliver_order, ship_order
from tests.builders import make_user
from tests.payments.money import (
    PHONE,
    ask,
    attempts,
    body_for,
    deliver,
    events,
    failure_for,
    fresh,
    ids_for,
    make_bill,
    pay,
    payments,
)

pytestmark = pytest.mark.django_db
DONE = [{"Name": "Amount", "Value": 250}, {"Name": "MpesaReceiptNumber", "Value": "NLJ7RT61SV"}]


def test_a_paid_prompt_pays_the_order_once_and_leaves_history(store):
    clerk = make_user((store, "Staff"))
    order = make_bill(store)
    attempt = ask(order, by=clerk)
    event = pay(attempt, "NLJ7RT61SV")
    payment, order, attempt = payments()[0], fresh(order), fresh(attempt)
    assert (event.outcome, event.payment) == (EventOutcome.APPLIED, payment)
    assert (payment.status, payment.transaction_id) == (PaymentStatus.SUCCESSFUL, "NLJ7RT61SV")
    assert payment.paid_at == datetime(2019, 12, 19, 7, 21, 15, tzinfo=UTC)
    assert (order.status, bool(order.paid_at)) == (OrderStatus.PAID, True)
    assert (attempt.status, attempt.is_late) == (AttemptStatus.SUCCEEDED, False)
    assert "NLJ7RT61SV" in order.history.first().history_change_reason
    assert payment.history.count() == 2 and payment.history.last().history_user == clerk


@pytest.mark.parametrize("amount", [250, 250.0, "250.00"])
def test_the_amount_may_be_written_in_any_way(store, amount):
    pay(ask(make_bill(store)), items={"Amount": amount})
    assert payments()[0].status == PaymentStatus.SUCCESSFUL


def test_a_total_with_cents_is_rounded_up_and_the_difference_recorded(store):
    order = make_bill(store, "249.97")
    attempt = ask(order)
    assert attempt.amount_requested == 250
    pay(attempt)
    payment = payments()[0]
    assert (payment.amount, payment.rounding) == (Decimal("250.00"), Decimal("0.03"))
    assert fresh(order).status == OrderStatus.PAID


def test_the_same_delivery_three_times_is_one_event_and_one_payment(store):
    attempt = ask(make_bill(store))
    for _time in range(3):
        assert pay(attempt).outcome == EventOutcome.APPLIED
    assert len(events()) == len(payments()) == 1
    assert fresh(attempt.order).history.filter(status="paid").count() == 1


def test_the_same_success_in_other_bytes_changes_nothing(store):
    attempt = ask(make_bill(store))
    pay(attempt)
    again = pay(attempt, ResultDesc="Processed.")
    assert again.outcome == EventOutcome.IGNORED
    assert len(payments()) == 1 and fresh(attempt).status == AttemptStatus.SUCCEEDED


def test_a_failure_after_success_changes_nothing(store):
    attempt = ask(make_bill(store))
    pay(attempt)
    assert deliver(attempt, failure_for(attempt)).outcome == EventOutcome.IGNORED
    assert payments()[0].status == PaymentStatus.SUCCESSFUL
    assert fresh(attempt.order).status == OrderStatus.PAID


@pytest.mark.parametrize(
    "code, words", [(2001, "wrong PIN"), (1032, "cancelled"), (1, "enough money"), ("1037", "not answer")]
)
def test_a_failure_is_told_in_plain_words_and_the_order_waits(store, code, words):
    attempt = ask(make_bill(store))
    assert deliver(attempt, failure_for(attempt, code)).outcome == EventOutcome.APPLIED
    attempt = fresh(attempt)
    assert (attempt.status, attempt.result_code) == (AttemptStatus.FAILED, str(code))
    assert words in attempt.message
    assert (payments()[0].status, attempt.order.status) == (PaymentStatus.FAILED, OrderStatus.PENDING)


def test_a_second_failure_is_one_transition(store):
    attempt = ask(make_bill(store))
    deliver(attempt, failure_for(attempt, 1032))
    assert deliver(attempt, failure_for(attempt, 1037)).outcome == EventOutcome.IGNORED
    assert fresh(attempt).result_code == "1032"
    assert payments()[0].history.filter(status="failed").count() == 1


@pytest.mark.parametrize("code", [1032, 1037])
def test_a_success_after_a_failure_is_taken_and_marked_as_late(store, code):
    attempt = ask(make_bill(store))
    deliver(attempt, failure_for(attempt, code))
    assert pay(attempt).outcome == EventOutcome.APPLIED
    attempt = fresh(attempt)
    assert (attempt.status, attempt.is_late) == (AttemptStatus.SUCCEEDED, True)
    assert attempt.order.status == OrderStatus.PAID and len(payments()) == 1


def test_a_success_after_the_prompt_was_given_up_is_taken(store, later):
    attempt = ask(make_bill(store))
    later(minutes=4)
    end_silent_prompt(attempt)
    assert (fresh(attempt).status, payments()[0].status) == (AttemptStatus.EXPIRED, PaymentStatus.FAILED)
    pay(attempt)
    assert fresh(attempt).is_late and fresh(attempt.order).status == OrderStatus.PAID


@pytest.mark.parametrize("amount", [249, 251, 1, "0.50"])
def test_another_amount_is_kept_as_unmatched_money_and_the_order_waits(store, amount):
    attempt = ask(make_bill(store))
    event = pay(attempt, items={"Amount": amount})
    awaited, money = payments()
    assert (awaited.status, awaited.order_id) == (PaymentStatus.FAILED, attempt.order_id)
    assert money.is_unmatched and money.amount == Decimal(str(amount))
    assert "instead of KES 250.00" in money.note and event.payment == money
    assert fresh(attempt.order).status == OrderStatus.PENDING
    assert fresh(attempt).payment == money


def test_money_for_a_cancelled_order_is_kept(store):
    attempt = ask(make_bill(store))
    cancel_order(attempt.order, by=None)
    pay(attempt)
    assert payments()[-1].is_unmatched and "was cancelled" in payments()[-1].note
    assert fresh(attempt.order).status == OrderStatus.CANCELLED


def test_money_after_cash_is_kept(store, later):
    attempt = ask(make_bill(store))
    later(minutes=4)
    record_cash(attempt.order, amount=Decimal("250.00"), by=None)
    pay(attempt)
    cash, money = [each for each in payments() if each.status == PaymentStatus.SUCCESSFUL]
    assert (cash.method, cash.order_id) == ("cash", attempt.order_id)
    assert money.is_unmatched and "was paid" in money.note


@pytest.mark.parametrize("meanwhile", ["cash", "cancelled"])
def test_a_late_success_whose_order_is_closed_by_then_is_kept_for_a_person(store, meanwhile):
    attempt = ask(make_bill(store))
    deliver(attempt, failure_for(attempt, 1037))
    if meanwhile == "cash":
        record_cash(attempt.order, amount=Decimal("250.00"), by=None)
    else:
        cancel_order(attempt.order, by=None)
    assert pay(attempt).outcome == EventOutcome.APPLIED
    attempt = fresh(attempt)
    assert (attempt.status, attempt.is_late, attempt.payment.is_unmatched) == ("succeeded", True, True)
    assert fresh(attempt.order).history.filter(status="paid").count() == (meanwhile == "cash")


def test_two_prompts_both_paid_are_both_recorded_and_the_order_is_paid_once(store, later):
    first = ask(make_bill(store))
    later(minutes=4)
    second = ask(first.order)
    pay(first, "AAA1111111")
    pay(second, "BBB2222222")
    paid, extra = payments()
    assert (paid.transaction_id, paid.order_id) == ("AAA1111111", first.order_id)
    assert (extra.transaction_id, extra.is_unmatched) == ("BBB2222222", True)
    assert fresh(first.order).history.filter(status="paid").count() == 1


def test_a_late_first_prompt_after_the_second_was_paid_is_kept_too(store, later):
    first = ask(make_bill(store))
    later(minutes=4)
    second = ask(first.order)
    pay(second, "BBB2222222")
    pay(first, "AAA1111111")
    assert [each.is_unmatched for each in payments()] == [False, True]


def test_money_for_an_order_that_changed_meanwhile_is_kept(store):
    attempt = ask(make_bill(store))
    type(attempt.order)._base_manager.filter(pk=attempt.order_id).update(total_amount=Decimal("300.00"))
    pay(attempt)
    assert payments()[-1].is_unmatched and "was changed" in payments()[-1].note


def test_goods_that_went_out_on_credit_are_paid_without_moving_the_order_back(store):
    order = make_bill(store)
    confirm_order(order, by=None)
    ship_order(order, by=None)
    deliver_order(order, by=None)
    pay(ask(order))
    order = fresh(order)
    assert (order.status, bool(order.paid_at)) == (OrderStatus.DELIVERED, True)


def test_a_receipt_is_booked_once_whatever_prompt_it_is_sent_for(store):
    first, second = ask(make_bill(store)), ask(make_bill(store))
    pay(first, "AAA1111111")
    event = pay(second, "AAA1111111")
    assert (event.outcome, event.payment) == (EventOutcome.REVIEW, None)
    assert "already booked" in event.reason
    assert fresh(second).status == AttemptStatus.REVIEW and fresh(second.order).status == OrderStatus.PENDING


def test_a_second_receipt_for_a_paid_prompt_is_put_aside(store):
    attempt = ask(make_bill(store))
    pay(attempt, "AAA1111111")
    assert pay(attempt, "BBB2222222").outcome == EventOutcome.REVIEW
    assert fresh(attempt).status == AttemptStatus.SUCCEEDED and len(payments()) == 1


def test_a_callback_about_another_prompt_is_put_aside_and_neither_is_paid(store):
    first, second = ask(make_bill(store)), ask(make_bill(store))
    event = deliver(second, body_for(first))
    assert event.outcome == EventOutcome.REVIEW and "another prompt" in event.reason
    assert {each.status for each in attempts()} == {AttemptStatus.SUBMITTED}
    assert pay(second).outcome == EventOutcome.APPLIED


def test_a_callback_before_the_answer_to_the_push_finds_its_attempt_by_the_address(store):
    attempt = ask(make_bill(store), submitted=False)
    pay(attempt)
    attempt = mark_submitted(fresh(attempt), **ids_for(attempt))
    assert attempt.status == AttemptStatus.SUCCEEDED and len(payments()) == 1
    assert attempt.checkout_request_id == ids_for(attempt)["checkout_request_id"]


def test_a_callback_that_disagrees_with_the_answer_to_the_push_is_pointed_out(store, caplog):
    attempt = ask(make_bill(store), submitted=False)
    pay(attempt, CheckoutRequestID="ws_CO_other")
    attempt = mark_submitted(fresh(attempt), **ids_for(attempt))
    assert "another prompt" in attempt.message and "another prompt" in caplog.text
    assert attempt.checkout_request_id == ids_for(attempt)["checkout_request_id"]


def test_a_callback_claiming_the_ids_of_another_attempt_is_put_aside(store):
    known, unsent = ask(make_bill(store)), ask(make_bill(store), submitted=False)
    assert deliver(unsent, body_for(known)).outcome == EventOutcome.REVIEW
    assert fresh(unsent).checkout_request_id is None


def test_a_lost_answer_to_the_push_is_settled_by_the_callback(store):
    attempt = ask(make_bill(store), submitted=False)
    mark_unknown(attempt, message="?")
    pay(attempt)
    attempt = fresh(attempt)
    assert (attempt.status, attempt.is_late) == (AttemptStatus.SUCCEEDED, False)
    assert attempt.checkout_request_id == ids_for(attempt)["checkout_request_id"]


@pytest.mark.parametrize("code", [False, 0.0, "00", None, [], "", ..., {}])
def test_only_zero_means_paid(store, code):
    attempt = ask(make_bill(store))
    assert pay(attempt, ResultCode=code).outcome in (EventOutcome.UNREADABLE, EventOutcome.REVIEW)
    assert fresh(attempt).status == AttemptStatus.SUBMITTED
    assert payments()[0].status == PaymentStatus.PENDING


def test_zero_as_text_means_paid(store):
    assert pay(ask(make_bill(store)), ResultCode="0").outcome == EventOutcome.APPLIED


@pytest.mark.parametrize("code", [4999, "500.001.1001", 424242])
def test_a_code_that_decides_nothing_leaves_everything_as_it_is(store, code):
    attempt = ask(make_bill(store))
    outcome = EventOutcome.IGNORED if code == 4999 else EventOutcome.REVIEW
    assert deliver(attempt, failure_for(attempt, code)).outcome == outcome
    assert fresh(attempt).status == AttemptStatus.SUBMITTED


@pytest.mark.parametrize(
    "parts",
    [
        {"CallbackMetadata": ...},
        {"items": {"Amount": ...}},
        {"items": {"MpesaReceiptNumber": ...}},
        {"items": {"Amount": "a lot"}},
        {"CallbackMetadata": {"Item": [*DONE, {"Name": "Amount", "Value": 9000}]}},
        {"CallbackMetadata": {"Item": DONE[0]}},
    ],
)
def test_a_success_without_amount_or_receipt_is_for_a_person_to_look_at(store, parts):
    attempt = ask(make_bill(store))
    assert pay(attempt, **parts).outcome == EventOutcome.REVIEW
    assert fresh(attempt).status == AttemptStatus.REVIEW
    assert fresh(attempt.order).status == OrderStatus.PENDING and payments()[0].status == "pending"
    assert pay(attempt).outcome == EventOutcome.APPLIED  # the good one may still come


@pytest.mark.parametrize(
    "phone, remark",
    [
        (254799999999, "another phone"),
        ("2547 ***** 126", ""),
        (sha256(PHONE.encode()).hexdigest(), ""),
        (..., ""),
    ],
)
def test_another_payer_is_remarked_and_a_hidden_one_accepted(store, phone, remark):
    event = pay(ask(make_bill(store)), items={"PhoneNumber": phone})
    assert event.outcome == EventOutcome.APPLIED and remark in event.reason


@pytest.mark.parametrize("date", [20190231000000, "soon", 20990101000000, ...])
def test_an_impossible_date_is_replaced_by_the_time_of_arrival(store, date):
    event = pay(ask(make_bill(store)), items={"TransactionDate": date})
    assert payments()[0].paid_at == event.received_at and "time of arrival" in event.reason


def test_an_event_that_met_a_fault_waits_and_is_applied_by_the_worker(store, monkeypatch, caplog):
    attempt = ask(make_bill(store))
    with monkeypatch.context() as patch:
        patch.setattr(service, "read_notice", broken)
        event = pay(attempt)
    assert (event.outcome, event.reason) == (EventOutcome.ERROR, "OperationalError")
    assert PHONE not in caplog.text and "broken" in caplog.text
    retry_event(event)
    assert fresh(event).outcome == EventOutcome.APPLIED and fresh(attempt.order).status == OrderStatus.PAID


def test_an_event_that_fails_again_is_tried_again_later_each_time_and_then_shown_to_a_person(
    store, monkeypatch
):
    monkeypatch.setattr(service, "read_notice", broken)
    event = pay(ask(make_bill(store)))
    pauses = []
    while event.outcome == EventOutcome.ERROR:
        pauses.append(event.next_try_at - event.processed_at)
        event = retry_event(event)
    for pause, expected in zip(pauses, backoff.PAUSES[1:], strict=True):
        assert expected <= pause <= expected * 1.21
    assert (event.outcome, event.reason) == (EventOutcome.REVIEW, "OperationalError")
    assert event.next_try_at is None and not due_events()


def test_a_stored_event_that_nobody_processed_is_due_after_five_seconds(store, later):
    attempt = ask(make_bill(store))
    record_event(attempt, body=body_for(attempt))  # and here the process died
    assert not due_events()
    later(seconds=6)
    for event in due_events():
        retry_event(event)
    assert [each.outcome for each in events()] == [EventOutcome.APPLIED] and len(payments()) == 1
    assert not due_events()


def test_a_poisoned_event_does_not_keep_the_next_from_being_applied(store, monkeypatch, later):
    first, second = ask(make_bill(store)), ask(make_bill(store))
    poisoned = record_event(first, body=body_for(first, "AAA1111111"))
    good = record_event(second, body=body_for(second, "BBB2222222"))
    reader = service.read_notice
    later(minutes=2)
    with monkeypatch.context() as patch:
        patch.setattr(
            service, "read_notice", lambda each: broken() if each.pk == poisoned.pk else reader(each)
        )
        assert {each.pk: retry_event(each).outcome for each in due_events()} == {
            poisoned.pk: EventOutcome.ERROR,
            good.pk: EventOutcome.APPLIED,
        }
    assert fresh(poisoned).next_try_at > fresh(poisoned).processed_at


def test_a_fault_does_not_overwrite_what_another_process_applied(store, monkeypatch):
    attempt = ask(make_bill(store))
    event = record_event(attempt, body=body_for(attempt))

    def overtaken(*args, **kwargs):
        WebhookEvent._base_manager.filter(pk=event.pk).update(outcome=EventOutcome.APPLIED)
        raise OperationalError

    monkeypatch.setattr(service, "apply_event", overtaken)
    assert process_event(event).outcome == EventOutcome.APPLIED


def test_a_person_may_apply_an_event_again_and_history_names_him(store, monkeypatch):
    owner = make_user((store, "Owner"))
    attempt = ask(make_bill(store))
    with monkeypatch.context() as patch:
        patch.setattr(service, "read_notice", broken)
        event = pay(attempt)
    assert replay_event(event, by=owner).outcome == EventOutcome.APPLIED
    assert payments()[0].history.first().history_user == owner
    with pytest.raises(RuleBroken, match="dealt with"):
        replay_event(fresh(event), by=owner)


def test_replaying_any_event_any_number_of_times_moves_no_money(store):
    attempt = ask(make_bill(store))
    deliver(attempt, failure_for(attempt, 1032))
    pay(attempt)
    before = [(each.pk, each.status, each.amount) for each in payments()]
    for event in events() * 2:
        process_event(event)
        WebhookEvent._base_manager.filter(pk=event.pk).update(outcome=EventOutcome.WAITING)
        process_event(fresh(event))
    assert [(each.pk, each.status, each.amount) for each in payments()] == before


def test_the_bytes_of_a_delivery_never_change(store):
    event = pay(ask(make_bill(store)))
    with pytest.raises(DatabaseError, match="append-only"):
        WebhookEvent._base_manager.filter(pk=event.pk).update(body=b"{}")


def broken(*args, **kwargs):
    raise OperationalError(f"Failing row contains ({PHONE})")
