"""A prompt's money that the till or a statement tells of before its callback does: booked once."""

from hashlib import sha256

import pytest
from django.utils import timezone

from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from payments.gateways.gateway import Standing, State
from payments.models import AttemptStatus, EventOutcome, PaymentStatus
from payments.services.receipts import claim_receipt
from payments.services.statements import book_line
from payments.services.verdicts import note_paid
from sales.models import OrderStatus
from tests.payments.hooks import confirmation, make_account, post_till
from tests.payments.money import PHONE, ask, deliver, events, failure_for, fresh, make_bill, pay, payments
from tests.payments.statements import make_line

pytestmark = pytest.mark.django_db

RECEIPT = "RKL51ZDR4F"
HIDDEN = "2547 ***** 678"
HASHED = sha256(PHONE.encode()).hexdigest()


@pytest.fixture
def account(store):
    return make_account(store)


def at_till(client, account, receipt=RECEIPT, **values):
    """Tell of KES 250 at the till, now, from the phone that is asked unless values say otherwise."""
    moment = timezone.localtime(timezone=account.business.clock).strftime("%Y%m%d%H%M%S")
    told = {"TransID": receipt, "TransTime": moment, "MSISDN": PHONE, **values}
    post_till(client, account, confirmation(**told))


def look(attempt):
    """Hear from Safaricom that a prompt is paid; it tells no receipt. Returns the attempt."""
    note_paid(fresh(attempt), Standing(State.PAID, reference=attempt.checkout_request_id))
    return fresh(attempt)


def received():
    """The receipts of all money that came; nothing that must hold is broken."""
    assert [each.name for each in check_all() if not each.holds] == []
    return [each.transaction_id for each in payments() if each.status == PaymentStatus.SUCCESSFUL]


@pytest.mark.parametrize("payer", [PHONE, HASHED, HIDDEN])
def test_money_at_the_till_for_the_order_is_the_prompts_when_its_callback_is_lost(
    client, store, account, payer
):
    attempt = ask(make_bill(store))
    at_till(client, account, BillRefNumber=attempt.order.number, MSISDN=payer)
    attempt = look(attempt)
    assert received() == [RECEIPT]
    assert (attempt.status, attempt.payment.transaction_id) == (AttemptStatus.SUCCEEDED, RECEIPT)
    assert RECEIPT in attempt.message and attempt.order.status == OrderStatus.PAID


@pytest.mark.parametrize("payer", [PHONE, HASHED])
def test_money_of_the_phone_that_names_nothing_is_the_prompts_too_and_pays_its_order(
    client, store, account, payer
):
    attempt = ask(make_bill(store))
    at_till(client, account, MSISDN=payer)
    attempt = look(attempt)
    assert received() == [RECEIPT]
    assert (attempt.payment.free, attempt.order.status) == (0, OrderStatus.PAID)


def test_the_callback_that_comes_at_last_lands_on_the_same_money(client, store, account):
    attempt = ask(make_bill(store))
    at_till(client, account, BillRefNumber=attempt.order.number)
    attempt = look(attempt)
    event = pay(attempt, RECEIPT)
    assert (event.outcome, event.payment, received()) == (EventOutcome.IGNORED, attempt.payment, [RECEIPT])


@pytest.mark.parametrize(
    "other",
    [
        {"MSISDN": "254799999999"},
        {"TransAmount": "251.00"},
        {"TransTime": "20231121121325"},
    ],
)
def test_other_money_is_not_taken_for_the_prompts(client, store, account, other):
    attempt = ask(make_bill(store))
    at_till(client, account, **other)
    attempt = look(attempt)
    assert received() == [RECEIPT, None] or received() == [None, RECEIPT]
    assert (attempt.payment.transaction_id, attempt.order.status) == (None, OrderStatus.PAID)


def test_money_that_was_sent_for_another_order_is_not_the_prompts(client, store, account):
    attempt, other = ask(make_bill(store)), make_bill(store)
    at_till(client, account, BillRefNumber=other.number)
    attempt = look(attempt)
    assert sorted(map(str, received())) == ["None", RECEIPT]
    assert {attempt.order.status, fresh(other).status} == {OrderStatus.PAID}


def test_money_that_a_prompt_brought_is_not_taken_by_another_prompt(client, store, account):
    first, second = ask(make_bill(store)), ask(make_bill(store))
    at_till(client, account)
    assert look(first).payment.transaction_id == RECEIPT
    assert look(second).payment.transaction_id is None
    assert len(received()) == 2


def test_of_two_such_payments_a_person_says_which_by_the_customers_receipt(client, store, account):
    attempt = ask(make_bill(store))
    at_till(client, account)
    at_till(client, account, "RKL52ZDR4F")
    attempt = look(attempt)
    assert attempt.status == AttemptStatus.REVIEW and "RKL51ZDR4F, RKL52ZDR4F" in attempt.message
    claim_receipt(attempt, receipt="RKL52ZDR4F", by=None)
    attempt = look(attempt)
    assert (attempt.payment.transaction_id, attempt.order.status) == ("RKL52ZDR4F", OrderStatus.PAID)
    assert received() == ["RKL51ZDR4F", "RKL52ZDR4F"]


