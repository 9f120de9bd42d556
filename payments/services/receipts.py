"""Receipts that come after the money was booked, and those that staff read in a customer's message."""

import re

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, record_change
from payments.models import AttemptStatus, Payment, PaymentMethod, PaymentStatus
from payments.services.looking import look_soon
from payments.services.same_money import find_booked, money_like

RECEIPT = re.compile(r"[A-Z0-9]{8,20}")


def payments_without_receipt(business_id):
    """Return the M-Pesa payments that Safaricom confirmed and whose receipt nobody has told yet."""
    return Payment._base_manager.filter(
        business=business_id,
        method=PaymentMethod.MPESA,
        status=PaymentStatus.SUCCESSFUL,
        transaction_id=None,
    )


@transaction.atomic
def complete_receipt(payment, receipt, *, by, paid_at=None, **payer):
    """Give a payment the receipt that was missing; no second payment is made of it. Returns the payment.

    `payer` are columns of the payment that tell of the payer. Raises RuleBroken when it has another receipt,
    or when the receipt is another payment's. Call with its order locked, where it has one.
    """
    payment = lock(payment)
    if payment.transaction_id == receipt:
        return payment
    if payment.transaction_id:
        raise RuleBroken(_("%s has another receipt.") % payment)
    if Payment._base_manager.filter(method=payment.method, transaction_id=receipt).exists():
        raise RuleBroken(_("Receipt %s belongs to another payment.") % receipt)
    values = {"transaction_id": receipt, "note": "", **payer}
    if paid_at:
        values["paid_at"] = paid_at
    payment = record_change(payment, list(values), by=by, reason=_("receipt %s") % receipt, **values)
    message = _("Paid with receipt %s.") % receipt
    for attempt in payment.attempts.filter(status=AttemptStatus.SUCCEEDED):
        record_change(attempt, ["message"], by=by, reason=message, message=message)
    return payment


@transaction.atomic
def claim_receipt(attempt, *, receipt, by):
    """Keep the receipt that the customer shows, and have the provider asked. Returns the attempt.

    It pays nothing by itself: a delivery, the till or a statement has to show it. One that is booked already
    is taken only where it says which of several payments the attempt brought.
    """
    receipt = re.sub(r"\s", "", receipt).upper()
    if not RECEIPT.fullmatch(receipt):
        raise RuleBroken(
            _("A receipt is ten letters and digits, such as TKL51ZDR4F, in the customer's message.")
        )
    attempt = lock(attempt)
    booked = find_booked(PaymentMethod.MPESA, receipt)
    is_choice = attempt.status == AttemptStatus.REVIEW and booked in money_like(attempt)
    if booked and not is_choice:
        raise RuleBroken(_("Receipt %s is here already.") % receipt)
    if attempt.status == AttemptStatus.SUCCEEDED and attempt.payment.transaction_id:
        raise RuleBroken(_("This request is paid."))
    values = {"claimed_receipt": receipt}
    reason = _("the customer shows receipt %s") % receipt
    attempt = record_change(attempt, list(values), by=by, reason=reason, **values)
    look_soon(attempt)
    return attempt
