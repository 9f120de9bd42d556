"""A delivery is stored, committed and acknowledged; only when the answer has left it is decided."""

import pytest
from django.test import RequestFactory
from django.urls import resolve

from backoffice.invariants import check_all
from payments.models import EventOutcome
from payments.services.sweeping import sweep
from payments.views.hooks import DECIDING, UNDECIDED
from sales.models import OrderStatus
from tests.payments.hooks import confirmation, make_account, sent
from tests.payments.money import ask, body_for, events, fresh, hook, make_bill, payments

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(store):
    return ask(make_bill(store))


def deliver(path, body):
    """Post as a server does, up to the last byte of the answer. Returns the answer, not yet closed."""
    view, args, kwargs = resolve(path)
    answer = view(RequestFactory().post(path, body, content_type="application/json"), *args, **kwargs)
    assert answer.status_code == 200
    return answer


def received():
    return [payment for payment in payments() if payment.paid_at]


@pytest.fixture
def busy():
    """Another thread of this process decides a delivery."""
    with DECIDING:
        yield
    UNDECIDED.queue.clear()


def test_the_answer_does_not_wait_for_the_decision(attempt):
    answer = deliver(hook(attempt), body_for(attempt))
    assert [event.outcome for event in events()] == [EventOutcome.WAITING]
    assert not received()
    sent(answer)
    assert [event.outcome for event in events()] == [EventOutcome.APPLIED]
    assert fresh(attempt.order).status == OrderStatus.PAID


def test_a_process_that_dies_after_its_answer_leaves_the_delivery_to_the_sweep(attempt, later):
    deliver(hook(attempt), body_for(attempt))
    later(seconds=6)
    sweep()
    assert fresh(attempt.order).status == OrderStatus.PAID
    assert all(finding.holds for finding in check_all())


def test_a_busy_process_takes_deliveries_in_and_leaves_them_to_the_sweep(attempt, busy, later):
    sent(deliver(hook(attempt), body_for(attempt)))
    assert fresh(attempt.order).status == OrderStatus.PENDING
    sweep()
    assert fresh(attempt.order).status == OrderStatus.PENDING  # the taker's turn
    later(seconds=6)
    sweep()
    assert fresh(attempt.order).status == OrderStatus.PAID


def test_whoever_decides_takes_what_others_left(store, attempt):
    other = ask(make_bill(store))
    with DECIDING:
        sent(deliver(hook(other), body_for(other, "OLD7RT61SV")))
    sent(deliver(hook(attempt), body_for(attempt)))
    assert {event.outcome for event in events()} == {EventOutcome.APPLIED}
    assert UNDECIDED.empty()


def test_a_full_queue_takes_deliveries_in_all_the_same(attempt, busy, monkeypatch):
    monkeypatch.setattr(UNDECIDED, "maxsize", 1)
    for number in range(3):
        sent(deliver(hook(attempt), body_for(attempt, ResultDesc=f"{number}")))
    assert len(events()) == 3 and UNDECIDED.qsize() == 1


def test_who_comes_second_to_decide_changes_nothing(attempt, later):
    answer = deliver(hook(attempt), body_for(attempt))
    later(seconds=6)
    sweep()
    sent(answer)
    assert [event.outcome for event in events()] == [EventOutcome.APPLIED]
    assert len(received()) == 1


def test_the_next_delivery_is_decided_although_one_before_broke(attempt, monkeypatch):
    def give_up(event):
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr("payments.views.hooks.process_event", give_up)
        with pytest.raises(SystemExit):
            sent(deliver(hook(attempt), body_for(attempt, receipt="SKL0000001")))
    sent(deliver(hook(attempt), body_for(attempt)))
    assert fresh(attempt.order).status == OrderStatus.PAID


def test_two_statements_acknowledge_a_delivery_and_one_a_repeated_one(
    store, attempt, django_assert_num_queries
):
    account = make_account(store)
    for number in (2, 1):
        with django_assert_num_queries(number):
            deliver(hook(attempt), body_for(attempt))
    with django_assert_num_queries(2):
        deliver(f"/hooks/till/{account.hook_token}/", confirmation())
    assert len(events()) == 2
