"""Cheques: only a cleared one is money, and one that bounces after that is none any more."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.models import Cheque, ChequeStatus, PaymentStatus, Refund
from payments.services.cheques import bounce_cheque, clear_cheque, deposit_cheque, record_cheque
from payments.services.payments import match_payment, record_cash
from payments.services.refunds import reject_refund
from payments.services.settlement import amount_due
from sales.models import OrderStatus
from sales.services.orders import cancel_order, ship_order
from tests.builders import make_user
from tests.payments.money import ask, fresh, make_bill, pay, payments
from tests.payments.refunds import approved

pytestmark = pytest.mark.django_db


def take(order, amount="250.00", number="000117", by=None, **values):
    values = {"bank": "Equity", "due_on": timezone.localdate(), **values}
    return record_cheque(order, amount=Decimal(amount), number=number, by=by, **values)


def clear(cheque, by=None):
    return clear_cheque(deposit_cheque(cheque, by=by), by=by)


def broken():
    return [each.name for each in check_all() if not each.holds]


def test_only_a_cleared_cheque_pays(store):
    order = make_bill(store)
    cheque = take(order, drawn_by="Baraka Hardware")
    cheque = deposit_cheque(cheque, by=None)
    assert cheque.deposited_at and not payments() and fresh(order).status == OrderStatus.PENDING
    payment = clear_cheque(cheque, by=None).payment
    assert (payment.method, payment.status, payment.free) == ("cheque", "successful", 0)
    assert (payment.payer_name, payment.payer_reference) == ("Baraka Hardware", "000117")
    assert fresh(order).status == OrderStatus.PAID
    assert not broken()


def test_a_cheque_clears_at_the_bank_only(store):
    with pytest.raises(RuleBroken, match="is not at the bank"):
        clear_cheque(take(make_bill(store)), by=None)


def test_a_number_is_taken_once_per_bank(store):
    cheque = take(make_bill(store))
    with pytest.raises(RuleBroken, match="was taken before, for Order .*; it is received"):
        take(make_bill(store), bank=" equity ")
    bounce_cheque(cheque, by=None)
    with pytest.raises(RuleBroken, match="it is bounced"):
        take(make_bill(store))
    assert take(make_bill(store), bank="KCB").number == "000117"


def test_the_database_refuses_a_number_taken_before(store):
    cheque = take(make_bill(store))
    twin = Cheque._base_manager.get(pk=cheque.pk)
    twin.pk = make_bill(store).pk
    twin._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_a_post_dated_cheque_is_taken_and_deposited_on_its_day(store, later):
    cheque = take(make_bill(store), due_on=timezone.localdate() + timedelta(days=3))
    with pytest.raises(RuleBroken, match="the bank takes it from that day"):
        deposit_cheque(cheque, by=None)
    later(days=3)
    assert deposit_cheque(cheque, by=None).status == ChequeStatus.DEPOSITED


@pytest.mark.parametrize("amount", ["0", "-250"])
def test_an_amount_is_more_than_nothing(store, amount):
    with pytest.raises(RuleBroken, match="more than nothing"):
        take(make_bill(store), amount)


def test_a_cheque_that_bounces_before_it_cleared_was_never_money(store):
    order = make_bill(store)
    cheque = bounce_cheque(deposit_cheque(take(order), by=None), by=None, reason="No funds")
    assert cheque.status == ChequeStatus.BOUNCED and not payments()
    assert amount_due(order) == 250


def test_a_cheque_that_bounces_after_it_cleared_leaves_the_order_unpaid(store):
    order = make_bill(store)
    cheque = bounce_cheque(clear(take(order)), by=None, reason="No funds", bank_fee=Decimal(500))
    assert (cheque.status, cheque.bank_fee) == (ChequeStatus.BOUNCED, 500)
    payment = fresh(cheque.payment)
    assert (payment.status, payment.free) == (PaymentStatus.REFUNDED, 0)
    order = fresh(order)
    assert (order.status, order.paid_at, amount_due(order)) == (OrderStatus.CONFIRMED, None, 250)
    refund = Refund._base_manager.get()
    assert (refund.amount, refund.status, refund.reason) == (250, "succeeded", f"{cheque} bounced")
    assert not broken()


def test_an_order_whose_cheque_bounced_can_be_paid_again(store):
    order = make_bill(store)
    bounce_cheque(clear(take(order)), by=None)
    pay(ask(fresh(order)))
    assert fresh(order).status == OrderStatus.PAID and not broken()


def test_goods_that_left_stay_gone_and_are_owed(store):
    order = make_bill(store)
    cheque = clear(take(order))
    ship_order(order, by=None)
    bounce_cheque(cheque, by=None)
    order = fresh(order)
    assert (order.status, order.paid_at, amount_due(order)) == (OrderStatus.SHIPPED, None, 250)
    record_cash(order, amount=Decimal(250), by=None)
    assert fresh(order).paid_at and not broken()


def test_every_order_that_the_cheque_paid_is_due_again(store):
    first, second = make_bill(store), make_bill(store)
    cheque = clear(take(first, "400.00"))
    match_payment(cheque.payment, order=second, by=None, amount=Decimal(150))
    record_cash(second, amount=Decimal(100), by=None)
    bounce_cheque(cheque, by=None)
    assert [amount_due(fresh(each)) for each in (first, second)] == [250, 150]
    assert not broken()


def test_a_cancelled_order_needs_no_money_after_a_bounce(store):
    order = make_bill(store)
    cheque = clear(take(order))
    cancel_order(order, by=None)
    bounce_cheque(cheque, by=None)
    assert fresh(order).status == OrderStatus.CANCELLED
    assert fresh(cheque.payment).free == 0 and not broken()


def test_a_cheque_whose_refund_waits_bounces_once_that_is_rejected(store):
    order = make_bill(store)
    cheque = clear(take(order))
    refund = approved(cheque.payment, 250, allocation=order.allocations.get())
    with pytest.raises(RuleBroken, match="Reject it, or say that the customer has the money"):
        bounce_cheque(cheque, by=None)
    reject_refund(refund, by=None, reason="The cheque came back")
    bounce_cheque(cheque, by=None)
    assert amount_due(fresh(order)) == 250 and not broken()


def test_a_cheque_bounces_once(store):
    cheque = bounce_cheque(clear(take(make_bill(store))), by=None)
    with pytest.raises(RuleBroken, match="cannot become bounced"):
        bounce_cheque(cheque, by=None)
    assert Refund._base_manager.count() == 1


@pytest.fixture
def limit(store):
    """Up to KES 10,000 one person is enough."""
    store.second_person_above = Decimal(10000)
    store.save()


def test_above_the_limit_a_second_person_clears(store, limit):
    owner = make_user((store, OWNER))
    order = make_bill(store, "20000.00")
    cheque = deposit_cheque(take(order, "20000.00", by=owner), by=owner)
    with pytest.raises(RuleBroken, match="somebody else"):
        clear_cheque(cheque, by=owner)
    assert clear_cheque(cheque, by=make_user((store, ACCOUNTANT))).payment


def test_a_form_sent_twice_takes_one_cheque(store):
    order = make_bill(store)
    assert take(order, key="d" * 32) == take(order, key="d" * 32)


# Pages


def test_a_cheque_goes_through_the_house_and_comes_back(client, store):
    order = make_bill(store)
    client.force_login(make_user((store, STAFF)))
    day = timezone.localdate().isoformat()
    form = {"amount": "250", "bank": "Equity", "number": "7", "due_on": day}
    answer = client.post(f"/admin/sales/order/{order.pk}/do-record-cheque/", form)
    assert "HX-Redirect" in answer.headers
    cheque = Cheque._base_manager.get()
    page = f"/admin/payments/cheque/{cheque.pk}/"
    assert "Cheques to deposit" in client.get("/admin/").content.decode()
    client.post(f"{page}do-deposit/")
    for step in ("clear", "bounce"):
        assert client.post(f"{page}do-{step}/").status_code == 403
    client.force_login(make_user((store, ACCOUNTANT)))
    client.post(f"{page}do-clear/")
    assert fresh(order).status == OrderStatus.PAID
    assert f"{order}: KES 250.00 is due again" in client.get(f"{page}do-bounce/").content.decode()
    client.post(f"{page}do-bounce/", {"reason": "No funds", "bank_fee": "500"})
    assert fresh(cheque).bank_fee == 500
    shown = client.get(f"/admin/sales/order/{order.pk}/change/").content.decode()
    assert "A cheque bounced: KES 250.00 is due again" in shown
    assert "Bounced cheques" in client.get("/admin/").content.decode()
    assert "KES 500.00" in client.get(f"{page}change/").content.decode()


def test_cheques_that_lie_ahead_are_not_listed_as_due(client, store):
    client.force_login(make_user((store, STAFF)))
    take(make_bill(store), due_on=timezone.localdate() + timedelta(days=2))
    assert "Cheques to deposit" not in client.get("/admin/").content.decode()
