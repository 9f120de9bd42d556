"""Giving money back: asked for, set aside, approved by another person, handed out or refused."""

from decimal import Decimal

import pytest

from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from backoffice.roles import OWNER
from payments.models import OutboxItem, PaymentMethod, PaymentStatus, RefundStatus
from payments.services.payments import match_payment, record_cash
from payments.services.refund_money import fail_refund, lock_refund
from payments.services.refunds import (
    approve_refund,
    hand_out_refund,
    reject_refund,
    resolve_refund,
)
from payments.services.settlement import amount_due
from sales.models import OrderStatus
from sales.services.orders import cancel_order, confirm_order, ship_order
from tests.builders import make_user
from tests.payments.money import ask, fresh, make_bill
from tests.payments.refunds import approved, ask_back, make_free, make_paid, people

pytestmark = pytest.mark.django_db
CASH = PaymentMethod.CASH


@pytest.fixture(autouse=True)
def sums_hold(store):
    yield
    assert [each for each in check_all() if not each.holds] == []


def test_what_is_asked_for_is_set_aside_at_once(store):
    payment = make_free(store)
    ask_back(payment, 100)
    assert fresh(payment).free == 150
    with pytest.raises(RuleBroken, match="Only KES 150.00"):
        ask_back(payment, 151)
    with pytest.raises(RuleBroken, match="Only KES 150.00"):
        match_payment(payment, order=make_bill(store, "200.00"), amount=Decimal(200), by=None)


def test_what_an_order_was_paid_with_can_be_asked_back_in_parts(store):
    used = make_paid(store)
    ask_back(used.payment, 100, allocation=used)
    ask_back(used.payment, 150, allocation=used)
    assert (fresh(used).refunded, fresh(used).amount) == (250, 250)
    assert fresh(used.order).status == OrderStatus.PAID
    with pytest.raises(RuleBroken, match="Only KES 0.00"):
        ask_back(used.payment, 1, allocation=used)


def test_the_same_key_again_gives_the_first_refund_whatever_became_of_it(store):
    payment = make_free(store, method=CASH)
    refund = ask_back(payment, 250, key="a" * 32)
    hand_out_refund(approve_refund(refund, by=None), by=None)
    assert fresh(payment).status == PaymentStatus.REFUNDED
    assert ask_back(payment, 250, key="a" * 32) == refund


# Of an order that is not paid in full


def part_of_an_order(business, method=CASH):
    """What an order of KES 300 was paid with so far: 100."""
    order = make_bill(business, "300.00")
    match_payment(make_free(business, "100.00", method), order=order, by=None)
    return order.allocations.get()


def test_a_part_that_was_given_back_pays_nothing(store):
    used = part_of_an_order(store)
    refund = ask_back(used.payment, 100, allocation=used)
    assert (amount_due(used.order), fresh(used).amount, fresh(used.payment).free) == (300, 0, 0)
    hand_out_refund(approve_refund(refund, by=None), by=None)
    assert fresh(used.payment).status == PaymentStatus.REFUNDED
    record_cash(used.order, amount=Decimal(200), by=None)
    assert (fresh(used.order).status, amount_due(used.order)) == (OrderStatus.PENDING, 100)
    record_cash(used.order, amount=Decimal(100), by=None)
    assert fresh(used.order).status == OrderStatus.PAID


def test_of_a_part_no_more_goes_back_than_the_order_holds(store):
    used = part_of_an_order(store)
    ask_back(used.payment, 30, allocation=used)
    assert (amount_due(used.order), fresh(used).amount) == (230, 70)
    with pytest.raises(RuleBroken, match="Only KES 70.00"):
        ask_back(used.payment, 71, allocation=fresh(used))
    assert (amount_due(used.order), fresh(used).amount) == (230, 70)


def test_a_part_whose_refund_is_rejected_is_free(store):
    used = part_of_an_order(store)
    refund = ask_back(used.payment, 100, allocation=used)
    record_cash(used.order, amount=Decimal(300), by=None)
    reject_refund(refund, by=None, reason="Paid by now")
    assert (fresh(used.order).status, fresh(used.payment).free) == (OrderStatus.PAID, 100)


