"""Refunds over real HTTP, there and back, at the pretend providers; and two people at once."""

from threading import Barrier

import pytest
from django.db import transaction

from backoffice import transitions
from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from payments.models import EventOutcome, PaymentMethod, PaymentStatus, Provider, ProviderAccount
from payments.models import RefundStatus as S
from payments.services import refund_money
from payments.services.accounts import save_account
from payments.services.refund_sending import send_refund
from tests.payments import cards, paypal
from tests.payments.daraja import until
from tests.payments.money import events, fresh, until_decided
from tests.payments.refunds import approved, ask_back, make_free, refunds
from tests.payments.test_callback_race import at_once, in_scope
from tests.payments.test_refund_sending import paid_at_till, paid_by_card, paid_by_paypal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def providers(simulator, settings, live_server, store):
    """The pretend providers, who deliver to the site."""
    settings.PAYMENT_SIMULATOR_URL, settings.BASE_URL = simulator.url, live_server.url
    simulator.hold = True
    return simulator


def open_hook(business, provider, live_server, word):
    """Give the business an account, and return the address to which its provider delivers."""
    account = ProviderAccount(business=business, provider=provider, name="Ours", identifier=f"acc-{word}")
    account = save_account(account, by=None)
    return f"{live_server.url}/hooks/{word}/{account.hook_token}/"


def outcomes():
    return sorted(each.outcome for each in events())


@pytest.mark.parametrize(
    ("amount", "ending", "status"),
    [
        (250, "", S.SUCCEEDED),
        (100, "", S.SUCCEEDED),
        (250, "R000001", S.SUCCEEDED),
        (250, "R000002", S.FAILED),
        (100, "1", S.FAILED),
        (250, "1", S.FAILED),
        (250, "timeout", S.UNKNOWN),
    ],
)
def test_mpesa_tells_how_a_refund_ended(store, providers, amount, ending, status):
    payment = paid_at_till(store, providers)
    providers.operation_ending, providers.copies = ending, 2
    refund = approved(payment, amount)
    send_refund(refund.pk)
    until(lambda: providers.held)
    providers.release()
    until_decided()
    refund = fresh(refund)
    assert refund.status == status
    is_back = status == S.SUCCEEDED and amount == 250
    assert fresh(payment).status == (PaymentStatus.REFUNDED if is_back else PaymentStatus.SUCCESSFUL)
    assert [each for each in check_all() if not each.holds] == []


def test_mpesa_is_faster_than_its_own_answer(store, providers):
    payment = paid_at_till(store, providers)
    providers.hold, providers.latency = False, 0.3
    refund = approved(payment, 250)
    send_refund(refund.pk)
    until(lambda: fresh(refund).status == S.SUCCEEDED)
    assert fresh(refund).reference or fresh(refund).receipt


def test_stripe_tells_of_every_refund_in_several_deliveries(store, providers, live_server):
    payment = paid_by_card(store, providers)
    stripe = providers.stripe
    stripe.webhook_url = open_hook(store, Provider.STRIPE, live_server, "card")
    stripe.refund_status = "pending"
    for amount in (100, 50):
        send_refund(approved(payment, amount).pk)
    stripe.wait_for_deliveries(4)
    first, second = stripe.refunds
    stripe.finish_refund(first, "succeeded")
    stripe.finish_refund(second, "failed")
    stripe.wait_for_deliveries(6)
    assert {status for _event, status in stripe.deliveries} == {200}
    until_decided()
    assert sorted(each.status for each in refunds()) == [S.FAILED, S.SUCCEEDED]
    assert fresh(payment).free == 150
    assert [each for each in check_all() if not each.holds] == []


def test_a_refund_made_at_stripe_is_recorded_once(store, providers, live_server):
    payment = paid_by_card(store, providers)
    stripe = providers.stripe
    stripe.webhook_url, stripe.copies = open_hook(store, Provider.STRIPE, live_server, "card"), 2
    cards.make_gateway(providers).refund(cards.make_refund(payment.transaction_id, key="theirs"))
    stripe.wait_for_deliveries(4)
    until_decided()
    assert fresh(payment).free == 150
    assert [each.status for each in refunds()] == [S.SUCCEEDED]
    assert EventOutcome.ERROR not in outcomes()


def test_paypal_tells_of_refunds_made_there_and_what_exceeds_is_for_a_person(store, providers, live_server):
    payment = paid_by_paypal(store, providers)
    providers.paypal.webhook_url = open_hook(store, Provider.PAYPAL, live_server, "paypal")
    providers.paypal.copies = 2
    send_refund(approved(payment, "7.50").pk)
    until(lambda: len(providers.paypal.deliveries) == 2)
    until_decided()
    assert outcomes() == [EventOutcome.IGNORED]
    ask_back(payment, "5.00")
    elsewhere = paypal.make_refund(payment.transaction_id)
    paypal.make_gateway(providers).refund(elsewhere)
    until(lambda: len(providers.paypal.deliveries) == 4)
    until_decided()
    assert outcomes() == [EventOutcome.IGNORED, EventOutcome.REVIEW]
    assert len(refunds()) == 2


# Two people at once


def ask_both(store, payment, amount=200, **values):
    def act(number):
        try:
            return in_scope(store, ask_back, payment, amount, **values)
        except RuleBroken as rule:
            return str(rule)

    return at_once(act, 2)


def test_of_two_refunds_at_once_one_is_taken(store):
    payment = make_free(store, method=PaymentMethod.CASH)
    answers = ask_both(store, payment)
    assert [isinstance(each, str) for each in sorted(answers, key=str)].count(True) == 1
    assert (len(refunds()), fresh(payment).free) == (1, 50)


def test_one_form_sent_twice_at_once_asks_once(store):
    payment = make_free(store, method=PaymentMethod.CASH)
    first, second = ask_both(store, payment, amount=100, key="a" * 32)
    assert first == second == refunds()[0]
    assert fresh(payment).free == 150


def test_the_control_without_locks_and_transactions_both_are_taken(store, monkeypatch):
    payment = make_free(store, method=PaymentMethod.CASH)
    barrier = Barrier(2)

    def look_together(row):
        row = fresh(row)
        barrier.wait(timeout=20)
        return row

    for module in (refund_money, transitions):
        monkeypatch.setattr(module, "lock", look_together)
    monkeypatch.setattr(transaction.Atomic, "__enter__", lambda self: None)
    monkeypatch.setattr(transaction.Atomic, "__exit__", lambda self, *error: None)
    ask_both(store, payment)
    monkeypatch.undo()
    assert sum(each.amount for each in refunds()) == 400
    assert "payments.payments_are_used_once" in {each.name for each in check_all() if not each.holds}
