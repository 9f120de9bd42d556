"""Cheques: received, deposited, cleared, or bounced. Only a cleared one is money.

Amounts are in the order's currency. Refusals are RuleBroken with a sentence for staff.
"""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, move
from payments.models import Cheque, ChequeStatus, PaymentMethod
from payments.models.refund import RUNNING, RefundStatus
from payments.services.by_hand import (
    book_money,
    held_refunds,
    lock_orders,
    preview_taking_back,
    recorded_before,
    require_positive,
    take_back,
)
from payments.services.second_person import require_second_person
from payments.services.settlement import require_payable
from payments.services.transfers import same_spelling, use_of


@transaction.atomic
def record_cheque(order, *, amount, bank, number, due_on, by, drawn_by="", note="", key=None):
    """Write down a cheque handed over for an order; `due_on` may lie ahead. Returns it; it pays nothing yet.

    The same key again gives the first cheque.
    """
    order = lock(order)
    before = recorded_before(Cheque, key, order=order)
    if before:
        return before
    require_payable(order)
    require_positive(amount)
    cheque = Cheque(
        business_id=order.business_id,
        order=order,
        amount=amount,
        currency=order.currency,
        bank=same_spelling(bank),
        number=same_spelling(number),
        drawn_by=drawn_by,
        due_on=due_on,
        note=note,
        recorded_by=by,
        key=key or None,
    )
    refuse_reused(cheque)
    cheque._history_user = by
    cheque.save()
    return cheque


def refuse_reused(cheque):
    """Raise RuleBroken when a cheque of this bank and number was taken before."""
    same = Cheque._base_manager.filter(
        business=cheque.business_id, bank=cheque.bank, number=cheque.number
    ).first()
    if same:
        raise RuleBroken(
            _("%(cheque)s was taken before, for %(order)s; it is %(status)s.")
            % {"cheque": same, "order": same.order, "status": same.get_status_display().lower()}
        )


@transaction.atomic
def deposit_cheque(cheque, *, by, reason=""):
    """Write that a cheque was brought to the bank. Returns it."""
    lock(cheque.order)
    if cheque.due_on > timezone.localdate(timezone=cheque.business.clock):
        day = date_format(cheque.due_on, "DATE_FORMAT")
        raise RuleBroken(_("The cheque is dated %s; the bank takes it from that day.") % day)
    return move(cheque, to=ChequeStatus.DEPOSITED, by=by, reason=reason, deposited_at=timezone.now())


@transaction.atomic
def clear_cheque(cheque, *, by, reason="", line=None):
    """Book a cheque whose money the bank has credited, on `line` of its statement if known. Returns it."""
    order, cheque = lock(cheque.order), lock(cheque)
    if cheque.status != ChequeStatus.DEPOSITED:
        raise RuleBroken(_("%s is not at the bank.") % cheque)
    require_second_person(cheque.business, amount=cheque.amount, first=cheque.recorded_by, by=by)
    payment = book_money(
        order,
        amount=cheque.amount,
        method=PaymentMethod.CHEQUE,
        by=by,
        reason=_("cheque cleared"),
        paid_at=line.happened_at if line else None,
        payer_name=cheque.drawn_by,
        payer_reference=cheque.number,
        note=cheque.note,
    )
    cleared = {"payment": payment, "cleared_at": timezone.now()}
    return move(cheque, to=ChequeStatus.CLEARED, by=by, reason=reason, **cleared)


@transaction.atomic
def bounce_cheque(cheque, *, by, reason="", bank_fee=Decimal(0)):
    """Write that the bank returned a cheque, and what it took for that. Returns the cheque.

    After it had cleared, its money is taken back: the orders it paid are due again.
    """
    lock(cheque.order)
    orders = lock_orders(cheque.payment) if cheque.payment else {}
    payment = cheque.payment and lock(cheque.payment)
    told = _("%s bounced") % cheque
    cheque = move(
        cheque,
        to=ChequeStatus.BOUNCED,
        by=by,
        reason=reason or told,
        bounced_at=timezone.now(),
        bank_fee=bank_fee,
    )
    if payment:
        refuse_running(payment)
        take_back(payment, orders, reason=told, by=by)
    return cheque


def refuse_running(payment):
    """Raise RuleBroken while money of a payment is about to be given back."""
    undone = held_refunds(payment).filter(status__in=(*RUNNING, RefundStatus.REQUESTED)).first()
    if undone:
        raise RuleBroken(
            _(
                "%s waits. Reject it, or say that the customer has the money; "
                "then say that the cheque bounced."
            )
            % undone
        )


def preview_deposit(cheque):
    """Say what a deposit means."""
    return [_("%s stays unpaid until the bank has cleared the cheque.") % cheque.order]


def preview_clear(cheque):
    """Say what the money will do."""
    return [_("Say so only when the money is in the account."), *use_of(cheque)]


def preview_bounce(cheque):
    """Say what is due again."""
    if cheque.payment:
        return preview_taking_back(cheque.payment)
    return [_("%s waits for its money; take no second cheque of this number.") % cheque.order]
