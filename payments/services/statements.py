"""What staff do about a line of a statement, or a payment, that only one side has. Nothing is deleted.

Lock order: the order, then the attempt, transfer or cheque, then the payment, then the line. Refusals are
RuleBroken.
"""

import re

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, record_change
from payments.gateways.gateway import Standing, State
from payments.models import Cheque, Explanation, Payment, PaymentMethod, Provider, StatementLine
from payments.services.booking import book_standing
from payments.services.cheques import clear_cheque
from payments.services.fitting import claim_on, noted_that_fits, payments_that_fit
from payments.services.receipts import complete_receipt
from payments.services.reconciliation import Source, with_payment
from payments.services.settlement import receive_payment
from payments.services.transfers import confirm_transfer

PAYER = re.compile(r"\s*(\+?[\d*]{6,15})\s*-\s*(.+)")


def payment_of(line):
    """Return the received payment that a line is, or None."""
    source = Source(line.business, account=line.account, bank=line.bank)
    partner = with_payment(StatementLine._base_manager.filter(pk=line.pk), source).get().partner_id
    return Payment._base_manager.filter(pk=partner).first()


@transaction.atomic
def book_line(line, *, by, payment=None, noted=None):
    """Bring into the books what only the statement has. Returns the payment.

    It is `payment`, one of payments_that_fit(), or a transfer or cheque, one of noted_that_fits(), which is
    confirmed; else the one of the attempt whose customer showed this receipt; else new money that nobody has
    said yet what it is for.
    """
    claim = None if payment or noted else claim_on(line)
    if payment:
        payment = complete(payment, line, by=by)
    elif noted:
        payment = confirm(noted, line, by=by)
    elif claim:
        payment = book_claim(claim, line)
    else:
        payment = receive_line(line, by=by)
    line = lock(line)
    require_unbooked(line, besides=payment)
    values = {"payment": payment, "parked_at": None, "note": ""}
    record_change(line, list(values), by=by, reason=_("booked as %s") % payment, **values)
    return payment


def require_unbooked(line, besides):
    """Raise RuleBroken when the line cannot become a payment, or is one already."""
    if not line.is_compared:
        raise RuleBroken(_("This line is no customer's money."))
    there = payment_of(line)
    if line.payment_id or (there and there.pk != besides.pk):
        raise RuleBroken(_("%s is booked already.") % line)


def complete(payment, line, *, by):
    """Say that a payment of the books is the money of a line."""
    if not payments_that_fit(line).filter(pk=payment.pk).exists():
        raise RuleBroken(_("%s is not the money of this line.") % payment)
    if payment.order:
        lock(payment.order)
    payment = lock(payment)
    if not line.bank:
        return complete_receipt(payment, line.receipt, by=by, paid_at=line.happened_at, **payer_of(line))
    return payment


def confirm(noted, line, *, by):
    """Confirm what staff noted by the line that shows it. Returns its payment."""
    if noted not in noted_that_fits(line):
        raise RuleBroken(_("%s is not the money of this line.") % noted)
    confirming = clear_cheque if isinstance(noted, Cheque) else confirm_transfer
    return confirming(noted, by=by, reason=seen_in(line), line=line).payment


def book_claim(attempt, line):
    """Book what the customer of an attempt said to have paid, now that the statement shows it."""
    order, attempt = lock(attempt.order), lock(attempt)
    standing = Standing(
        State.PAID,
        code="statement",
        text=seen_in(line),
        amount=line.paid_in,
        currency=attempt.currency,
        receipt=line.receipt,
    )
    payment = book_standing(attempt, order, standing, paid_at=line.happened_at)
    if payment is None:
        raise RuleBroken(_("Receipt %s belongs to another payment.") % line.receipt)
    return payment


def receive_line(line, *, by):
    """Make a received payment of a line, for nobody's order yet."""
    method = PaymentMethod.BANK_TRANSFER if line.bank else PaymentMethod.MPESA
    receipt = line.receipt or None
    taken = Payment._base_manager.filter(method=method, transaction_id=receipt).exists() if receipt else False
    if taken and not line.bank:
        raise RuleBroken(_("Receipt %s belongs to another payment.") % receipt)
    payment = Payment(
        business=line.business,
        account=line.account,
        amount=line.paid_in,
        currency=line.business.currency,
        method=method,
        note=seen_in(line),
        payer_reference=line.payer_reference,
        **payer_of(line),
    )
    payment._history_user = by
    payment.save()
    # Banks number their lines as they like, and two of them may use one number.
    values = {"transaction_id": None if taken else receipt, "paid_at": line.happened_at}
    return receive_payment(payment, by=by, reason=seen_in(line), **values)


def payer_of(line):
    """Return what a line tells of the payer: `254712***678 - JANE DOE`."""
    found = PAYER.match(line.counterparty)
    phone = found[1].removeprefix("+") if found else ""
    name = found[2].strip() if found else line.counterparty
    return {"payer_name": name[:200], "payer_phone": phone if phone.isdecimal() else ""}


def seen_in(line):
    return _("seen in the statement of %s") % (line.bank or Provider.MPESA.label)


@transaction.atomic
def park_line(line, *, note, by):
    """Put a line aside that needs no payment, and say why. Returns the line."""
    line = lock(line)
    values = {"parked_at": timezone.now(), "note": note}
    return record_change(line, list(values), by=by, reason=_("put aside: %s") % note, **values)


@transaction.atomic
def explain_payment(payment, *, text, by):
    """Say why a payment stands in no statement, or with another amount. Returns the Explanation."""
    payment = lock(payment)
    if Explanation._base_manager.filter(payment=payment).exists():
        raise RuleBroken(_("%s is explained already.") % payment)
    explanation = Explanation(business_id=payment.business_id, payment=payment, text=text, by=by)
    explanation.save()
    return explanation
