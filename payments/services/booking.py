"""Booking money of which the provider tells when it is asked, while no delivery came."""

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.money import format_money
from backoffice.transitions import lock, move
from payments.models import AttemptStatus, Payment, Provider
from payments.services.attempts import fail_its_payment
from payments.services.awaited import METHODS
from payments.services.settlement import (
    amount_due,
    can_take_money,
    create_payment,
    fail_awaited,
    receive_payment,
)


def book_standing(attempt, order, standing):
    """Book what a Standing that says paid tells of an attempt. Call with order and attempt locked.

    A prompt's tells neither amount nor receipt: the amount is what was asked for, and the receipt is missing
    until a delivery or the till brings it. Returns the payment; None when the receipt pays something else.
    """
    method = METHODS[Provider(attempt.provider)]
    receipt = standing.receipt or None
    if receipt and Payment._base_manager.filter(method=method, transaction_id=receipt).exists():
        problem = _("Receipt %s is already booked, for something else.") % receipt
        values = {"message": problem, "next_look_at": None}
        move(attempt, to=AttemptStatus.REVIEW, by=None, reason=problem, **values)
        return None
    problem = misfit(attempt, order, standing)
    message = problem or (_("Paid with receipt %s.") % receipt if receipt else missing_receipt(attempt))
    payment = unmatched_payment(attempt, order, standing, problem, method) if problem else attempt.payment
    end_paid(attempt, message, standing, payment)
    if problem:
        fail_its_payment(attempt, reason=problem, by=None)
    else:
        payment = lock(payment)
        fail_awaited(order, by=None, reason=_("paid by another request"), besides=payment)
    values = {"transaction_id": receipt, "amount": payment.amount if problem else attempt.worth}
    values |= {"account": attempt.account, "paid_at": timezone.now()}
    if not receipt:
        values["note"] = message
    return receive_payment(payment, by=None, reason=_("confirmed by the provider"), **values)


def missing_receipt(attempt):
    return _("Paid, says %s; the receipt is still missing.") % attempt.get_provider_display()


def misfit(attempt, order, standing):
    """Say why the money does not pay the order, or return an empty string."""
    asked = attempt.amount_requested, attempt.currency
    if standing.amount is not None and (standing.amount, standing.currency) != asked:
        return _("The customer paid %(paid)s instead of %(asked)s.") % {
            "paid": format_money(standing.amount, standing.currency),
            "asked": format_money(*asked),
        }
    if not can_take_money(order):
        return _("The order was %s when the money came.") % order.get_status_display().lower()
    if not 0 <= attempt.worth - amount_due(order) < 1:
        return _("The order was changed after the customer was asked.")
    return ""


def unmatched_payment(attempt, order, standing, problem, method):
    """Make a payment of no order yet; in the currency that was paid where that is not what was asked for."""
    amount, currency = attempt.worth, order.currency
    if standing.amount is not None and standing.amount != attempt.amount_requested:
        amount, currency = standing.amount, standing.currency
    note = f"{order}: {problem}"[:255]
    values = {"amount": amount, "currency": currency, "method": method, "note": note}
    return create_payment(order, by=None, order=None, **values)


def end_paid(attempt, message, standing, payment):
    """Mark the attempt as paid; late when it had been given up."""
    move(
        attempt,
        to=AttemptStatus.SUCCEEDED,
        by=None,
        reason=message,
        message=message[:255],
        result_code=standing.code[:20],
        is_late=attempt.status in (AttemptStatus.FAILED, AttemptStatus.EXPIRED),
        next_look_at=None,
        payment=payment,
    )
