"""What comes again, comes weeks later or meets a fault is acknowledged, and counts once."""

import pytest

from payments.models import EventOutcome
from payments.services import events as service
from payments.services.settlement import uses_of
from payments.services.sweeping import sweep
from sales.models import OrderStatus
from sales.services.orders import ship_order
from tests.payments.money import PHONE, ask, body_for, events, failure_for, fresh, hook, make_bill
from tests.payments.test_callback_fuzz import state

pytestmark = pytest.mark.django_db
TAKEN = (200, {"ResultCode": 0, "ResultDesc": "Accepted"})


@pytest.fixture
def attempt(store):
    return ask(make_bill(store))


def post(client, attempt, body):
    """Deliver as Safaricom does. Returns the HTTP status and the answer."""
    answer = client.post(hook(attempt), body, content_type="application/json")
    return answer.status_code, answer.json()


def test_a_success_three_times_is_acknowledged_three_times_and_counts_once(client, attempt):
    assert post(client, attempt, body_for(attempt)) == TAKEN
    once = state(attempt)
    assert [post(client, attempt, body_for(attempt)) for _time in range(2)] == [TAKEN] * 2
    assert state(attempt) == once and len(events()) == 1
    assert [used.amount for used in uses_of(attempt.order)] == [250]
    ship_order(fresh(attempt.order), by=None)
    issued = state(attempt)
    assert post(client, attempt, body_for(attempt)) == TAKEN
    assert state(attempt) == issued


@pytest.mark.parametrize("told", [body_for, failure_for])
def test_an_old_delivery_sent_again_weeks_later_changes_nothing(client, attempt, later, told):
    post(client, attempt, failure_for(attempt))
    post(client, attempt, body_for(attempt))
    paid = state(attempt)
    later(weeks=3)
    assert post(client, attempt, told(attempt)) == TAKEN
    assert post(client, attempt, told(attempt) + b" ") == TAKEN  # other bytes, the same news
    assert state(attempt) == paid
    assert events()[-1].outcome == EventOutcome.IGNORED


def test_a_delivery_that_meets_a_bug_is_acknowledged_kept_told_of_and_tried_again(
    client, attempt, later, monkeypatch, caplog
):
    with monkeypatch.context() as patch:
        patch.setattr(service, "read_notice", a_bug)
        assert post(client, attempt, body_for(attempt)) == TAKEN
    (event,) = events()
    assert (event.outcome, event.reason, event.tries) == (EventOutcome.ERROR, "ZeroDivisionError", 1)
    assert "could not be applied" in caplog.text and PHONE not in caplog.text
    later(minutes=7)
    sweep()
    assert fresh(event).outcome == EventOutcome.APPLIED
    assert fresh(attempt.order).status == OrderStatus.PAID


def a_bug(event):
    raise ZeroDivisionError(PHONE)
