"""Builders for money that goes back."""

from decimal import Decimal

from backoffice.roles import ACCOUNTANT, STAFF
from payments.models import Allocation, PaymentMethod, Refund
from payments.services.refunds import approve_refund, request_refund
from payments.services.settlement import create_payment, receive_payment
from tests.builders import make_user
from tests.payments.daraja import make_result
from tests.payments.money import PHONE, ask, make_bill, pay


def make_free(business, amount="250.00", method=PaymentMethod.MPESA, currency="KES", **values):
    """Money that came and is used for nothing."""
    order = make_bill(business, amount)
    told = {"order": None, "payer_phone": PHONE, "currency": currency}
    payment = create_payment(order, amount=Decimal(amount), method=method, by=None, **told)
    receipts = {} if method == PaymentMethod.CASH else {"transaction_id": f"R{payment.pk.hex[-9:]}".upper()}
    return receive_payment(payment, by=None, reason="came", **(receipts | values))


def make_paid(business, total="250.00"):
    """What an order was paid with by an M-Pesa prompt: its allocation."""
    order = make_bill(business, total)
    pay(ask(order), receipt=f"NLJ{order.sequence:07}")
    return Allocation._base_manager.get(order=order)


def ask_back(payment, amount, by=None, **values):
    return request_refund(payment, amount=Decimal(amount), reason="Broken", by=by, **values)


def approved(payment, amount, **values):
    """A refund that waits to be sent."""
    return approve_refund(ask_back(payment, amount, **values), by=None)


def people(business):
    """A clerk who may ask and a bookkeeper who may approve."""
    return make_user((business, STAFF)), make_user((business, ACCOUNTANT))


def refunds():
    return list(Refund._base_manager.order_by("created_at", "pk"))


def result_for(refund, code=0, **values):
    """Safaricom's result about a refund of a whole payment, or of a part that was paid out."""
    amount = int(refund.amount)
    done = [("Amount", amount), ("OriginalTransactionID", refund.payment.transaction_id)]
    payout = {"OriginatorConversationID": str(refund.pk)} if refund.phone else {}
    if refund.phone:
        done = [("TransactionAmount", amount), ("TransactionReceipt", "SKE52PAWR9")]
    return make_result(() if code else done, ResultCode=code, **payout, **values)
