"""A link for the customer: what it asks for, when another request is refused, and answers that get lost."""

from decimal import Decimal

import pytest

from backoffice.errors import RuleBroken
from payments.models import AttemptStatus, PaymentMethod, Provider
from payments.services.links import request_link, withdraw_link
from payments.services.prompts import send_attempt
from payments.services.settlement import amount_due
from tests.payments.money import ask, fresh, make_bill, payments
from tests.payments.provider_accounts import linked, look, make_account

pytestmark = pytest.mark.django_db


def test_a_card_link_asks_for_all_that_is_due_in_the_orders_currency(store, providers):
    make_account(store, Provider.STRIPE)
    attempt = linked(make_bill(store, "249.97"), Provider.STRIPE)
    assert (attempt.amount_requested, attempt.currency, attempt.rate) == (Decimal("249.97"), "KES", None)
    assert attempt.status == AttemptStatus.SUBMITTED and attempt.link.startswith(providers.url)
    assert payments()[0].method == PaymentMethod.CARD


@pytest.mark.parametrize(
    ("total", "rate", "asked"),
    [
        ("2590.00", "129.50", "20.00"),
        ("250.00", "129.50", "1.93"),
        ("1.01", "200", "0.01"),
        ("5", "8", "0.63"),
    ],
)
def test_a_paypal_link_is_quoted_at_the_accounts_rate_rounded_half_up(store, providers, total, rate, asked):
    make_account(store, Provider.PAYPAL, quote_rate=Decimal(rate))
    attempt = linked(make_bill(store, total), Provider.PAYPAL)
    assert (attempt.amount_requested, attempt.currency) == (Decimal(asked), "USD")
    assert (attempt.worth, attempt.rate) == (Decimal(total), Decimal(rate))
    assert providers.paypal.order(attempt.checkout_request_id).amount == Decimal(asked)


def test_an_amount_that_is_nothing_in_the_other_currency_is_refused(store, providers):
    make_account(store, Provider.PAYPAL, quote_rate=Decimal(500))
    with pytest.raises(RuleBroken, match="too small"):
        request_link(make_bill(store, "1.00"), provider=Provider.PAYPAL, by=None)


def test_without_a_rate_paypal_is_not_asked_for_shillings(store):
    make_account(store, Provider.PAYPAL, quote_currency="", quote_rate=None)
    with pytest.raises(RuleBroken, match="does not take KES"):
        request_link(make_bill(store), provider=Provider.PAYPAL, by=None)


def test_without_an_account_there_is_no_link(store, providers):
    with pytest.raises(RuleBroken, match="not set up yet"):
        request_link(make_bill(store), provider=Provider.STRIPE, by=None)


def test_while_a_link_is_open_nobody_else_is_asked(store, providers, later):
    make_account(store, Provider.STRIPE)
    attempt = linked(make_bill(store), Provider.STRIPE)
    later(hours=23)
    with pytest.raises(RuleBroken, match="may still pay by the link"):
        ask(attempt.order)
    later(hours=1, seconds=1)
    assert ask(attempt.order).status == AttemptStatus.SUBMITTED


def test_a_link_that_was_withdrawn_makes_room_and_its_money_is_still_believed(store, providers):
    make_account(store, Provider.STRIPE)
    attempt = linked(make_bill(store), Provider.STRIPE)
    withdraw_link(attempt, by=None)
    prompt = ask(attempt.order)
    assert [each.status for each in payments()] == ["failed", "pending"]
    providers.stripe.choose(attempt.checkout_request_id, "pay")
    attempt = look(attempt)
    assert (attempt.status, attempt.is_late) == (AttemptStatus.SUCCEEDED, True)
    assert attempt.order.status == "paid" and amount_due(attempt.order) == 0
    assert fresh(prompt).status == AttemptStatus.SUBMITTED


@pytest.mark.parametrize("provider", [Provider.STRIPE, Provider.PAYPAL])
def test_a_lost_answer_is_asked_for_again_and_makes_one_link(store, providers, provider):
    make_account(store, provider)
    drop_next_answer(providers, provider)
    attempt = linked(make_bill(store), provider)
    assert attempt.status == AttemptStatus.UNKNOWN and attempt.next_look_at
    providers.stripe.drop = ""
    attempt = look(attempt)
    assert attempt.status == AttemptStatus.SUBMITTED and attempt.link
    assert len(providers.stripe.sessions) + len(providers.paypal.orders) == 1


def drop_next_answer(providers, provider):
    if provider == Provider.STRIPE:
        providers.stripe.drop = "after"
    else:
        providers.paypal.faults = ["drop_after"]


def test_a_refusal_is_told_and_is_not_asked_again(store, providers):
    make_account(store, Provider.STRIPE)
    providers.stripe.answers = [(402, b'{"error": {"type": "card_error", "message": "no"}}', {})]
    attempt = request_link(make_bill(store), provider=Provider.STRIPE, by=None)
    send_attempt(attempt.pk)
    attempt = fresh(attempt)
    assert attempt.status == AttemptStatus.FAILED and attempt.next_look_at is None


def test_coming_back_from_the_page_thanks_and_has_the_provider_asked(store, providers, client, later):
    make_account(store, Provider.PAYPAL)
    attempt = linked(make_bill(store), Provider.PAYPAL)
    due_first = attempt.next_look_at
    answer = client.get(f"/hooks/back/{attempt.pk}/")
    assert answer.status_code == 200 and store.name in answer.content.decode()
    assert fresh(attempt).next_look_at < due_first
    assert client.get(f"/hooks/back/{store.pk}/").status_code == 404
