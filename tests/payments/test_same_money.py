"""A prompt's money that the till or a statement tells of before the prompt's own callback: booked once."""

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
from tests.payments.money import PHONE, ask, fresh, make_bill, pay, payments
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
