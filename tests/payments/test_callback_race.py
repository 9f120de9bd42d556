"""One success delivered by many threads at once pays once; without the guards it pays more often."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pytest
import requests
from django.db import connections, transaction
from django.test import Client

from backoffice import transitions
from payments.invariants import paid_orders_have_their_money, payments_are_used_once
from payments.models import AttemptStatus, EventOutcome, Payment, PaymentStatus
from payments.services import booking, cases, results
from payments.services import events as event_services
from payments.services.attempts import request_payment
from payments.services.payments import record_cash
from payments.services.settlement import uses_of
from sales.models import OrderStatus
from tests.payments.hooks import (
    card_event,
    confirmation,
    intent_for,
    make_account,
    make_card_attempt,
    post_card,
)
from tests.payments.money import PHONE, ask, body_for, events, fresh, hook, make_bill, payments

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 12


def at_once(act, count=THREADS):
    """Run act(number) in as many threads, all let go together. Returns what each returned."""
    barrier = Barrier(count)

    def run(number):
        barrier.wait(timeout=20)
        try:
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def post_to(live_server, attempt, body):
    return post(live_server, hook(attempt), body)


def post(live_server, path, body):
    headers = {"Content-Type": "application/json"}
    return requests.post(live_server.url + path, body, headers=headers, timeout=60).status_code


def decide_all():
    """Decide every delivery in a thread of its own, beside the one of the server that may be at it."""
    kept = events()
    at_once(lambda number: event_services.process_event(kept[number]), len(kept))


def assert_paid_once(attempt):
    assert [each.status for each in payments()] == [PaymentStatus.SUCCESSFUL]
    order = fresh(attempt.order)
    assert order.status == OrderStatus.PAID and order.history.filter(status="paid").count() == 1
    assert [each.amount for each in uses_of(order)] == [order.total_amount]
    assert fresh(attempt).history.filter(status="succeeded").count() == 1


def test_one_success_from_many_threads_is_one_payment(live_server, store):
    attempt = ask(make_bill(store))
    answers = at_once(lambda number: post_to(live_server, attempt, body_for(attempt)))
    assert set(answers) == {200}
    decide_all()
    assert [each.outcome for each in events()] == [EventOutcome.APPLIED]
    assert_paid_once(attempt)


def test_one_success_in_many_wordings_is_one_payment(live_server, store):
    attempt = ask(make_bill(store))
    answers = at_once(lambda n: post_to(live_server, attempt, body_for(attempt, ResultDesc=f"Done {n}")))
    assert set(answers) == {200}
    decide_all()
    assert sorted(each.outcome for each in events()) == ["applied"] + ["ignored"] * (THREADS - 1)
    assert_paid_once(attempt)


def test_a_success_beats_the_failures_that_arrive_with_it(live_server, store):
    attempt = ask(make_bill(store))
    failed = {"ResultCode": 1032, "CallbackMetadata": ...}
    bodies = [
        body_for(attempt),
        *(body_for(attempt, ResultDesc=f"{n}", **failed) for n in range(THREADS - 1)),
    ]
    at_once(lambda number: post_to(live_server, attempt, bodies[number]))
    decide_all()
    assert_paid_once(attempt)


def test_one_receipt_for_two_prompts_at_once_pays_one_order(live_server, store):
    pair = [ask(make_bill(store)), ask(make_bill(store))]
    at_once(lambda number: post_to(live_server, pair[number], body_for(pair[number])), 2)
    decide_all()
    paid = [each for each in payments() if each.status == PaymentStatus.SUCCESSFUL]
    assert len(paid) == 1
    assert sorted(fresh(each).status for each in pair) == [AttemptStatus.REVIEW, AttemptStatus.SUCCEEDED]


def test_cash_and_a_late_success_at_once_pay_the_order_once_and_keep_the_rest(live_server, store, later):
    attempt = ask(make_bill(store))
    later(minutes=4)

    def act(number):
        if number:
            return post_to(live_server, attempt, body_for(attempt))
        try:
            return in_scope(store, record_cash, attempt.order, amount=attempt.order.total_amount, by=None)
        except event_services.RuleBroken:
            return None  # the other money was first

    at_once(act, 2)
    decide_all()
    came = [each for each in payments() if each.status == PaymentStatus.SUCCESSFUL]
    assert [each.order_id for each in came].count(attempt.order_id) == 1
    assert any(each.transaction_id for each in came)
    assert fresh(attempt.order).history.filter(status="paid").count() == 1


def test_one_of_many_clerks_asks_and_the_others_are_told(store):
    order = make_bill(store)

    def act(number):
        try:
            return in_scope(store, request_payment, order, phone=PHONE, by=None)
        except event_services.RuleBroken as rule:
            return str(rule)

    answers = at_once(act, 6)
    assert sum(not isinstance(each, str) for each in answers) == 1
    assert all("may still answer" in each for each in answers if isinstance(each, str))
    assert Payment._base_manager.count() == 1


def test_the_control_without_locks_and_transactions_one_success_pays_twice(store, monkeypatch):
    """Each thread looks, waits for the other to have looked, and only then writes, one after the other."""
    attempt = ask(make_bill(store))
    event = event_services.record_event(attempt, body=body_for(attempt))
    barrier, turn = Barrier(2), Lock()

    def look_together(row):
        row = fresh(row)
        turn.release()
        try:
            barrier.wait(timeout=20)
        finally:
            turn.acquire()
        return row

    def act(_number):
        with turn:
            return event_services.process_event(event)

    for module in (booking, cases, results, transitions):
        monkeypatch.setattr(module, "lock", look_together)
    monkeypatch.setattr(transaction.Atomic, "__enter__", lambda self: None)
    monkeypatch.setattr(transaction.Atomic, "__exit__", lambda self, *error: None)
    decided = at_once(act, 2)
    monkeypatch.undo()
    assert [each.outcome for each in decided] == [EventOutcome.APPLIED] * 2
    order = fresh(attempt.order)
    assert order.history.filter(status="paid").count() == 2
    assert [each.amount for each in uses_of(order)] == [2 * order.total_amount]
    assert list(payments_are_used_once()) and list(paid_orders_have_their_money())
    with pytest.raises(AssertionError):
        assert_paid_once(attempt)


def test_one_receipt_by_the_prompt_and_by_the_till_at_once_is_one_payment(live_server, store):
    attempt, account = ask(make_bill(store)), make_account(store)
    told = [
        (hook(attempt), body_for(attempt, "RKL51ZDR4F")),
        (f"/hooks/till/{account.hook_token}/", confirmation(BillRefNumber=attempt.order.number)),
    ] * 4
    answers = at_once(lambda number: post(live_server, *told[number]), len(told))
    assert set(answers) == {200}
    decide_all()
    came = [each for each in payments() if each.status == PaymentStatus.SUCCESSFUL]
    assert len(came) == 1 and fresh(attempt.order).status == OrderStatus.PAID
    assert fresh(attempt).payment == came[0] and not came[0].free
    assert sorted(each.outcome for each in events()) in (["applied", "applied"], ["applied", "ignored"])


def test_one_till_payment_in_many_wordings_at_once_is_one_payment(live_server, store):
    account, order = make_account(store), make_bill(store)
    path = f"/hooks/till/{account.hook_token}/"
    bodies = [confirmation(BillRefNumber=order.number, OrgAccountBalance=f"{n}.00") for n in range(8)]
    answers = at_once(lambda number: post(live_server, path, bodies[number]), 8)
    assert set(answers) == {200} and len(events()) == 8
    decide_all()
    assert [each.status for each in payments()] == [PaymentStatus.SUCCESSFUL]
    assert fresh(order).history.filter(status="paid").count() == 1


def test_one_event_of_stripe_from_many_threads_is_one_payment(store):
    account = make_account(store, "stripe")
    attempt = make_card_attempt(make_bill(store), account)
    body = card_event("payment_intent.succeeded", intent_for(attempt))
    assert at_once(lambda number: post_card(Client(), account, body), 3) == [200] * 3
    decide_all()
    assert [each.outcome for each in events()] == [EventOutcome.APPLIED]
    assert_paid_once(attempt)


def test_good_deliveries_go_through_in_the_midst_of_a_flood_of_wrong_tokens(live_server, store):
    good = [ask(make_bill(store)) for _number in range(2)]

    def deliver(number):
        if number < len(good):
            return {post_to(live_server, good[number], body_for(good[number], f"NLJ7RT61S{number}"))}
        paths = (f"/hooks/lnm/{number * 1000 + n:032x}/" for n in range(30))
        return {post(live_server, path, b"{}") for path in paths}

    answers = at_once(deliver, 8)
    assert answers == [{200}] * 2 + [{404}] * 6
    decide_all()
    assert {fresh(each.order).status for each in good} == {OrderStatus.PAID} and len(events()) == 2


def in_scope(business, service, *args, **kwargs):
    with event_services.business_scope(business):
        return service(*args, **kwargs)
