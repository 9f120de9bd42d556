"""Money that staff take in hand: cash recorded, and unmatched money used for orders.

Amounts are in the order's currency. Refusals are RuleBroken with a sentence for staff.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money
from backoffice.transitions import lock
from payments.models import Payment, PaymentMethod
from payments.services.attempts import require_no_prompt
from payments.services.settlement import (
    amount_due,
    create_payment,
    fail_awaited,
    receive_payment,
    require_payable,
    use_money,
)
from payments.services.tills import note_taken, till_for


@transaction.atomic
def record_cash(order, *, amount, by, note="", handed=None, key=None):
    """Record cash for an order, all that is due or a part of it. Returns the payment.

    `handed` is what the customer gave; what exceeds `amount` is change and no income. It lies in the till of
    the person, where the business keeps drawers. The same key again gives the first payment.
    """
    order = lock(order)
    before = Payment._base_manager.filter(entry_key=key, order=order).first() if key else None
    if before:
        return before
    require_payable(order)
    due = amount_due(order)
    if not 0 < amount <= due:
        raise RuleBroken(
            _("%(due)s is due for %(order)s; take no more than that.")
            % {"order": order, "due": format_money(due, order.currency)}
        )
    if handed is not None and handed < amount:
        raise RuleBroken(_("The customer handed over less than that."))
    require_no_prompt(order, by=by)
    session = till_for(order.business_id, by=by)
    fail_awaited(order, by=by, reason=_("paid in cash instead"))
    payment = create_payment(
        order, amount=amount, method=PaymentMethod.CASH, by=by, note=note, entry_key=key or None
    )
    note_taken(payment, session, handed=handed, by=by)
    return receive_payment(payment, by=by, reason=_("cash"))


@transaction.atomic
def match_payment(payment, *, order, by, amount=None):
    """Use free money for an order of the same business: `amount`, or as much as fits. Returns the payment.

    The order becomes paid when nothing is due any more; what is left of the money stays free.
    """
    order = lock(order)
    require_no_prompt(order, by=by)
    payment = lock(payment)
    require_usable(payment, order)
    due = amount_due(order)
    amount = min(payment.free, due) if amount is None else amount
    if not 0 < amount <= payment.free:
        free = format_money(payment.free, payment.currency)
        raise RuleBroken(_("Only %(free)s of %(payment)s is free.") % {"free": free, "payment": payment})
    if amount > due:
        due = format_money(due, order.currency)
        raise RuleBroken(_("Only %(due)s is due for %(order)s.") % {"due": due, "order": order})
    fail_awaited(order, by=by, reason=_("paid by other money"))
    first = {"order": order} if payment.order is None else {}
    if first and not payment.credit_at:  # what is left of a credit stays the customer's
        first["customer"] = order.customer
    return use_money(payment, order, amount=amount, by=by, parked_at=None, **first)


def require_usable(payment, order):
    """Raise RuleBroken unless there is free money in the payment that the order could take."""
    require_free(payment)
    if order.business_id != payment.business_id:
        raise RuleBroken(_("That order belongs to another business."))
    if order.currency != payment.currency:
        raise RuleBroken(_("%(order)s is in %(currency)s.") % {"order": order, "currency": order.currency})
    require_payable(order)


def require_free(payment):
    """Raise RuleBroken, with what became of the money, unless some of it is free."""
    if payment.is_unmatched:
        return
    orders = ", ".join(str(used.order) for used in payment.allocations.filter(amount__gt=0))
    if orders:
        raise RuleBroken(
            _("%(payment)s is not unmatched money any more; it is used for %(orders)s.")
            % {"payment": payment, "orders": orders}
        )
    raise RuleBroken(_("%s is not unmatched money.") % payment)
