"""What money does once it is there: it becomes a successful payment, and is used for the order it fits.

Lock order for everything about money: the order, then the attempt, then the payment.
"""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, move, record_change
from payments.models import Allocation, Payment, PaymentMethod, PaymentStatus
from sales.models import OrderStatus
from sales.services.orders import pay_order

PAYABLE = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
WHOLE_SHILLING = Decimal(1)


def amount_due(order):
    """Return what an order still waits for, in its currency; nothing once it is cancelled."""
    if order.status not in PAYABLE:
        return Decimal(0)
    # Added up here, because SQLite adds decimals as floating point numbers.
    return max(Decimal(0), order.total_amount - sum(used.amount for used in uses_of(order)))


def uses_of(order):
    """Return what is used for an order, with its payments."""
    return Allocation._base_manager.filter(order=order, amount__gt=0).select_related("payment")


def can_take_money(order):
    """Whether an order still waits for money: open, with a total that is not paid in full."""
    return amount_due(order) > 0


def require_payable(order):
    """Raise RuleBroken unless the order still waits for money."""
    if can_take_money(order):
        return
    if order.status in PAYABLE and not order.total_amount:
        raise RuleBroken(_("%s costs nothing yet; add its items first.") % order)
    raise RuleBroken(
        _("%(order)s is %(status)s and does not wait for money.")
        % {"order": order, "status": order.get_status_display().lower()}
    )


def live_payment(order):
    """Return the payment that the order awaits, or None."""
    return Payment._base_manager.filter(order=order, status=PaymentStatus.PENDING).first()


def create_payment(order, /, *, amount, method, by, note="", **values):
    """Create a pending payment for an order, or with order=None in `values` for nobody's order yet."""
    payment = Payment(
        **{
            "business_id": order.business_id,
            "customer_id": order.customer_id,
            "order": order,
            "amount": amount,
            "currency": order.currency,
            "method": method,
            "note": note,
            **values,
        }
    )
    payment._history_user = by
    payment.save()
    return payment


@transaction.atomic
def receive_payment(payment, *, by, reason, **stamps):
    """Mark a payment as successful and use it for the order it was asked for; what is over stays free.

    Call with the order locked. Returns the payment.
    """
    stamps.setdefault("paid_at", timezone.now())
    amount = stamps.get("amount", payment.amount)
    used = min(amount, amount_due(payment.order)) if payment.order else Decimal(0)
    stamps |= left_over(payment, payment.order, free=amount, used=used)
    payment = move(payment, to=PaymentStatus.SUCCESSFUL, via="succeed", by=by, reason=reason, **stamps)
    if used:
        note_use(payment, payment.order, amount=used, by=by)
    return payment


def use_money(payment, order, /, *, amount, by, **values):
    """Use so much of a payment's free money for an order; `values` are columns that change with it.

    Call with both locked. Returns the payment.
    """
    values |= left_over(payment, order, free=payment.free, used=amount)
    payment = record_change(payment, list(values), by=by, reason=_("used for %s") % order, **values)
    note_use(payment, order, amount=amount, by=by)
    return payment


def left_over(payment, order, *, free, used):
    """Return what becomes of the rest: it stays free, but cents that M-Pesa cannot take are rounding."""
    left = free - used
    # Free money may have cents beside it that were rounded up; before it came they are only expected.
    rounded = payment.rounding if payment.free else Decimal(0)
    is_cents = used and payment.method == PaymentMethod.MPESA and 0 < left < WHOLE_SHILLING
    if is_cents and used == amount_due(order):
        return {"free": Decimal(0), "rounding": rounded + left}
    return {"free": left, "rounding": rounded}


def note_use(payment, order, *, amount, by):
    """Write that so much of a payment pays an order, which becomes paid when nothing is due any more."""
    used = Allocation._base_manager.filter(payment=payment, order=order).first()
    used = used or Allocation(business_id=order.business_id, payment=payment, order=order, amount=0, by=by)
    used.amount += amount
    used._history_user = by
    used.save()
    if not amount_due(order):
        settle_order(order, payment=payment, by=by)


def settle_order(order, *, payment, by):
    """Move an order that is paid in full on to paid; a shipped one only gets its stamp."""
    reason = f"{payment} {payment.transaction_id or ''}".strip()
    if order.status in (OrderStatus.PENDING, OrderStatus.CONFIRMED):
        pay_order(order, by=by, reason=reason)
    elif not order.paid_at:
        record_change(order, ["paid_at"], by=by, reason=reason, paid_at=timezone.now())


def used_money_problem(order):
    """Say why the items of an order that is paid in part cannot change, or return an empty string."""
    if uses_of(order).exists():
        return _("%s is paid in part; its items cannot change.") % order
    return ""


def release_money(order, *, by):
    """Free the money that a cancelled order was paid with: it is the customer's credit again.

    What was given back of it already stays used. Call with the order locked.
    """
    for used in uses_of(order):
        if used.kept:
            free_use(used, by=by, reason=_("%s was cancelled") % order)


def free_use(used, *, by, reason):
    """Free what an order holds of a payment; somebody has to say anew what it is for."""
    payment = lock(used.payment)
    back = {"free": payment.free + used.kept + payment.rounding, "rounding": 0}
    back |= {"parked_at": None, "credit_at": None}
    record_change(used, ["amount"], by=by, reason=reason, amount=used.refunded)
    record_change(payment, list(back), by=by, reason=reason, **back)


def fail_awaited(order, *, by, reason, besides=None):
    """Give up the money that an order still awaits, because other money is there. Keeps `besides`."""
    awaited = Payment._base_manager.filter(order=order, status=PaymentStatus.PENDING)
    for payment in awaited.exclude(pk=besides.pk) if besides else awaited:
        move(payment, to=PaymentStatus.FAILED, by=by, reason=reason)
