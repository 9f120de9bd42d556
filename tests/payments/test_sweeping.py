"""What is due is done although the task, the worker or the row before it was lost."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from payments.models import AttemptStatus, EventOutcome, PaymentAttempt, Provider, WebhookEvent
from payments.services import looking, results
from payments.services.attempts import request_payment
from payments.services.events import process_event, record_event
from payments.services.links import request_link
from payments.services.prompts import claim_attempt
from payments.services.sweeping import sweep
from payments.simulator.callback import callback_body
from tests.payments.money import PHONE, ask, body_for, events, fresh, make_bill
from tests.payments.provider_accounts import answer, make_account, prompted

pytestmark = pytest.mark.django_db


def test_a_request_whose_task_was_lost_is_sent(store, providers, later):
    attempt = request_payment(make_bill(store), phone=PHONE, by=None)
    sweep()
    assert not providers.prompts  # it is the task's turn
    later(seconds=11)
    sweep()
    sweep()
    assert len(providers.prompts) == 1 and fresh(attempt).status == AttemptStatus.SUBMITTED


def test_a_prompt_whose_worker_died_at_it_stays_in_doubt_and_is_not_sent_again(store, providers, later):
    attempt = request_payment(make_bill(store), phone=PHONE, by=None)
    claim_attempt(attempt.pk)
    later(minutes=2, seconds=1)
    sweep()
    attempt = fresh(attempt)
    assert (attempt.status, attempt.next_look_at) == (AttemptStatus.UNKNOWN, None)
    assert not providers.prompts


def test_a_link_whose_worker_died_at_it_is_made_after_all(store, providers, later):
    make_account(store, Provider.STRIPE)
    attempt = request_link(make_bill(store), provider=Provider.STRIPE, by=None)
    claim_attempt(attempt.pk)
    later(minutes=2, seconds=1)
    sweep()
    assert fresh(attempt).link and len(providers.stripe.sessions) == 1


def test_a_silent_prompt_is_asked_about_and_ended(store, providers, later):
    make_account(store)
    attempt, prompt = prompted(make_bill(store), providers)
    later(minutes=3, seconds=1)
    sweep()
    attempt = fresh(attempt)
    assert (attempt.status, attempt.looks) == (AttemptStatus.EXPIRED, 1)
    assert attempt.next_look_at > timezone.now()


def test_a_waiting_claim_is_asked_about_at_once(store, providers):
    make_account(store)
    attempt, prompt = prompted(make_bill(store), providers)
    answer(prompt)
    process_event(record_event(attempt, body=callback_body(prompt)))
    sweep()
    assert fresh(attempt).order.status == "paid"


def test_a_delivery_that_nobody_got_to_is_applied(store, later):
    attempt = ask(make_bill(store))
    record_event(attempt, body=body_for(attempt))
    sweep()
    assert fresh(attempt).status == AttemptStatus.SUBMITTED  # the request that took it is at it
    later(minutes=2)
    sweep()
    assert fresh(attempt).order.status == "paid"


def test_a_poisoned_delivery_blocks_nothing_and_comes_up_again(store, later, monkeypatch):
    first, second = ask(make_bill(store)), ask(make_bill(store))
    for attempt in (first, second):
        record_event(attempt, body=body_for(attempt, receipt=f"TKL{attempt.order.sequence:07d}"))
    apply = results.apply_result

    def poisoned(case, attempt, order):
        if attempt.pk == first.pk:
            raise ZeroDivisionError
        return apply(case, attempt, order)

    monkeypatch.setattr(results, "apply_result", poisoned)
    later(minutes=2)
    sweep()
    assert [each.outcome for each in events()] == [EventOutcome.ERROR, EventOutcome.APPLIED]
    monkeypatch.setattr(results, "apply_result", apply)
    later(minutes=10)
    sweep()
    assert [each.outcome for each in events()] == [EventOutcome.APPLIED] * 2


def test_a_poisoned_question_blocks_nothing_and_is_not_asked_without_end(
    store, providers, later, monkeypatch
):
    make_account(store)
    first, second = prompted(make_bill(store), providers)[0], prompted(make_bill(store), providers)[0]
    ask_provider = looking.standing_of

    def poisoned(attempt):
        if attempt.pk == first.pk:
            raise ZeroDivisionError
        return ask_provider(attempt)

    monkeypatch.setattr(looking, "standing_of", poisoned)
    later(seconds=31)
    sweep()
    sweep()
    assert [fresh(each).looks for each in (first, second)] == [1, 1]


def test_cron_can_do_the_same_without_a_worker(store, providers, later, capsys):
    request_payment(make_bill(store), phone=PHONE, by=None)
    later(seconds=11)
    call_command("sweep_payments")
    assert len(providers.prompts) == 1 and "1" in capsys.readouterr().out
    assert not WebhookEvent._base_manager.exists() and PaymentAttempt._base_manager.count() == 1
