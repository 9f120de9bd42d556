"""PayPal says that the customer agreed while his browser comes back: the money is collected once."""

from threading import Barrier

import pytest
from django.test import Client

from payments.models import PaymentAttempt, Provider
from payments.services import looking
from payments.services.looking import look_after
from payments.simulator.paypal.answers import PAYPAL_CREDENTIALS, json_answer
from tests.payments.money import events, make_bill, payments
from tests.payments.provider_accounts import linked, make_account
from tests.payments.test_callback_race import assert_paid_once, at_once
from tests.payments.test_paypal_hooks import post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agreed(store, providers):
    """A request to which the customer has agreed; PayPal's deliveries are held back."""
    make_account(store, Provider.PAYPAL, identifier=PAYPAL_CREDENTIALS["merchant_id"])
    attempt = linked(make_bill(store, "2590.00"), Provider.PAYPAL)
    providers.paypal.hold = True
    providers.paypal.choose(attempt.checkout_request_id, "approve")
    providers.paypal.latency = 0.2  # who asks second asks before the first was answered
    return attempt


def by_both_roads(attempt, providers):
    """Deliver the approval and let the browser come back, each with a worker that asks PayPal at once."""
    (approval,), workers = providers.paypal.held, Barrier(2)

    def come(number):
        if number:
            assert Client().get(f"/hooks/back/{attempt.pk}/").status_code == 200
        else:
            assert post(Client(), attempt.account, approval) == 200
        workers.wait(timeout=20)
        look_after(attempt.pk)

    at_once(come, 2)


def collections(providers):
    """The PayPal-Request-Id of each call that collects."""
    return [key for _method, path, key in providers.paypal.calls if path.endswith("/capture")]


def test_an_approval_and_the_returning_browser_collect_once(agreed, providers):
    by_both_roads(agreed, providers)
    assert collections(providers) == [f"capture:{agreed.checkout_request_id}"]
    assert_paid_once(agreed)
    for body in providers.paypal.held[1:]:  # the news of the money comes last
        assert post(Client(), agreed.account, body) == 200
    assert {each.outcome for each in events()} == {"ignored"}
    assert_paid_once(agreed)


def test_control_without_the_claim_both_collect_and_paypal_does_it_once(agreed, providers, monkeypatch):
    monkeypatch.setattr(looking, "claim_look", lambda pk: PaymentAttempt._base_manager.get(pk=pk))
    by_both_roads(agreed, providers)
    assert collections(providers) == [f"capture:{agreed.checkout_request_id}"] * 2
    assert len(providers.paypal.order(agreed.checkout_request_id).captures) == 1
    assert_paid_once(agreed)


def test_money_collected_between_the_look_and_the_capture_counts_once(agreed, providers):
    order = providers.paypal.order(agreed.checkout_request_id)
    providers.paypal.faults = [json_answer(200, order.show())]  # what the look sees
    order.capture()  # under another key than ours
    look_after(agreed.pk)
    assert len(collections(providers)) == 1  # PayPal answers ORDER_ALREADY_CAPTURED
    assert [each.transaction_id for each in payments()] == [order.captures[0]["id"]]
    assert_paid_once(agreed)
