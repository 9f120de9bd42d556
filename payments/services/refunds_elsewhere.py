"""What was given back on a provider's own pages: recorded as a refund of its payment, if it fits."""

from decimal import ROUND_HALF_UP

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import CENT
from payments.gateways.gateway import State
from payments.models import (
    Allocation,
    EventOutcome,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from payments.services.cases import NotYet
from payments.services.refund_money import add_refund, lock_source, tell_payment
from payments.services.refund_ways import paid_attempt, provider_of


def note_made_elsewhere(notice, account, *, by):
    """Record what was given back on the provider's own pages, out of what it can only come from.

    Returns (outcome, reason, payment); raises NotYet while its payment is not known.
    """
    if notice.state != State.PAID:
        return EventOutcome.IGNORED, _("A refund that was not asked for here, and no money moved."), None
    found = payment_of(notice, account)
    if notice.problems or notice.amount is None or not (notice.receipt and notice.original_receipt):
        return EventOutcome.REVIEW, _("It does not say how much of which payment went back."), found
    if found is None:  # the news of the payment may come later than that of its refund
        raise NotYet(_("It tells of a payment that is not known here."))
    amount = in_payment_currency(found, notice)
    payment, used = lock_source(found, use_that_covers(found, amount))
    known = Refund._base_manager.filter(receipt=notice.receipt).first()
    if known:
        return EventOutcome.IGNORED, _("This refund was recorded before."), None
    refund = Refund(
        business_id=payment.business_id,
        payment=payment,
        allocation=None if payment.free >= amount else used,
        amount=amount,
        reason=_("Given back on the pages of %s.") % provider_of(payment).label,
        status=RefundStatus.SUCCEEDED,
        receipt=notice.receipt,
        requested_by=by,
        sent_at=timezone.now(),
        done_at=timezone.now(),
        message=notice.text[:255],
    )
    try:
        with transaction.atomic():
            add_refund(refund, by=by)
    except RuleBroken as rule:
        return EventOutcome.REVIEW, str(rule), payment
    tell_payment(payment, by=by)
    return EventOutcome.APPLIED, "", payment


def payment_of(notice, account):
    """Return the payment of which a delivery says that it went back, or None."""
    payments = Payment._base_manager.filter(
        method__in=(PaymentMethod.CARD, PaymentMethod.PAYPAL),
        status__in=(PaymentStatus.SUCCESSFUL, PaymentStatus.REFUNDED),
        transaction_id=notice.original_receipt,
    )
    return (payments.filter(business=account.business_id) if account else payments).first()


def in_payment_currency(payment, notice):
    """Return what went back in the currency of the payment, at the rate at which it was made."""
    attempt = paid_attempt(payment)
    if notice.currency == payment.currency or attempt is None:
        return notice.amount
    if notice.amount == attempt.amount_requested:
        return payment.amount
    worth = notice.amount * attempt.worth / attempt.amount_requested
    return worth.quantize(CENT, ROUND_HALF_UP)


def use_that_covers(payment, amount):
    """Return what a refund above the free money must come out of: the first use that is enough."""
    if payment.free >= amount:
        return None
    uses = Allocation._base_manager.filter(payment=payment).order_by("created_at", "pk")
    return next((used for used in uses if used.kept >= amount), None)
