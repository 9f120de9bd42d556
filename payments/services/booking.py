"""Booking money that came by an attempt, whether a delivery tells of it or the provider when it is asked.

Money that does not fit its order is booked all the same, as a payment of no order, with the reason. Call this
with order and attempt locked.
"""

from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.money import format_money
from backoffice.transitions import lock, move, record_change
from payments.gateways.gateway import Kind, Notice, State
from payments.models import AttemptStatus, Provider
from payments.services.attempts import fail_its_payment
from payments.services.awaited import METHODS
from payments.services.same_money import find_booked, find_same_money, is_surely_of, payer_of
from payments.services.settlement import (
    amount_due,
    can_take_money,
    create_payment,
    fail_awaited,
    receive_payment,
    use_money,
)


def book_standing(attempt, order, standing, *, paid_at=None):
    """Book what a Standing that says paid tells of an attempt; `paid_at` is when, where somebody knows.

    A prompt's tells neither amount nor receipt: the amount is what was asked for, and the receipt is missing
    until a delivery or the till brings it, unless the till or a statement brought it before. Returns the
    payment; None when a person has to say which money it is.
    """
    notice = as_notice(attempt, standing)
    if find_booked(METHODS[Provider(attempt.provider)], notice.receipt):
        problem = _("Receipt %s is already booked, for something else.") % notice.receipt
        return leave_to_person(attempt, problem)
    problem = misfit(attempt, order, notice)
    if attempt.is_prompt and not notice.receipt:
        found = find_same_money(attempt)
        sure = [each for each in found if is_surely_of(attempt, each)]
        if len(sure) == 1:
            notice = replace(notice, receipt=sure[0].transaction_id or "")
            return join_booked(attempt, order, sure[0], notice, problem, by=None)
        if found:
            return leave_to_person(attempt, why_unsure(found))
    return book_money(attempt, order, notice, problem, by=None, paid_at=paid_at or timezone.now())


def why_unsure(found):
    """Say that money which is booked already may be a prompt's, and what decides it."""
    receipts = ", ".join(each.transaction_id or "–" for each in found[:3])
    return (
        _("It is paid, and the money may be in the books already: receipt %s. Enter the customer's receipt.")
        % receipts
    )


def leave_to_person(attempt, problem):
    """Have a person look at an attempt that is paid and cannot be booked. Call with it locked."""
    values = {"message": problem[:255], "next_look_at": None}
    if attempt.status == AttemptStatus.REVIEW:
        record_change(attempt, list(values), by=None, reason=problem, **values)
    else:
        move(attempt, to=AttemptStatus.REVIEW, by=None, reason=problem, **values)


def as_notice(attempt, standing):
    """Return a Standing that says paid as news of an attempt."""
    amount, currency = standing.amount, standing.currency
    if amount is None:
        amount, currency = attempt.amount_requested, attempt.currency
    told = {"amount": amount, "currency": currency, "receipt": standing.receipt, "code": standing.code}
    return Notice(Kind.ATTEMPT, State.PAID, **told)


def book_money(attempt, order, notice, problem, *, by, paid_at):
    """Book what came: it pays the order, or with a problem nothing yet. Returns the payment."""
    method, message = METHODS[Provider(attempt.provider)], problem or paid_with(attempt, notice)
    amount, currency = worth_of(attempt, order, notice)
    payment = attempt.payment
    if problem:
        values = {"currency": currency, "method": method, "note": f"{order}: {problem}"[:255]}
        payment = create_payment(order, amount=amount, by=by, order=None, **values)
    end_paid(attempt, notice, message, by=by, payment=payment)
    if problem:
        fail_its_payment(attempt, reason=problem, by=by)  # the one that was awaited until now
    else:
        payment = lock(payment)
        fail_awaited(order, by=by, reason=_("paid by another request"), besides=payment)
    stamps = {"method": method, "amount": amount, "account": attempt.account, "paid_at": paid_at}
    stamps |= {"transaction_id": notice.receipt or None, **payer_of(notice)}
    if not notice.receipt:
        stamps["note"] = message
    return receive_payment(payment, by=by, reason=message, **stamps)


def join_booked(attempt, order, booked, notice, problem, *, by):
    """Let an attempt be paid by money that another road told of first. Returns the payment."""
    message = paid_with(attempt, notice)
    end_paid(attempt, notice, message, by=by, payment=booked)
    fail_its_payment(attempt, reason=message, by=by)
    payment = lock(booked)
    if problem or not payment.free:
        return payment
    fail_awaited(order, by=by, reason=message)
    first = {"order": order, "customer": order.customer} if payment.order is None else {}
    amount = min(payment.free, amount_due(order))
    return use_money(payment, order, amount=amount, by=by, **first)


def paid_with(attempt, notice):
    """Return the sentence that says by which receipt an attempt was paid, or that it is missing."""
    if notice.receipt:
        return _("Paid with receipt %s.") % notice.receipt
    return _("Paid, says %s; the receipt is still missing.") % attempt.get_provider_display()


def end_paid(attempt, notice, message, *, by, payment):
    """Mark the attempt as paid; late when it had been given up."""
    return move(
        attempt,
        to=AttemptStatus.SUCCEEDED,
        by=by,
        reason=message,
        message=message[:255],
        result_code=notice.code[:20],
        next_look_at=None,
        is_late=attempt.status in (AttemptStatus.FAILED, AttemptStatus.EXPIRED),
        payment=payment,
        **ids_of(attempt, notice),
    )


def ids_of(attempt, notice):
    """The provider's names; a delivery may be faster than the answer to the request, or the only one."""
    return {
        "checkout_request_id": attempt.checkout_request_id or notice.reference or None,
        "merchant_request_id": attempt.merchant_request_id or notice.second_reference,
    }


def misfit(attempt, order, notice):
    """Say why the money does not pay the order, or return an empty string."""
    if (notice.amount, notice.currency) != (attempt.amount_requested, attempt.currency):
        return _("The customer paid %(paid)s instead of %(asked)s.") % {
            "paid": format_money(notice.amount, notice.currency),
            "asked": format_money(attempt.amount_requested, attempt.currency),
        }
    if not can_take_money(order):
        return _("The order was %s when the money came.") % order.get_status_display().lower()
    if not 0 <= attempt.worth - amount_due(order) < 1:
        return _("The order was changed after the customer was asked.")
    return ""


def worth_of(attempt, order, notice):
    """Return (amount, currency) in which the money is booked: the order's, where what came was agreed on."""
    if (notice.amount, notice.currency) == (attempt.amount_requested, attempt.currency):
        return attempt.worth, order.currency
    return notice.amount, notice.currency