def test_money_of_a_hidden_payer_is_left_to_a_person_or_to_the_callback(client, store, account):
    attempt = ask(make_bill(store))
    at_till(client, account, MSISDN=HIDDEN)
    for _ in range(2):
        attempt = look(attempt)
        assert (attempt.status, received()) == (AttemptStatus.REVIEW, [RECEIPT])
    pay(attempt, RECEIPT)
    assert fresh(attempt).payment.transaction_id == RECEIPT and received() == [RECEIPT]


def test_a_receipt_that_is_none_of_those_says_that_it_is_other_money(client, store, account):
    attempt = ask(make_bill(store))
    at_till(client, account, MSISDN=HIDDEN)
    attempt = look(attempt)
    claim_receipt(attempt, receipt="RKL59ZDR4F", by=None)
    assert look(attempt).order.status == OrderStatus.PAID
    assert received() == [RECEIPT, None] or received() == [None, RECEIPT]


def test_a_receipt_of_quite_other_money_decides_nothing(client, store, account):
    attempt = ask(make_bill(store))
    at_till(client, account, MSISDN=HIDDEN)
    at_till(client, account, "RKL58ZDR4F", TransAmount="90.00")
    attempt = look(attempt)
    with pytest.raises(RuleBroken, match="is here already"):
        claim_receipt(attempt, receipt="RKL58ZDR4F", by=None)


def test_a_receipt_that_is_booked_is_refused_where_nothing_is_in_doubt(client, store, account):
    at_till(client, account)
    with pytest.raises(RuleBroken, match="is here already"):
        claim_receipt(ask(make_bill(store)), receipt=RECEIPT, by=None)


@pytest.mark.parametrize("payer", ["254712345678 - JANE DOE", "254712***678 - JANE DOE"])
def test_a_line_that_was_booked_first_is_the_prompts_money(store, payer):
    attempt = ask(make_bill(store))
    book_line(make_line(store, RECEIPT, happened_at=timezone.now(), counterparty=payer), by=None)
    attempt = look(attempt)
    assert received() == [RECEIPT]
    is_told = "*" not in payer
    assert attempt.status == (AttemptStatus.SUCCEEDED if is_told else AttemptStatus.REVIEW)
    pay(attempt, RECEIPT)
    assert fresh(attempt.order).status == OrderStatus.PAID and received() == [RECEIPT]


# The prompt is confirmed first, without a receipt


@pytest.fixture
def paid(store, account):
    """A prompt that Safaricom confirmed, without its receipt."""
    attempt = look(ask(make_bill(store)))
    assert received() == [None]
    return attempt


@pytest.mark.parametrize("payer", [PHONE, HASHED])
@pytest.mark.parametrize("names_order", [True, False])
def test_the_till_completes_money_whose_receipt_was_missing(client, account, paid, payer, names_order):
    at_till(client, account, MSISDN=payer, BillRefNumber=paid.order.number if names_order else "")
    payment = fresh(paid.payment)
    assert received() == [RECEIPT]
    assert (payment.transaction_id, payment.payer_name, payment.free) == (RECEIPT, "NICHOLAS", 0)
    assert (events()[0].outcome, events()[0].payment) == (EventOutcome.APPLIED, payment)


def test_a_hidden_payer_who_names_the_order_completes_it_too(client, account, paid):
    at_till(client, account, MSISDN=HIDDEN, BillRefNumber=paid.order.number)
    assert received() == [RECEIPT]


def test_a_hidden_payer_who_names_nothing_is_somebody_else(client, account, paid):
    at_till(client, account, MSISDN=HIDDEN)
    assert received() == [None, RECEIPT]


@pytest.mark.parametrize("minutes", [0, 30, 60 * 24 * 30])
def test_money_for_another_order_pays_that_one(client, store, account, paid, later, minutes):
    later(minutes=minutes)
    other = make_bill(store)
    at_till(client, account, BillRefNumber=other.number)
    assert fresh(other).status == OrderStatus.PAID
    assert (received(), fresh(paid.payment).transaction_id) == ([None, RECEIPT], None)


def test_the_same_amount_from_the_same_phone_later_is_new_money(client, account, paid, later):
    later(minutes=30)
    at_till(client, account)
    assert (received(), fresh(paid.payment).transaction_id) == ([None, RECEIPT], None)


def test_the_confirmation_of_a_prompt_may_be_days_on_its_way(client, account, paid, later):
    then = timezone.localtime(timezone=account.business.clock).strftime("%Y%m%d%H%M%S")
    later(days=3)
    at_till(client, account, TransTime=then)
    assert received() == [RECEIPT]


def test_a_prompt_that_was_sent_again_is_completed_once(client, store, account, later):
    """The first prompt of the payment was not answered; both are of one payment."""
    first = ask(make_bill(store))
    deliver(first, failure_for(first))
    second = look(ask(fresh(first.order)))
    assert second.payment == fresh(first).payment
    at_till(client, account)
    assert received() == [RECEIPT]
