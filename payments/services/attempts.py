"""Asking a customer for a payment, and what became of the request.

An attempt is committed before the provider is called, and the call is made by the background worker
outside any transaction. Safaricom's lost answer is never repeated: the customer may already see the prompt.
"""

import logging
from datetime import timedelta
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, move, record_change
from payments.gateways.mpesa import normalise_phone, round_up_shillings
from payments.gateways.mpesa.messages import MOST_SHILLINGS
from payments.models import AttemptStatus, PaymentAttempt, PaymentStatus, Provider
from payments.models.attempt import UNDECIDED
from payments.services.accounts import account_for
from payments.services.awaited import METHODS, payment_to_try
from payments.services.settlement import amount_due, require_payable
from payments.services.tokens import TOKEN_DIGITS, callback_token, hash_token
from payments.tasks import send_prompt

__all__ = ["TOKEN_DIGITS", "callback_token", "hash_token"]  # of tokens, for who speaks of attempts

# After what time the provider is first asked how a request stands of which nothing was heard.
FIRST_LOOK = timedelta(seconds=30)

logger = logging.getLogger(__name__)


@transaction.atomic
def request_payment(order, *, phone, by):
    """Ask for what is due for an order by an STK push to `phone`. Returns the attempt.

    The amount is rounded up to whole shillings, the only ones M-Pesa takes.
    """
    order = lock(order)
    require_payable(order)
    try:
        phone = normalise_phone(phone)
    except ValueError as error:
        raise RuleBroken(_("%s is not a Safaricom number; write it as 0712 345 678.") % phone) from error
    if order.currency != "KES":
        raise RuleBroken(_("M-Pesa takes Kenya shillings only; this order is in %s.") % order.currency)
    due = amount_due(order)
    amount = Decimal(round_up_shillings(due))
    if amount > MOST_SHILLINGS:
        raise RuleBroken(_("M-Pesa takes at most KES %s at once.") % f"{MOST_SHILLINGS:,}")
    account = account_for(order.business_id, Provider.MPESA)
    values = {"account": account, "amount_requested": amount, "worth": amount, "phone": phone}
    return open_attempt(order, provider=Provider.MPESA, rounding=amount - due, by=by, **values)


def open_attempt(order, *, provider, rounding=0, by, **values):
    """Commit to asking: an attempt for the order's awaited payment, and word to the worker. Returns it.

    Call with the order locked. `values` are the other columns of the attempt.
    """
    require_no_prompt(order, by=by)
    money = {"amount": values["worth"], "rounding": rounding, "account": values["account"]}
    attempt = PaymentAttempt(
        business_id=order.business_id,
        payment=payment_to_try(order, method=METHODS[provider], by=by, **money),
        order=order,
        provider=provider,
        by=by,
        **values,
    )
    attempt.token_hash = hash_token(callback_token(attempt.pk))
    attempt._history_user = by
    attempt.save()
    transaction.on_commit(partial(send_prompt.enqueue, str(attempt.pk)))
    return attempt


def require_no_prompt(order, *, by):
    """Raise RuleBroken while the customer may still answer a prompt; end those that nobody answered.

    Call with the order locked.
    """
    for attempt in undecided_attempts(order):
        if attempt.is_awaited:
            raise RuleBroken(why_to_wait(attempt))
        expire_attempt(attempt, by=by)


def why_to_wait(attempt):
    """Say why nobody else can be asked while an attempt is open."""
    if not attempt.is_prompt:
        return _("The customer may still pay by the link. Withdraw it first, and tell the customer.")
    until = time_format(timezone.localtime(attempt.ends_at), "H:i:s")
    return _("The customer may still answer the prompt on the phone. Wait, at most until %s.") % until


def open_prompt_problem(order):
    """Say why an order's items cannot change while the customer may pay it, or return an empty string."""
    if any(attempt.is_awaited for attempt in undecided_attempts(order)):
        return (
            _("The customer is being asked to pay %s; its items cannot change before that is over.") % order
        )
    return ""


