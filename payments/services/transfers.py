"""Bank transfers: somebody says that one was made, somebody else sees it on the statement.

Amounts are in the order's currency. Refusals are RuleBroken with a sentence for staff.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money
from backoffice.transitions import lock, move
from payments.models import BankTransfer, PaymentMethod, TransferStatus
from payments.services.by_hand import book_money, recorded_before, require_positive
from payments.services.second_person import require_second_person
from payments.services.settlement import amount_due, require_payable


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
def confirm_transfer(transfer, *, by, reason=""):
    """Book a transfer that was seen on the statement. Returns it.

    What is due pays the order; what is more stays free, as the customer's credit.
    """
    order, transfer = lock(transfer.order), lock(transfer)
    require_claimed(transfer)
    require_second_person(transfer.business, amount=transfer.amount, first=transfer.recorded_by, by=by)
    payment = book_money(
        order,
        amount=transfer.amount,
        method=PaymentMethod.BANK_TRANSFER,
        by=by,
        reason=_("seen on the bank statement"),
        payer_reference=transfer.reference,
        note=transfer.note,
    )
    return decide(transfer, to=TransferStatus.CONFIRMED, by=by, reason=reason, payment=payment)


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
    return [_("Confirm only what you see on the statement of %s.") % transfer.bank_account, *use_of(transfer)]


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
