"""The money behind a refund: set aside while it runs, back where it was when it fails.

Call with the refund from lock_refund(). A failed refund that turns out to have been carried out is set aside
again.
"""

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money
from backoffice.transitions import lock, move, record_change
from payments.models import PaymentStatus, Refund, RefundStatus
from sales.models import OrderStatus


def lock_refund(refund):
    """Return a refund, fresh, with what its money comes out of: order, payment, allocation, refund locked."""
    payment, used = lock_source(refund.payment, refund.allocation)
    refund = lock(refund)
    refund.payment, refund.allocation = payment, used
    return refund


def lock_source(payment, used):
    """Lock a payment and what is used of it for an order (or None), in the order of all money."""
    order = lock(used.order) if used else None
    payment = lock(payment)
    if used:
        used = lock(used)
        used.order, used.payment = order, payment
    return payment, used


def add_refund(refund, *, by):
    """Set a new refund's amount aside, and save it. Raises RuleBroken when there is not so much left.

    An order that is not paid in full waits for that money again at once, or it would become paid by what the
    customer has back. The refund comes out of the payment's free money then.
    """
    require_left(refund)
    if refund.allocation and is_owed(refund.allocation):
        free_part(refund, by=by)
    set_aside(refund, by=by)
    refund._history_user, refund._change_reason = by, str(refund.reason)[:100]
    refund.save()


def require_left(refund):
    """Raise RuleBroken unless what a refund comes out of holds its amount."""
    payment, used = refund.payment, refund.allocation
    source = payment.free if used is None or is_released(used) else used.kept
    if refund.amount <= source:
        return
    told = {"left": format_money(source, payment.currency), "payment": payment}
    if refund.status == RefundStatus.FAILED:
        raise RuleBroken(
            _("Its money was used since it failed: only %(left)s of %(payment)s is there. Free it first.")
            % told
        )
    raise RuleBroken(_("Only %(left)s of %(payment)s can still be given back.") % told)


def free_part(refund, *, by):
    """Let a refund's amount, which its order holds, be free money first."""
    used, refund.allocation = refund.allocation, None
    reason = _("taken back from %s") % used.order
    record_change(used, ["amount"], by=by, reason=reason, amount=used.amount - refund.amount)
    shift_free(refund.payment, refund.amount, by=by, reason=reason)


def set_aside(refund, *, by):
    """Take a refund's amount out of what its order was paid with, or of the free money. Raises RuleBroken."""
    require_left(refund)
    payment, used, amount = refund.payment, refund.allocation, refund.amount
    reason = _("set aside for a refund")
    if used:
        shift_use(used, amount, by=by, reason=reason)
    if used is None or is_released(used):
        shift_free(payment, -amount, by=by, reason=reason)


def put_back(refund, *, by, reason):
    """Let a refund's amount be where it was before: with its order, or free when that is cancelled."""
    payment, used, amount = refund.payment, refund.allocation, refund.amount
    if used:
        shift_use(used, -amount, by=by, reason=reason)
    if used is None or is_released(used):
        shift_free(payment, amount, by=by, reason=reason)


def is_released(used):
    """Whether the order was cancelled: it holds nothing but what was given back."""
    return used.order.status == OrderStatus.CANCELLED


def is_owed(used):
    """Whether the order still waits for money beside this: it is neither paid in full nor cancelled."""
    return not used.order.paid_at and not is_released(used)


def shift_use(used, amount, *, by, reason):
    values = {"refunded": used.refunded + amount}
    if is_released(used):
        values["amount"] = used.amount + amount
    record_change(used, list(values), by=by, reason=reason, **values)


def shift_free(payment, amount, *, by, reason):
    record_change(payment, ["free"], by=by, reason=reason, free=payment.free + amount)


def finish_refund(refund, *, by, reason, **values):
    """Mark a refund as carried out; a payment of which nothing is left is refunded. Returns the refund."""
    payment = refund.payment
    if refund.status == RefundStatus.FAILED:  # its money had been put back
        set_aside(refund, by=by)
    stamps = {"done_at": timezone.now(), "message": reason[:255], **values}
    refund = move(refund, to=RefundStatus.SUCCEEDED, by=by, reason=reason, **stamps)
    tell_payment(payment, by=by)
    return refund


def fail_refund(refund, *, by, reason):
    """Mark a refund as failed and put its money back. Returns the refund."""
    values = {"message": reason[:255], "done_at": None}
    failed = move(refund, to=RefundStatus.FAILED, by=by, reason=reason, **values)
    put_back(refund, by=by, reason=reason)
    tell_payment(refund.payment, by=by)
    return failed


def tell_payment(payment, *, by):
    """Make a payment refunded when all of it went back, and successful again when some of that came back."""
    done = Refund._base_manager.filter(payment=payment, status=RefundStatus.SUCCEEDED)
    given = sum((each.amount for each in done), Decimal(0))
    is_back = bool(given) and given + payment.rounding == payment.amount
    if is_back and payment.status == PaymentStatus.SUCCESSFUL:
        move(payment, to=PaymentStatus.REFUNDED, by=by, reason=_("given back"))
    elif not is_back and payment.status == PaymentStatus.REFUNDED:
        move(payment, to=PaymentStatus.SUCCESSFUL, via="restore", by=by, reason=_("a refund came back"))
