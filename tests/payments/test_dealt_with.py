"""What no machine can end is ended by a person, who says why; money that comes after all still counts."""

import pytest

from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.dashboard import is_in_doubt, is_to_look_at
from payments.models import AttemptStatus, EventOutcome, PaymentAttempt, WebhookEvent
from payments.services import events as service
from payments.services.attempts import end_silent_prompt, mark_unknown, request_payment
from payments.services.dealt_with import deal_with_attempt, deal_with_event
from payments.services.events import record_event, replay_event
from payments.services.prompts import claim_attempt
from payments.services.sweeping import look_at_due
from sales.models import OrderStatus
from sales.services.orders import cancel_order
from tests.builders import make_user
from tests.payments import provider_accounts as own
from tests.payments.hooks import (
    card_event,
    confirmation,
    intent_for,
    make_account,
    make_card_attempt,
    post_card,
    post_till,
)
from tests.payments.money import (
    PHONE,
    ask,
    body_for,
    deliver,
    events,
    failure_for,
    fresh,
    make_bill,
    pay,
    payments,
)

pytestmark = pytest.mark.django_db
NOTE = "Answered at Stripe with the delivery note."


@pytest.fixture(autouse=True)
def nothing_broken(db):
    yield
    assert [each for each in check_all() if not each.holds] == []


@pytest.fixture
def owner(store):
    return make_user((store, OWNER), first_name="Njeri", last_name="Kamau")


def to_look_at():
    return is_to_look_at(None, WebhookEvent._base_manager.all()).count()


def in_doubt():
    return is_in_doubt(None, PaymentAttempt._base_manager.all()).count()


# Deliveries


def disputed(client, store):
    """News that the bank of a customer takes back what a card paid."""
    account = make_account(store, "stripe")
    attempt = make_card_attempt(make_bill(store), account)
    post_card(client, account, card_event("payment_intent.succeeded", intent_for(attempt)))
    told = {"id": "du_1", "object": "dispute", "payment_intent": f"pi_{attempt.pk.hex}"}
    told |= {"amount": 25000, "currency": "kes", "livemode": False, "status": "needs_response"}
    post_card(client, account, card_event("charge.dispute.created", told))
    return events()[-1]


def to_another_till(client, store):
    post_till(client, make_account(store), confirmation(BusinessShortCode="600967"))
    return events()[-1]


def unreadable(client, store):
    return deliver(ask(make_bill(store)), b"no JSON")


@pytest.mark.parametrize("come", [disputed, to_another_till, unreadable])
def test_a_delivery_that_applying_again_cannot_end_is_dealt_with(client, store, owner, come):
    event = come(client, store)
    before, payment = event.reason, event.payment
    assert to_look_at() == 1
    if event.outcome == EventOutcome.REVIEW:
        assert replay_event(event, by=owner).outcome == EventOutcome.REVIEW
    event = deal_with_event(fresh(event), note=NOTE, by=owner)
    assert (event.outcome, event.payment) == (EventOutcome.IGNORED, payment)
    assert event.reason == f"Dealt with by Njeri Kamau: {NOTE} (before: {before})"
    assert to_look_at() == 0


def test_a_delivery_that_meets_a_bug_is_dealt_with_and_not_tried_again(store, owner, monkeypatch):
    attempt = ask(make_bill(store))
    monkeypatch.setattr(service, "read_notice", lambda event: 1 / 0)
    event = deal_with_event(pay(attempt), note=NOTE, by=owner)
    assert (event.outcome, event.next_try_at) == (EventOutcome.IGNORED, None)
    assert "before: ZeroDivisionError" in event.reason


def test_a_delivery_that_waits_for_nobody_is_not_dealt_with(store, owner):
    attempt = ask(make_bill(store))
    waiting = record_event(attempt, body=body_for(attempt))
    for event in (waiting, pay(attempt)):
        with pytest.raises(RuleBroken, match="does not wait for anybody"):
            deal_with_event(event, note=NOTE, by=owner)


def test_only_an_owner_deals_with_a_delivery_and_says_what_was_done(client, store, owner):
    event = to_another_till(client, store)
    address = f"/admin/payments/webhookevent/{event.pk}/do-deal-with/"
    client.force_login(make_user((store, ACCOUNTANT)))
    assert client.post(address, {"note": NOTE}).status_code == 403
    client.force_login(owner)
    client.post(address, {"note": " "})
    assert fresh(event).outcome == EventOutcome.REVIEW
    client.post(address, {"note": NOTE})
    assert fresh(event).outcome == EventOutcome.IGNORED
    page = client.get(f"/admin/payments/webhookevent/{event.pk}/change/").content.decode()
    assert NOTE in page and address not in page


# Requests


def unanswered(order):
    """A prompt of which nobody knows whether it reached the phone."""
    attempt = request_payment(order, phone=PHONE, by=None)
    claim_attempt(attempt.pk)
    mark_unknown(fresh(attempt), message="no answer")
    return fresh(attempt)


def without_amount(order):
    """A prompt that was paid, says a delivery that does not say how much."""
    attempt = ask(order)
    pay(attempt, items={"Amount": ...})
    return fresh(attempt)


def silent(order):
    """A prompt that ended without an answer, and about which Safaricom is still asked."""
    attempt = ask(order)
    own.long_ago(attempt, minutes=4)
    end_silent_prompt(attempt)
    return fresh(attempt)


