"""Bank transfers: somebody says that one was made, somebody else sees it on the statement.

Amounts are in the order's currency. Refusals are RuleBroken with a sentence for staff.
"""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money
from backoffice.transitions import lock, move, record_change
from payments.models import BankTransfer, Payment, PaymentMethod, TransferStatus
from payments.models.payment import RECEIVED
from payments.services.by_hand import book_money, recorded_before, require_positive
from payments.services.payments import match_payment
from payments.services.second_person import require_second_person
from payments.services.settlement import amount_due, can_take_money, require_payable, uses_of


def same_spelling(text):
    """Return a reference, bank or account as it is kept, so that one thing has one spelling."""
    return " ".join(text.split()).upper()


@transaction.atomic
def record_transfer(order, *, amount, bank_account, reference, value_date, by, note="", key=None):
    """Write down that a transfer was made for an order. Returns the claim, which is no payment yet.

    The same key again gives the first claim.
    """
    order = lock(order)
    before = recorded_before(BankTransfer, key, order=order)
    if before:
        return before
    require_payable(order)
    require_positive(amount)
    if value_date > timezone.localdate(timezone=order.business.clock):
        raise RuleBroken(_("The value date is in the future; the money cannot have come yet."))
    transfer = BankTransfer(
        business_id=order.business_id,
        order=order,
        amount=amount,
        currency=order.currency,
        bank_account=same_spelling(bank_account),
        reference=same_spelling(reference),
        value_date=value_date,
        note=note,
        recorded_by=by,
        key=key or None,
    )
    refuse_repeated(transfer)
    transfer._history_user = by
    transfer.save()
    return transfer


def refuse_repeated(transfer):
    """Raise RuleBroken when the same transfer was written down before."""
    if not transfer.reference:
        raise RuleBroken(_("Write the bank's reference; without it nobody finds the money on the statement."))
    same = BankTransfer._base_manager.filter(
        business=transfer.business_id,
        bank_account=transfer.bank_account,
        reference=transfer.reference,
        amount=transfer.amount,
    ).exclude(status=TransferStatus.REJECTED)
    known = same.select_related("order").first()
    if known:
        raise RuleBroken(
            _("%(transfer)s is recorded already, for %(order)s.") % {"transfer": known, "order": known.order}
        )


@transaction.atomic
def confirm_transfer(transfer, *, by, reason="", line=None):
    """Book a transfer that was seen on the statement, on its `line` where somebody says so. Returns it.

    What is due pays the order; what is more stays free, as the customer's credit. Money that was booked from
    the statement before is taken for it.
    """
    order, transfer = lock(transfer.order), lock(transfer)
    require_claimed(transfer)
    require_second_person(transfer.business, amount=transfer.amount, first=transfer.recorded_by, by=by)
    booked = None if line else booked_from_statement(transfer)
    if booked:
        payment = take_booked(booked, transfer, order, by=by)
        return decide(transfer, to=TransferStatus.CONFIRMED, by=by, reason=reason, payment=payment)
    payment = book_money(
        order,
        amount=transfer.amount,
        method=PaymentMethod.BANK_TRANSFER,
        by=by,
        reason=_("seen on the bank statement"),
        paid_at=line.happened_at if line else None,
        payer_reference=transfer.reference,
        note=transfer.note,
    )
    return decide(transfer, to=TransferStatus.CONFIRMED, by=by, reason=reason, payment=payment)


def booked_from_statement(transfer):
    """Return the payment that somebody made of a transfer's line in the statement, or None."""
    name, amount = transfer.reference, transfer.amount
    booked = Payment._base_manager.filter(business=transfer.business_id, status__in=RECEIVED)
    booked = booked.filter(method=PaymentMethod.BANK_TRANSFER, currency=transfer.currency, bank_transfer=None)
    named = Q(transaction_id__iexact=name) | Q(statement_line__receipt__iexact=name)
    named |= Q(payer_reference__iexact=name, amount=amount)  # payers may give one reference again
    found = list(booked.filter(named).order_by("created_at", "pk"))
    return next((each for each in found if each.amount == amount), found[0] if found else None)


def take_booked(booked, transfer, order, *, by):
    """Let a transfer be money that is booked already, and use what is free of it for the order.

    Returns the payment. Raises RuleBroken when it has another amount, or went elsewhere.
    """
    used = sum(each.amount for each in uses_of(order) if each.payment_id == booked.pk)
    if not booked.amount == transfer.amount == booked.free + used:
        told = {"reference": transfer.reference, "payment": booked}
        raise RuleBroken(
            _(
                "The money with reference %(reference)s is in the books already: %(payment)s, of another"
                " amount or used for something else. If it is this transfer, reject the claim; if not, press"
                " “Book it” on its own line of the statement."
            )
            % told
        )
    if booked.free and can_take_money(order):
        return match_payment(booked, order=order, by=by)
    payment = lock(booked)
    first = {"customer": payment.customer or order.customer}
    return record_change(payment, ["customer"], by=by, reason=str(transfer), **first)


@transaction.atomic
def reject_transfer(transfer, *, by, reason=""):
    """Close a claim whose money never came. Returns it."""
    lock(transfer.order)
    return decide(transfer, to=TransferStatus.REJECTED, by=by, reason=reason)


def require_claimed(transfer):
    """Raise RuleBroken when a claim was decided before."""
    if transfer.status != TransferStatus.CLAIMED:
        state = transfer.get_status_display().lower()
        raise RuleBroken(_("%(transfer)s is %(state)s already.") % {"transfer": transfer, "state": state})


def decide(transfer, *, to, by, reason, **stamps):
    stamps |= {"decided_by": by, "decided_at": timezone.now()}
    return move(transfer, to=to, by=by, reason=reason, **stamps)


def preview_confirm(transfer):
    """Say what the money will do."""
    lines = [_("Confirm only what you see on the statement of %s.") % transfer.bank_account]
    booked = booked_from_statement(transfer)
    if booked:
        lines.append(_("It is booked from the statement already; no second payment is made."))
    return lines if booked and not booked.free else [*lines, *use_of(transfer)]


def use_of(claim):
    """Say what the money of a claim will be used for."""
    due = amount_due(claim.order)
    rest = claim.amount - min(due, claim.amount)
    lines = []
    if due:
        used = format_money(min(due, claim.amount), claim.currency)
        lines.append(_("%(money)s pays %(order)s.") % {"money": used, "order": claim.order})
    if rest:
        lines.append(_("%s stays as the customer's credit.") % format_money(rest, claim.currency))
    return lines


def preview_reject(transfer):
    """Say what stays."""
    return [_("The claim stays in the list as rejected; %s waits for its money.") % transfer.order]
