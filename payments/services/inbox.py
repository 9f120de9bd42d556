"""What staff decide about free money: split it, keep it as credit, park it, take a use back.

Amounts are in the payment's currency. Refusals are RuleBroken with a sentence for staff.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money
from backoffice.transitions import lock, record_change
from payments.models import Allocation
from payments.services.payments import match_payment, require_free
from payments.services.settlement import free_use
from sales.models import OrderStatus

UNMATCHABLE = (OrderStatus.PENDING, OrderStatus.CONFIRMED)


@transaction.atomic
def split_payment(payment, *, parts, by):
    """Use free money for several orders, all of `parts` or none: (order, amount) pairs.

    Returns the payment.
    """
    if not parts:
        raise RuleBroken(_("Say how much each order gets."))
    if len({order.pk for order, _amount in parts}) < len(parts):
        raise RuleBroken(_("An order stands there twice; put its whole amount on one line."))
    # All orders before the payment, always in one sequence: two clerks never wait for each other.
    for order in sorted({order for order, _amount in parts}, key=lambda each: each.pk):
        lock(order)
    payment = lock(payment)
    require_free(payment)
    total = sum(amount for _order, amount in parts)
    if total > payment.free:
        raise RuleBroken(
            _("The parts make %(total)s, and %(free)s is free.")
            % {
                "total": format_money(total, payment.currency),
                "free": format_money(payment.free, payment.currency),
            }
        )
    for order, amount in parts:
        payment = match_payment(payment, order=order, amount=amount, by=by)
    return payment


@transaction.atomic
def keep_as_credit(payment, *, customer, by):
    """Keep free money as a customer's credit: it leaves the inbox and waits for his next order."""
    payment = lock(payment)
    require_free(payment)
    if payment.allocations.filter(amount__gt=0).exists() and payment.customer_id != customer.pk:
        raise RuleBroken(_("A part of this money is used for %s; the rest is theirs too.") % payment.customer)
    reason = _("credit of %s") % customer
    values = {"customer": customer, "credit_at": timezone.now(), "parked_at": None}
    return record_change(payment, list(values), by=by, reason=reason, **values)


@transaction.atomic
def park_payment(payment, *, note, by):
    """Put free money aside, with a note that says what it waits for. Returns the payment."""
    payment = lock(payment)
    require_free(payment)
    values = {"parked_at": timezone.now(), "note": note}
    return record_change(payment, list(values), by=by, reason=_("parked"), **values)


@transaction.atomic
def return_to_inbox(payment, *, by):
    """Take parked money or a credit back among what waits. The note stays. Returns the payment."""
    payment = lock(payment)
    require_free(payment)
    if not payment.parked_at and not payment.credit_at:
        raise RuleBroken(_("%s waits in the inbox already.") % payment)
    values = {"parked_at": None, "credit_at": None}
    return record_change(payment, list(values), by=by, reason=_("back in the inbox"), **values)


@transaction.atomic
def unmatch_payment(used, *, by):
    """Free what was used for an order by mistake; it waits in the inbox again. Returns the payment.

    Only while the order is not paid in full: a paid one has moved on, and its way back is to cancel it.
    """
    order = lock(used.order)
    payment, used = lock(used.payment), lock(used)
    problem = unmatch_problem(used, order)
    if problem:
        raise RuleBroken(problem)
    free_use(used, by=by, reason=_("taken back from %s") % order)
    return lock(payment)


def unmatch_problem(used, order):
    """Say why money cannot be taken back from an order, or return an empty string."""
    if not used.kept:
        return _("Nothing of this money is used for %s any more.") % order
    if order.paid_at or order.status not in UNMATCHABLE:
        return (
            _("%s is paid or on its way. Cancel it, which frees the money, or give the money back.") % order
        )
    return ""


def undoable_uses(payment):
    """Return the uses of a payment that can be taken back."""
    uses = Allocation._base_manager.filter(payment=payment, amount__gt=0).select_related("order")
    return [used for used in uses if not unmatch_problem(used, used.order)]
