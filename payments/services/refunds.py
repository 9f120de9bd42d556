"""Money given back: one asks, a second person approves, the provider carries it out.

What is asked for is set aside at once, under locks, so that nothing is given back twice. Amounts are in the
payment's currency. Lock order: order, payment, allocation, refund.
"""

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money
from backoffice.transitions import move, record_change
from payments.models import OutboxTopic, PaymentMethod, PaymentStatus, Refund, RefundStatus
from payments.models.refund import RUNNING
from payments.services.outbox import write
from payments.services.refund_money import (
    add_refund,
    fail_refund,
    finish_refund,
    lock_refund,
    lock_source,
    put_back,
)
from payments.services.refund_results import apply_refund_notice
from payments.services.refund_sending import send_refund
from payments.services.refund_ways import check_way, provider_of
from payments.services.tills import pay_out
from payments.tasks import look_at_refund

__all__ = [
    "apply_refund_notice",
    "approve_refund",
    "hand_out_refund",
    "reject_refund",
    "request_refund",
    "resolve_refund",
    "send_refund",
]


@transaction.atomic
def request_refund(payment, *, amount, reason, by, allocation=None, phone="", key=None):
    """Ask for money to be given back: free money of a payment, or what an order was paid with of it.

    An order that is not paid in full waits for that money again, whatever becomes of the refund.

    Nobody else has to approve it when `by` may approve and the business lets this amount go at once. Returns
    the refund; the same key again gives the first one.
    """
    payment, used = lock_source(payment, allocation)
    before = asked_before(key, payment.business_id)
    if before:
        return before
    if payment.status != PaymentStatus.SUCCESSFUL:
        raise RuleBroken(_("Nothing of %s can be given back.") % payment)
    if amount <= 0:
        raise RuleBroken(_("Give back more than nothing."))
    refund = Refund(
        business_id=payment.business_id,
        payment=payment,
        allocation=used,
        amount=amount,
        reason=reason,
        phone=check_way(payment, amount, phone),
        requested_by=by,
        entry_key=key or None,
    )
    add_refund(refund, by=by)
    if not needs_second_person(refund) and by and by.has_perm("payments.approve_refund", refund):
        refund = release_refund(refund, by=by, reason=_("approved with the request"))
    return refund


def asked_before(key, business):
    """Return the refund that the same opened form asked for before, or None."""
    return Refund._base_manager.filter(entry_key=key, business=business).first() if key else None


def needs_second_person(refund):
    """Whether another person than who asked must approve; the limit is in the business's currency."""
    business = refund.payment.business
    return refund.payment.currency != business.currency or refund.amount > business.second_person_above


@transaction.atomic
def approve_refund(refund, *, by):
    """Let the money go. Returns the refund, which the provider is asked for after the commit."""
    refund = lock_refund(refund)
    if by is not None and by == refund.requested_by and needs_second_person(refund):
        raise RuleBroken(_("You asked for this refund; another person has to approve it."))
    return release_refund(refund, by=by, reason=_("approved"))


def release_refund(refund, *, by, reason):
    refund = move(refund, to=RefundStatus.APPROVED, by=by, reason=reason, approved_by=by)
    if provider_of(refund.payment):
        write(OutboxTopic.REFUND, f"refund:{refund.pk}", refund.pk, refund.business_id)
    return refund


@transaction.atomic
def reject_refund(refund, *, by, reason):
    """Refuse a refund; its money is where it was. Returns the refund.

    An approved one only where somebody hands it out: what a provider is asked for cannot be called back.
    """
    refund = lock_refund(refund)
    if refund.status == RefundStatus.APPROVED and provider_of(refund.payment):
        raise RuleBroken(_("%s is being sent; it cannot be rejected any more.") % refund)
    put_back(refund, by=by, reason=_("refund rejected"))
    return move(refund, to=RefundStatus.REJECTED, by=by, reason=reason, message=str(reason)[:255])


@transaction.atomic
def hand_out_refund(refund, *, by, note=""):
    """Record that an approved refund of cash, a transfer or a cheque was handed out. Returns the refund."""
    refund = lock_refund(refund)
    if provider_of(refund.payment):
        raise RuleBroken(_("%s goes back by its provider; do not hand it out, too.") % refund)
    if refund.status != RefundStatus.APPROVED:
        raise RuleBroken(_("%s has to be approved first.") % refund)
    if refund.payment.method == PaymentMethod.CASH:
        pay_out(refund.payment, amount=refund.amount, by=by, note=refund.reason)
    reason = note or _("handed out by %s") % by
    return finish_refund(refund, by=by, reason=reason, sent_at=timezone.now())


@transaction.atomic
def resolve_refund(refund, *, went, by, reason, receipt=""):
    """Say how a refund in doubt ended, after looking at the provider's own pages. Returns the refund.

    One that failed may have left after all: its money is set aside again, unless it was used meanwhile.
    """
    refund = lock_refund(refund)
    if not may_be_resolved(refund):
        raise RuleBroken(_("%s is not in doubt.") % refund)
    if not went and refund.status == RefundStatus.FAILED:
        raise RuleBroken(_("That %s failed was known before.") % refund)
    if not went:
        return fail_refund(refund, by=by, reason=reason)
    receipt = receipt.strip() or refund.receipt
    if receipt and Refund._base_manager.filter(receipt=receipt).exclude(pk=refund.pk).exists():
        raise RuleBroken(_("Another refund has the receipt %s already.") % receipt)
    return finish_refund(refund, by=by, reason=reason, receipt=receipt)


def may_be_resolved(refund):
    """Whether a person may say how a refund ended: a provider was asked for it, and has not confirmed it."""
    is_open = refund.status in (*RUNNING, RefundStatus.FAILED)
    return is_open and refund.sent_at is not None and provider_of(refund.payment) is not None


@transaction.atomic
def look_again(refund, *, by):
    """Ask the provider again how a refund stands, in a way that cannot give the money twice."""
    refund = lock_refund(refund)
    if refund.status not in RUNNING or provider_of(refund.payment) is None:
        amount = format_money(refund.amount, refund.payment.currency)
        raise RuleBroken(_("There is nothing to ask about this refund of %s.") % amount)
    refund = record_change(
        refund, ["looked_up_at"], by=by, reason=_("asked again"), looked_up_at=timezone.now()
    )
    transaction.on_commit(partial(look_at_refund.enqueue, str(refund.pk)))
    return refund