@pytest.mark.parametrize("happens", [unanswered, without_amount, silent])
@pytest.mark.parametrize("is_cancelled", [True, False])
def test_a_request_in_doubt_is_dealt_with(store, owner, later, happens, is_cancelled):
    attempt = happens(make_bill(store))
    if is_cancelled:
        cancel_order(fresh(attempt.order), by=None)
    later(minutes=5)
    assert in_doubt() == 1
    attempt = deal_with_attempt(attempt, note="Not on the statement", by=owner)
    assert (attempt.status, fresh(attempt.payment).status) == (AttemptStatus.FAILED, "failed")
    assert attempt.message == "Dealt with by Njeri Kamau: Not on the statement"
    assert attempt.history.first().history_user == owner
    assert in_doubt() == 0


def test_a_prompt_in_doubt_whose_order_the_till_paid_is_dealt_with(client, store, owner, later):
    attempt = unanswered(make_bill(store))
    post_till(client, make_account(store), confirmation(BillRefNumber=attempt.order.number, MSISDN=PHONE))
    later(minutes=5)
    deal_with_attempt(attempt, note="It is the money of the till", by=owner)
    assert fresh(attempt.order).status == OrderStatus.PAID and in_doubt() == 0
    assert sorted(each.status for each in payments()) == ["failed", "successful"]


def test_the_customer_is_asked_again_after_that(store, owner, later):
    attempt = unanswered(make_bill(store))
    later(minutes=5)
    deal_with_attempt(attempt, note="The phone was off", by=owner)
    pay(ask(fresh(attempt.order)))
    assert fresh(attempt.order).status == OrderStatus.PAID


@pytest.mark.parametrize("happens", [unanswered, silent])
def test_money_that_is_told_of_later_pays_the_order_as_late(store, owner, later, happens):
    attempt = happens(make_bill(store))
    later(minutes=5)
    attempt = deal_with_attempt(attempt, note="Nothing came", by=owner)
    assert pay(attempt).outcome == EventOutcome.APPLIED
    attempt = fresh(attempt)
    assert (attempt.status, attempt.is_late, attempt.order.status) == ("succeeded", True, "paid")


def given_up(store, providers, owner):
    """A prompt without an answer that an owner dealt with; Safaricom is asked about every payment."""
    own.make_account(store)
    attempt, prompt = own.prompted(make_bill(store), providers)
    own.long_ago(attempt, minutes=4)
    end_silent_prompt(attempt)
    return deal_with_attempt(fresh(attempt), note="Nothing came", by=owner), prompt


def test_a_success_that_is_told_of_later_is_asked_about_first(store, owner, providers):
    attempt, prompt = given_up(store, providers, owner)
    own.answer(prompt)
    assert own.tell(attempt, prompt).outcome == EventOutcome.WAITING
    attempt = own.look(attempt)
    assert (attempt.status, attempt.is_late, attempt.order.status) == ("succeeded", True, "paid")


@pytest.mark.parametrize("choice, status", [("pin", "succeeded"), ("cancel", "failed")])
def test_the_provider_is_asked_as_before_and_its_word_counts(store, owner, providers, later, choice, status):
    attempt, prompt = given_up(store, providers, owner)
    own.answer(prompt, choice)  # and its callback is lost
    later(minutes=2)
    look_at_due(20)
    attempt = fresh(attempt)
    assert (attempt.status, attempt.next_look_at) == (status, None)
    assert ("Nothing came" in attempt.message) == (choice == "cancel")


def test_a_request_is_not_dealt_with_while_its_customer_may_answer(store, owner):
    attempt = unanswered(make_bill(store))
    with pytest.raises(RuleBroken, match="may still pay by it"):
        deal_with_attempt(attempt, note=NOTE, by=owner)


def test_a_request_is_not_dealt_with_while_a_delivery_about_it_waits(store, owner, later):
    attempt = unanswered(make_bill(store))
    later(minutes=5)
    event = record_event(attempt, body=body_for(attempt))
    with pytest.raises(RuleBroken, match="not decided yet"):
        deal_with_attempt(attempt, note=NOTE, by=owner)
    service.process_event(event)
    assert fresh(attempt).status == AttemptStatus.SUCCEEDED


def test_only_what_is_in_doubt_is_dealt_with(store, owner):
    attempt = ask(make_bill(store))
    for news in (None, failure_for(attempt), body_for(attempt)):
        if news:
            deliver(attempt, news)
        with pytest.raises(RuleBroken, match="not in doubt"):
            deal_with_attempt(attempt, note=NOTE, by=owner)


def test_an_accountant_deals_with_a_request_from_the_order_and_a_clerk_does_not(client, store, later):
    attempt = unanswered(make_bill(store))
    later(minutes=5)
    address = f"/admin/payments/paymentattempt/{attempt.pk}/do-deal-with/"
    panel = f"/admin/payments/payment/order-panel/{attempt.order_id}/"
    client.force_login(make_user((store, STAFF)))
    assert address not in client.get(panel).content.decode()
    assert client.post(address, {"note": NOTE}).status_code == 403
    client.force_login(make_user((store, ACCOUNTANT)))
    assert address in client.get(panel).content.decode()
    client.post(address, {"note": ""})
    assert fresh(attempt).status == AttemptStatus.UNKNOWN
    client.post(address, {"note": NOTE})
    assert fresh(attempt).status == AttemptStatus.FAILED
    shown = client.get(panel).content.decode()
    assert NOTE in shown and address not in shown
