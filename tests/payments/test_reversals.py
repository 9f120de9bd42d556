"""Money recorded by mistake is taken back by an entry of its own, never edited away."""

from decimal import Decimal

import pytest

from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.models import PaymentStatus, Refund
from payments.services.by_hand import reverse_payment
from payments.services.payments import record_cash
from payments.services.settlement import amount_due
from sales.models import OrderStatus
from tests.builders import make_user
from tests.payments.money import ask, fresh, make_bill, pay, payments

pytestmark = pytest.mark.django_db


def cash(order, amount="250.00", by=None):
    return record_cash(order, amount=Decimal(amount), by=by)


def test_a_mistake_is_taken_back_and_the_order_waits_again(store):
    clerk, owner = make_user((store, STAFF)), make_user((store, OWNER))
    order = make_bill(store)
    payment = reverse_payment(cash(order, by=clerk), reason="Wrong order", by=owner)
    assert (payment.status, payment.free) == (PaymentStatus.REFUNDED, 0)
    refund = Refund._base_manager.get()
    assert (refund.amount, refund.reason, refund.requested_by) == (250, "Wrong order", owner)
    assert "Not given to the customer" in refund.message
    assert (fresh(order).status, amount_due(fresh(order))) == (OrderStatus.CONFIRMED, 250)
    assert [each.name for each in check_all() if not each.holds] == []


def test_a_part_that_was_a_mistake_leaves_the_rest(store):
    order = make_bill(store)
    cash(order, "100.00")
    reverse_payment(cash(order, "50.00"), reason="Typed twice", by=None)
    assert (fresh(order).status, amount_due(fresh(order))) == (OrderStatus.PENDING, 150)


def test_a_reversal_needs_a_reason_and_happens_once(store):
    payment = cash(make_bill(store))
    with pytest.raises(RuleBroken, match="Say what went wrong"):
        reverse_payment(payment, reason=" ", by=None)
    reverse_payment(payment, reason="no", by=None)
    with pytest.raises(RuleBroken, match="not money that was received"):
        reverse_payment(payment, reason="no", by=None)
    assert Refund._base_manager.count() == 1


def test_money_of_a_provider_is_given_back_not_reversed(store):
    pay(ask(make_bill(store)))
    with pytest.raises(RuleBroken, match="was not recorded by hand"):
        reverse_payment(payments()[0], reason="no", by=None)


@pytest.fixture
def limit(store):
    """Up to KES 10,000 one person is enough."""
    store.second_person_above = Decimal(10000)
    store.save()


def test_above_the_limit_the_one_who_recorded_does_not_reverse(store, limit):
    owner, other = make_user((store, OWNER)), make_user((store, OWNER))
    payment = cash(make_bill(store, "12000.00"), "12000.00", by=owner)
    with pytest.raises(RuleBroken, match="above KES 10,000.00 somebody else"):
        reverse_payment(payment, reason="no", by=owner)
    assert reverse_payment(payment, reason="no", by=other).status == PaymentStatus.REFUNDED


@pytest.mark.parametrize("role, answer", [(STAFF, 403), (ACCOUNTANT, 403), (OWNER, 200)])
def test_only_owners_reverse(client, store, role, answer):
    payment = cash(make_bill(store))
    client.force_login(make_user((store, role)))
    address = f"/admin/payments/payment/{payment.pk}/do-reverse-payment/"
    assert client.post(address, {"reason": "Wrong order"}).status_code == answer
    assert (fresh(payment).status == PaymentStatus.REFUNDED) == (answer == 200)
    page = client.get(f"/admin/payments/payment/{payment.pk}/change/").content.decode()
    assert "do-reverse-payment" not in page
