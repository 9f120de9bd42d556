"""The refunds of the demo: one given back in cash, and those that wait for a second person."""

from decimal import Decimal

from backoffice.roles import OWNER, STAFF
from payments.demo.cash import cashier
from payments.models import Payment, PaymentMethod
from payments.services.refunds import approve_refund, hand_out_refund, reject_refund, request_refund
from sales.models import OrderStatus


def give_cash_back(story):
    """Two days ago: one refund of cash was approved and handed out, another one was rejected."""
    for business in story.businesses:
        owner, clerk = story.people[business, OWNER][0], cashier(story, business)
        given = ask_back(story, business, PaymentMethod.CASH, "One piece was broken", by=clerk)
        if given and clerk:
            hand_out_refund(approve_refund(given, by=owner), by=clerk)
        refused = ask_back(story, business, PaymentMethod.MPESA, "Customer changed her mind")
        if refused:
            reject_refund(refused, by=owner, reason="The goods were used")


def ask_for_refunds(story):
    """Today: a part of an M-Pesa payment waits for approval, and cash waits to be handed out."""
    for business in story.businesses:
        ask_back(story, business, PaymentMethod.MPESA, "One piece leaked, customer keeps the rest")
        cash = ask_back(story, business, PaymentMethod.CASH, "Charged the old price")
        if cash:
            approve_refund(cash, by=story.people[business, OWNER][0])


def ask_back(story, business, method, reason, by=None):
    """Ask for half of the latest payment of a delivered order that has no refund. Returns it, or None."""
    payments = Payment.objects.filter(
        business=business, method=method, order__status=OrderStatus.DELIVERED, refunds=None
    )
    payment = payments.exclude(transaction_id=None, method=PaymentMethod.MPESA).order_by("-paid_at").first()
    if payment:
        return request_refund(
            payment,
            amount=max(payment.amount // 20 * 10, Decimal(10)),
            reason=reason,
            allocation=payment.allocations.get(),
            by=by or story.somebody(business, STAFF),
        )