def undecided_attempts(order):
    """Return the order's attempts of which nobody knows yet how they end."""
    return PaymentAttempt._base_manager.filter(order=order, status__in=UNDECIDED)


@transaction.atomic
def end_silent_prompt(attempt):
    """End an attempt that nobody can pay by any more although no answer came.

    One of which nobody knows whether it left stays in doubt, for a person.
    """
    lock(attempt.order)
    attempt = lock(attempt)
    if attempt.status == AttemptStatus.SUBMITTED and not attempt.is_awaited:
        expire_attempt(attempt, by=None)


@transaction.atomic
def mark_submitted(attempt, *, checkout_request_id, merchant_request_id="", link=""):
    """Note the provider's names of an accepted request; its callback may have been faster."""
    attempt = lock(attempt)
    ids = {"merchant_request_id": merchant_request_id, "checkout_request_id": checkout_request_id}
    ids["link"] = link
    if attempt.status in (*UNDECIDED, AttemptStatus.EXPIRED):
        ids["next_look_at"] = timezone.now() + FIRST_LOOK
    if attempt.status in (AttemptStatus.CREATED, AttemptStatus.UNKNOWN):
        return move(attempt, to=AttemptStatus.SUBMITTED, by=None, reason=_("accepted"), message="", **ids)
    if attempt.checkout_request_id == checkout_request_id:
        return attempt
    if not attempt.checkout_request_id:
        return record_change(attempt, list(ids), by=None, reason=_("accepted"), **ids)
    # The provider's own answer came over an authenticated line; the delivery before it did not.
    logger.error("Attempt %s was decided by a delivery about another prompt.", attempt.pk)
    ids["message"] = _("The delivery named another prompt than Safaricom did. Check the receipt.")
    return record_change(attempt, list(ids), by=None, reason=ids["message"], **ids)


@transaction.atomic
def mark_refused(attempt, *, code, message):
    """Note that the provider refused: nobody was asked, staff may try again."""
    lock(attempt.order)
    attempt = lock(attempt)
    if attempt.status in (AttemptStatus.CREATED, AttemptStatus.UNKNOWN):
        fail_attempt(attempt, code=code, message=message, by=None)


@transaction.atomic
def mark_unknown(attempt, *, message, ask_again_at=None):
    """Note that there was no usable answer: the customer may or may not have been asked.

    `ask_again_at` is when the very same request is made again, where the provider does it only once.
    """
    attempt = lock(attempt)
    if attempt.status == AttemptStatus.CREATED:
        values = {"message": message[:255], "next_look_at": ask_again_at}
        move(attempt, to=AttemptStatus.UNKNOWN, by=None, reason=_("no answer"), **values)


def fail_attempt(attempt, *, code, message, by, **ids):
    """End an attempt without money. Call with order and attempt locked."""
    values = {"result_code": code[:20], "message": message[:255], "next_look_at": None, **ids}
    attempt = move(attempt, to=AttemptStatus.FAILED, by=by, reason=message, **values)
    fail_its_payment(attempt, reason=message, by=by)
    return attempt


def expire_attempt(attempt, *, by, message=""):
    """End an attempt that nobody answered. Call with order and attempt locked. Returns it.

    The provider is still asked about it: the customer may have paid.
    """
    message = message or _("No answer came.")
    attempt = move(attempt, to=AttemptStatus.EXPIRED, by=by, reason=message, message=message)
    fail_its_payment(attempt, reason=message, by=by)
    return attempt


def fail_its_payment(attempt, *, reason, by):
    """Fail the payment that an attempt was for, unless it is there or another prompt may still bring it."""
    payment = lock(attempt.payment)
    others = PaymentAttempt._base_manager.filter(payment=payment, status__in=UNDECIDED)
    if payment.status == PaymentStatus.PENDING and not others.exclude(pk=attempt.pk).exists():
        move(payment, to=PaymentStatus.FAILED, by=by, reason=reason)