def test_a_part_of_goods_that_left_unpaid_is_owed_again(store):
    used = part_of_an_order(store)
    ship_order(confirm_order(used.order, by=None), by=None)
    hand_out_refund(approved(used.payment, 100, allocation=used), by=None)
    assert (fresh(used.order).status, amount_due(fresh(used.order))) == (OrderStatus.SHIPPED, 300)


def test_a_part_by_m_pesa_goes_back_whole_and_a_failure_leaves_it_free(store):
    used = part_of_an_order(store, PaymentMethod.MPESA)
    refund = approved(used.payment, 100, allocation=used)
    assert (refund.phone, refund.allocation) == ("", None)
    fail_refund(lock_refund(refund), by=None, reason="told")
    assert (amount_due(used.order), fresh(used.payment).free) == (300, 100)
    match_payment(used.payment, order=used.order, by=None)
    assert (amount_due(used.order), fresh(used).amount) == (200, 100)


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_and_less_cannot_be_given_back(store, amount):
    with pytest.raises(RuleBroken, match="more than nothing"):
        ask_back(make_free(store), amount)


def test_money_that_never_came_cannot_be_given_back(store):
    payment = ask(make_bill(store)).payment
    with pytest.raises(RuleBroken, match="Nothing of"):
        ask_back(payment, 10)


def test_another_person_approves_than_the_one_who_asked(store):
    owner = make_user((store, OWNER))
    refund = ask_back(make_free(store), 100, by=owner)
    with pytest.raises(RuleBroken, match="another person"):
        approve_refund(refund, by=owner)
    _clerk, bookkeeper = people(store)
    refund = approve_refund(refund, by=bookkeeper)
    assert (refund.status, refund.approved_by) == (RefundStatus.APPROVED, bookkeeper)
    assert OutboxItem._base_manager.get().key == f"refund:{refund.pk}"


@pytest.mark.parametrize(("amount", "status"), [(100, "approved"), (101, "requested")])
def test_up_to_the_limit_who_may_approve_sends_at_once(store, amount, status):
    store.second_person_above = Decimal(100)
    store.save()
    refund = ask_back(make_free(store), amount, by=make_user((store, OWNER)))
    assert refund.status == status


def test_who_may_not_approve_never_sends_at_once(store):
    store.second_person_above = Decimal(1000)
    store.save()
    clerk, _bookkeeper = people(store)
    assert ask_back(make_free(store), 10, by=clerk).status == RefundStatus.REQUESTED


def test_the_limit_says_nothing_of_other_currencies(store):
    store.second_person_above = Decimal(1000)
    store.save()
    payment = make_free(store, method=CASH, currency="USD")
    assert ask_back(payment, 10, by=make_user((store, OWNER))).status == RefundStatus.REQUESTED


def test_a_rejected_refund_leaves_the_money_where_it_was(store):
    used, payment = make_paid(store), make_free(store)
    for refund in (ask_back(used.payment, 100, allocation=used), ask_back(payment, 250)):
        refund = reject_refund(refund, by=None, reason="The bottle was whole")
        assert (refund.status, refund.message) == (RefundStatus.REJECTED, "The bottle was whole")
    assert (fresh(used).refunded, fresh(payment).free) == (0, 250)
    with pytest.raises(RuleBroken):
        approve_refund(refund, by=None)


def test_a_rejection_after_the_order_was_cancelled_frees_the_money(store):
    used = make_paid(store)
    refund = ask_back(used.payment, 100, allocation=used)
    cancel_order(used.order, by=None)
    assert fresh(used.payment).free == 150
    reject_refund(refund, by=None, reason="Used it")
    assert (fresh(used.payment).free, fresh(used).amount) == (250, 0)


