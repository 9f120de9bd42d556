"""Money that staff vouch for: how it reaches its order, and how it is taken back.

Amounts are in the order's currency. Refusals are RuleBroken with a sentence for staff.
"""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money
from backoffice.transitions import lock, move, record_change
from payments.models import Payment, PaymentMethod, PaymentStatus, Refund, RefundStatus
from payments.models.refund import HELD
from payments.services.attempts import require_no_prompt
from payments.services.second_person import require_second_person
from payments.services.settlement import (
    amount_due,
    can_take_money,
    create_payment,
    fail_awaited,
    receive_payment,
    use_money,
)
from payments.services.tills import note_mistake
from sales.models import Order, OrderStatus
from sales.services.orders import unpay_order

BY_HAND = (PaymentMethod.CASH, PaymentMethod.BANK_TRANSFER, PaymentMethod.CHEQUE)


def require_positive(amount):
    """Raise RuleBroken unless an amount is more than nothing."""
    if amount <= 0:
        raise RuleBroken(_("The amount has to be more than nothing."))


def book_money(order, *, amount, method, by, reason, paid_at=None, **values):
    """Receive money for an order: what is due pays it, the rest stays free. Returns the payment.

    `paid_at` is when it came; now, where nobody says. Call with the order locked. It may be paid or cancelled
    by now; then all of the money is free.
    """
    payable = can_take_money(order)
    if payable:
        require_no_prompt(order, by=by)
        fail_awaited(order, by=by, reason=_("paid by other money"))
    payment = create_payment(order, amount=amount, method=method, by=by, **{"order": None, **values})
    payment = receive_payment(payment, by=by, reason=reason, paid_at=paid_at or timezone.now())
    if payable:
        used = min(amount, amount_due(order))
        payment = use_money(payment, order, amount=used, by=by, order=order)
    return payment


@transaction.atomic
def reverse_payment(payment, *, reason, by):
    """Take back money that staff recorded by mistake; the orders it paid are due again. Returns the payment.

    Of cash the till session that took it is told, while it is open; after its count the difference says it.
    """
    orders = lock_orders(payment)
    payment = lock(payment)
    refuse_reversal(payment)
    if not reason.strip():
        raise RuleBroken(_("Say what went wrong."))
    first = payment.history.order_by("history_id").first().history_user
    require_second_person(payment.business, amount=payment.amount, first=first, by=by)
    payment = take_back(payment, orders, reason=reason, by=by)
    note_mistake(payment, by=by, note=reason)
    return payment


def refuse_reversal(payment):
    """Raise RuleBroken unless staff recorded the payment and all of it is still there."""
    if payment.method not in BY_HAND:
        raise RuleBroken(_("%s was not recorded by hand; give it back by a refund.") % payment)
    if payment.status != PaymentStatus.SUCCESSFUL:
        raise RuleBroken(_("%s is not money that was received.") % payment)
    if held_refunds(payment).exists():
        raise RuleBroken(
            _("A part of %s was given back already, or is about to be; it cannot be a mistake.") % payment
        )


def held_refunds(payment):
    """Return the refunds of a payment that are asked for, on their way or done."""
    return Refund._base_manager.filter(payment=payment, status__in=HELD)


def lock_orders(payment):
    """Lock every order that a payment is used for, in one sequence. Returns {key: order}."""
    used = Order._base_manager.filter(allocations__payment=payment)
    return {pk: lock(Order(pk=pk)) for pk in sorted(set(used.values_list("pk", flat=True)))}


def take_back(payment, orders, *, reason, by):
    """Write that the money of a payment is not there after all. Call with both locked. Returns the payment.

    What is left of it becomes a refund that is done, without a provider; orders it paid are due again.
    """
    left = payment.free + payment.rounding
    for used in payment.allocations.model._base_manager.filter(payment=payment):
        if used.kept:
            left += used.kept
            record_change(used, ["amount"], by=by, reason=reason, amount=used.refunded)
            owe_again(orders[used.order_id], reason=reason, by=by)
    if left:
        refund = Refund(
            business_id=payment.business_id,
            payment=payment,
            amount=left,
            reason=reason,
            status=RefundStatus.SUCCEEDED,
            requested_by=by,
            done_at=timezone.now(),
            message=_("Not given to the customer: the money was never there, or did not last."),
        )
        refund._history_user = by
        refund.save()
    nothing = {"free": Decimal(0), "rounding": Decimal(0)}
    return move(payment, to=PaymentStatus.REFUNDED, by=by, reason=reason, **nothing)


def owe_again(order, *, reason, by):
    """Let an order that counted as paid wait for its money again; a cancelled one needs none."""
    if order.paid_at and order.status != OrderStatus.CANCELLED:
        unpay_order(order, by=by, reason=reason)


def preview_taking_back(payment):
    """Return the sentences that say what becomes of the orders when a payment is taken back."""
    lines = []
    for used in payment.allocations.model._base_manager.filter(payment=payment, amount__gt=0):
        if used.order.status != OrderStatus.CANCELLED:
            money = format_money(used.kept, payment.currency)
            lines.append(_("%(order)s: %(money)s is due again.") % {"order": used.order, "money": money})
    return lines


def recorded_before(model, key, /, **where):
    """Return the row that the same opened form recorded before, or None."""
    return model._base_manager.filter(key=key, **where).first() if key else None


def paid_the_same_today(order, amount):
    """Return money of the same amount that the customer brought today, or None: perhaps the same money."""
    today = timezone.localdate(timezone=order.business.clock)
    same = Payment._base_manager.filter(
        business=order.business_id, customer=order.customer_id, amount=amount, status=PaymentStatus.SUCCESSFUL
    )
    days = ((each, timezone.localdate(each.created_at, order.business.clock)) for each in same)
    return next((each for each, day in days if day == today), None)
