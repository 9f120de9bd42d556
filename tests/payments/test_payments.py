"""Money taken in hand: cash, and unmatched money that finds its order."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backoffice.errors import RuleBroken
from backoffice.scoping import business_scope
from payments.models import AttemptStatus, PaymentStatus
from payments.services.payments import match_payment, record_cash
from payments.services.settlement import amount_due, create_payment
from sales.models import OrderStatus
from sales.services.items import change_items
from sales.services.orders import cancel_order
from tests.builders import make_business, make_user
from tests.payments.money import ask, deliver, failure_for, fresh, make_bill, pay, payments

pytestmark = pytest.mark.django_db


def make_unmatched(store, amount="250.00", receipt="UUU1111111"):
    """M-Pesa money that came for an order cancelled meanwhile."""
    attempt = ask(make_bill(store, amount))
    cancel_order(attempt.order, by=None)
    pay(attempt, receipt)
    return next(each for each in payments() if each.transaction_id == receipt)


def test_cash_pays_the_order_and_history_names_the_clerk(store):
    clerk = make_user((store, "Staff"))
    order = make_bill(store, "249.97")
    payment = record_cash(order, amount=Decimal("249.97"), note="till 2", by=clerk)
    assert (payment.status, payment.method, payment.rounding) == ("successful", "cash", 0)
    assert (payment.transaction_id, payment.note, bool(payment.paid_at)) == (None, "till 2", True)
    assert fresh(order).status == OrderStatus.PAID
    assert fresh(order).history.first().history_user == payment.history.first().history_user == clerk


@pytest.mark.parametrize("amount", ["250.01", "0", "-1"])
def test_cash_of_more_than_is_due_or_of_nothing_is_refused(store, amount):
    with pytest.raises(RuleBroken, match="take no more than that"):
        record_cash(make_bill(store), amount=Decimal(amount), by=None)
    assert not payments()


def test_an_order_is_paid_when_its_parts_reach_the_total(store):
    order = make_bill(store, "700.00")
    record_cash(order, amount=Decimal("200.00"), by=None)
    assert (fresh(order).status, amount_due(order)) == (OrderStatus.PENDING, 500)
    attempt = ask(order)
    assert attempt.amount_requested == 500
    pay(attempt)
    assert (fresh(order).status, amount_due(fresh(order))) == (OrderStatus.PAID, 0)
    assert [each.amount for each in order.allocations.order_by("created_at")] == [200, 500]


def test_the_items_of_an_order_paid_in_part_stay_as_they_are(store):
    order = make_bill(store, "700.00")
    record_cash(order, amount=Decimal("200.00"), by=None)
    with pytest.raises(RuleBroken, match="paid in part"):
        change_items(order, by=None)


def test_the_items_of_an_order_stay_as_they_are_while_the_customer_is_asked(store):
    attempt = ask(make_bill(store))
    with pytest.raises(RuleBroken, match="being asked to pay"):
        change_items(attempt.order, by=None)


def test_the_money_of_a_cancelled_order_is_free_for_another(store):
    attempt = ask(make_bill(store, "249.97"))
    payment = pay(attempt).payment
    cancel_order(attempt.order, by=None)
    assert (fresh(payment).free, fresh(payment).rounding) == (250, 0)
    other = make_bill(store, "100.00")
    match_payment(payment, order=other, by=None)
    assert (fresh(other).status, fresh(payment).free) == (OrderStatus.PAID, 150)


def test_one_payment_is_split_over_orders(store):
    money, one, two = make_unmatched(store), make_bill(store, "150.00"), make_bill(store, "300.00")
    match_payment(money, order=one, amount=Decimal("100.00"), by=None)
    match_payment(money, order=two, by=None)
    assert (amount_due(one), amount_due(two), fresh(money).free) == (50, 150, 0)
    with pytest.raises(RuleBroken, match="not unmatched"):
        match_payment(money, order=one, by=None)


def test_cash_is_refused_while_a_prompt_may_still_be_answered(store):
    attempt = ask(make_bill(store))
    with pytest.raises(RuleBroken, match="may still answer"):
        record_cash(attempt.order, amount=Decimal("250.00"), by=None)
    deliver(attempt, failure_for(attempt))
    record_cash(attempt.order, amount=Decimal("250.00"), by=None)
    assert sorted(each.status for each in payments()) == [PaymentStatus.FAILED, PaymentStatus.SUCCESSFUL]


def test_cash_after_a_delivery_that_needs_a_look_is_taken(store):
    attempt = ask(make_bill(store))
    pay(attempt, items={"Amount": ...})
    assert fresh(attempt).status == AttemptStatus.REVIEW
    record_cash(attempt.order, amount=Decimal("250.00"), by=None)
    assert sorted(each.status for each in payments()) == [PaymentStatus.FAILED, PaymentStatus.SUCCESSFUL]


def test_cash_twice_is_refused(store):
    order = make_bill(store)
    record_cash(order, amount=Decimal("250.00"), by=None)
    with pytest.raises(RuleBroken, match="does not wait for money"):
        record_cash(order, amount=Decimal("250.00"), by=None)


def test_unmatched_money_pays_another_order_of_that_amount(store):
    accountant = make_user((store, "Accountant"))
    money, order = make_unmatched(store), make_bill(store)
    payment = match_payment(money, order=order, by=accountant)
    assert (payment.order, payment.customer, payment.rounding) == (order, order.customer, 0)
    assert fresh(order).status == OrderStatus.PAID
    assert payment.history.first().history_user == accountant
    with pytest.raises(RuleBroken, match="not unmatched"):
        match_payment(payment, order=make_bill(store), by=accountant)


def test_unmatched_m_pesa_money_may_exceed_the_total_by_cents_only(store):
    money = make_unmatched(store)
    payment = match_payment(money, order=make_bill(store, "249.97"), by=None)
    assert payment.rounding == Decimal("0.03")


@pytest.mark.parametrize(
    "total, amount, why",
    [("249.00", "250.00", "is due for"), ("500.00", "250.01", "is free"), ("500.00", "-1", "is free")],
)
def test_no_more_is_used_than_there_is_and_than_is_due(store, total, amount, why):
    with pytest.raises(RuleBroken, match=why):
        match_payment(make_unmatched(store), order=make_bill(store, total), amount=Decimal(amount), by=None)


def test_unmatched_money_stays_in_its_business(store):
    money, other = make_unmatched(store), make_business()
    with business_scope(store, other), pytest.raises(RuleBroken, match="another business"):
        match_payment(money, order=make_bill(other), by=None)


def test_matching_gives_up_the_prompt_that_failed_and_waits_for_an_open_one(store):
    money, attempt = make_unmatched(store), ask(make_bill(store))
    with pytest.raises(RuleBroken, match="may still answer"):
        match_payment(money, order=attempt.order, by=None)
    deliver(attempt, failure_for(attempt))
    match_payment(money, order=attempt.order, by=None)
    assert fresh(attempt.payment).status == PaymentStatus.FAILED


def test_the_database_keeps_one_live_payment_per_order(store):
    order = make_bill(store)
    create_payment(order, amount=Decimal(1), method="cash", by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        create_payment(order, amount=Decimal(1), method="cash", by=None)


def test_the_database_books_a_receipt_once(store):
    make_unmatched(store, receipt="UUU1111111")
    with pytest.raises(IntegrityError), transaction.atomic():
        create_payment(
            make_bill(store), amount=Decimal(1), method="mpesa", by=None, transaction_id="UUU1111111"
        )