def test_cents_that_were_rounded_up_are_not_lost_when_money_that_came_back_is_used_again(store):
    used = make_paid(store, "249.50")
    refund = ask_back(used.payment, "249.50", allocation=used)
    cancel_order(used.order, by=None)
    reject_refund(refund, by=None, reason="Used it")
    payment = match_payment(used.payment, order=make_bill(store, "249.30"), by=None)
    assert (payment.free, payment.rounding) == (0, Decimal("0.70"))


@pytest.mark.parametrize("method", [CASH, PaymentMethod.BANK_TRANSFER, PaymentMethod.CHEQUE])
def test_an_approved_refund_that_nobody_handed_out_can_be_rejected(store, method):
    payment = make_free(store, method=method)
    _clerk, bookkeeper = people(store)
    refund = reject_refund(approved(payment, 100), by=bookkeeper, reason="She never came")
    assert (refund.status, refund.message) == (RefundStatus.REJECTED, "She never came")
    step = refund.history.first()
    assert (step.history_user, step.history_change_reason) == (bookkeeper, "She never came")
    assert fresh(payment).free == 250
    with pytest.raises(RuleBroken, match="approved first"):
        hand_out_refund(refund, by=None)


def test_what_was_handed_out_cannot_be_rejected(store):
    refund = hand_out_refund(approved(make_free(store, method=CASH), 100), by=None)
    with pytest.raises(RuleBroken, match="cannot become rejected"):
        reject_refund(refund, by=None, reason="Too late")


def test_what_a_provider_is_asked_for_cannot_be_rejected(store):
    refund = approved(make_free(store), 100)
    with pytest.raises(RuleBroken, match="being sent"):
        reject_refund(refund, by=None, reason="Too late")
    assert (fresh(refund).status, fresh(refund.payment).free) == (RefundStatus.APPROVED, 150)


def test_cash_is_handed_out_by_somebody_after_the_approval(store):
    payment = make_free(store, method=CASH)
    refund = ask_back(payment, 250)
    with pytest.raises(RuleBroken, match="approved first"):
        hand_out_refund(refund, by=None)
    refund = approve_refund(refund, by=None)
    assert not OutboxItem._base_manager.exists()
    clerk, _bookkeeper = people(store)
    refund = hand_out_refund(refund, by=clerk, note="From the till")
    assert (refund.status, refund.history.first().history_user) == (RefundStatus.SUCCEEDED, clerk)
    assert fresh(payment).status == PaymentStatus.REFUNDED
    with pytest.raises(RuleBroken):
        hand_out_refund(refund, by=clerk)


def test_a_payment_of_which_something_is_left_stays_successful(store):
    payment = make_free(store, method=CASH)
    hand_out_refund(approved(payment, 249), by=None)
    assert fresh(payment).status == PaymentStatus.SUCCESSFUL
    hand_out_refund(approved(payment, 1), by=None)
    assert fresh(payment).status == PaymentStatus.REFUNDED


def test_money_of_a_provider_is_not_handed_out(store):
    with pytest.raises(RuleBroken, match="by its provider"):
        hand_out_refund(approved(make_free(store), 250), by=None)


def test_a_part_of_an_mpesa_payment_needs_whole_shillings_and_a_phone(store):
    payment = make_free(store)
    assert ask_back(payment, 10).phone == "254712345678"
    assert ask_back(payment, 10, phone="0722 000 111").phone == "254722000111"
    with pytest.raises(RuleBroken, match="whole shillings"):
        ask_back(payment, "10.50")
    with pytest.raises(RuleBroken, match="Safaricom number"):
        ask_back(payment, 10, phone="020 123")
    assert ask_back(make_free(store, "33.50"), "33.50").phone == ""  # reversed as it is


def test_a_payment_without_a_receipt_cannot_go_back_by_its_provider(store):
    with pytest.raises(RuleBroken, match="no receipt yet"):
        ask_back(make_free(store, transaction_id=None), 250)


def test_what_was_not_sent_is_not_in_doubt(store):
    refund = ask_back(make_free(store), 250)
    with pytest.raises(RuleBroken, match="not in doubt"):
        resolve_refund(refund, went=True, by=None, reason="saw it")
