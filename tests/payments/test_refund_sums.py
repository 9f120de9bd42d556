"""Whatever is done with money, in whatever order, its sums hold and no more goes back than came."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from backoffice.errors import RuleBroken
from backoffice.invariants import check
from backoffice.scoping import business_scope
from payments.invariants import INVARIANTS
from payments.models import Allocation, PaymentMethod, Refund, RefundStatus
from payments.services.payments import match_payment
from payments.services.refund_money import fail_refund, finish_refund, lock_refund
from payments.services.refunds import approve_refund, reject_refund
from sales.services.orders import cancel_order
from tests.builders import make_business
from tests.payments.money import fresh, make_bill
from tests.payments.refunds import ask_back, make_free

pytestmark = pytest.mark.django_db
AMOUNTS = st.sampled_from([1, 40, 100, 250])


def ask(story, amount):
    ask_back(story.payment, amount)


def ask_of_order(story, amount):
    used = Allocation._base_manager.filter(order=story.order).first()
    if used:
        ask_back(story.payment, amount, allocation=used)


def use(story, amount):
    match_payment(story.payment, order=story.order, amount=Decimal(amount), by=None)


def cancel(story, amount):
    cancel_order(story.order, by=None)


def each_refund(act):
    def run(story, amount):
        for refund in Refund._base_manager.filter(payment=story.payment).order_by("created_at")[:2]:
            with suppress(RuleBroken):
                act(refund)

    return run


STEPS = {
    "ask": ask,
    "ask of the order": ask_of_order,
    "use": use,
    "cancel": cancel,
    "approve": each_refund(lambda refund: approve_refund(refund, by=None)),
    "reject": each_refund(lambda refund: reject_refund(refund, by=None, reason="no")),
    "finish": each_refund(lambda refund: end(refund, finish_refund)),
    "fail": each_refund(lambda refund: end(refund, fail_refund)),
}


def end(refund, how):
    refund = lock_refund(refund)
    if refund.status in (RefundStatus.APPROVED, RefundStatus.SUCCEEDED, RefundStatus.FAILED):
        how(refund, by=None, reason="told")


class Story(TestCase):
    @given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), AMOUNTS), max_size=12))
    def test_any_order_of_steps_keeps_the_sums(self, steps):
        business = make_business()
        with business_scope(business):
            self.payment = make_free(business, method=PaymentMethod.CASH)
            self.order = make_bill(business)
            for name, amount in steps:
                with suppress(RuleBroken):
                    STEPS[name](self, amount)
            self.payment = fresh(self.payment)
            held = Refund._base_manager.filter(payment=self.payment).exclude(
                status__in=("failed", "rejected")
            )
            assert sum(each.amount for each in held) <= self.payment.amount
            assert [each for each in map(check, INVARIANTS) if not each.holds] == []
