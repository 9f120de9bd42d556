"""Asking the provider how money stands: before a claim is believed, and when nothing was heard.

The state is in the attempt: `next_look_at` is when it is asked next. Calls are made outside of transactions;
what nobody can tell now changes nothing.
"""

from datetime import timedelta
from functools import partial
from random import uniform

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.scoping import business_scope
from backoffice.transitions import record_change
from payments.gateways.gateway import Standing, State
from payments.gateways.paypal import APPROVED, PaypalGateway
from payments.models import AttemptStatus, PaymentAttempt
from payments.services.accounts import gateway_for
from payments.services.attempts import mark_unknown
from payments.services.collecting import collect
from payments.services.prompts import MOST_SILENCE, ask_customer
from payments.services.verdicts import UNSETTLED, end_in_doubt, note_failed, note_paid, put_aside, waiting
from payments.tasks import look_after_attempt

S, M, H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
# How long after each look the next one is; the first is FIRST_LOOK after the customer was asked.
PAUSES = (60 * S, 2 * M, 5 * M, 10 * M, 30 * M, 2 * H, 12 * H)
# A claim waits to be believed, and the provider needs seconds until it knows.
SHORT_PAUSES = (10 * S, 15 * S, 30 * S)
LEAST_PAUSE = 10 * S
GIVE_UP_AFTER = 48 * H
# The result of an attempt that a person ended while it was in doubt.
DEALT_WITH = "dealt_with"


def must_ask(claimed, amount):
    """Whether the provider has to be asked before so much money is believed to have come.

    `claimed` is the attempt by which it came, or the delivery of money that nobody asked for. Not without an
    account of the business, not for what its owner trusts, and not twice.
    """
    if claimed.account is None or claimed.confirmed_at:
        return False
    return amount > claimed.account.trusted_up_to


def ask_first(attempt, *, reference="", second_reference=""):
    """Have the provider asked before a claim of money is believed. Call with the attempt locked.

    The references are those that the claim gives: they are all there is when the answer to the request was
    lost, or is slower than the claim.
    """
    if reference and not attempt.checkout_request_id:
        ids = {"checkout_request_id": reference, "merchant_request_id": second_reference}
        record_change(attempt, list(ids), by=None, reason=_("named by a delivery"), **ids)
    look_soon(attempt)


def look_soon(attempt):
    """Have the provider asked about an attempt as soon as may be. Call it in the deciding transaction."""
    PaymentAttempt._base_manager.filter(pk=attempt.pk).update(next_look_at=timezone.now())
    transaction.on_commit(partial(look_after_attempt.enqueue, str(attempt.pk)))


def due_looks():
    """Return the attempts about which the provider is to be asked now, the longest waiting first."""
    due = PaymentAttempt._base_manager.filter(next_look_at__lte=timezone.now())
    return due.order_by("next_look_at", "pk")


def look_after(attempt_id):
    """Ask how an attempt stands, and do what follows. Returns the Standing; None when it is not its moment.

    The one service that collects, confirms, fails and, where no delivery came, books.
    """
    attempt = claim_look(attempt_id)
    if attempt is None:
        return None
    with business_scope(attempt.business_id):
        is_last = timezone.now() > (attempt.sent_at or attempt.created_at) + GIVE_UP_AFTER
        if not attempt.checkout_request_id:
            return give_up(attempt) if is_last else ask_again(attempt)
        standing = standing_of(attempt)
        if standing.state == State.PAID:
            note_paid(attempt, standing)
        elif standing.state == State.FAILED:
            note_failed(attempt, standing)
            stop_looking(attempt)
        elif is_last:
            return give_up(attempt)
        return standing


def stop_looking(attempt):
    """Ask no more about a request that failed and of which the provider said so again."""
    rows = PaymentAttempt._base_manager.filter(pk=attempt.pk, status=AttemptStatus.FAILED)
    rows.filter(~Exists(waiting(OuterRef("pk")))).update(next_look_at=None)


@transaction.atomic
def claim_look(attempt_id):
    """Return the attempt when it is to be asked about now, with its next look moved ahead; else None."""
    rows = PaymentAttempt._base_manager.annotate(has_claim=Exists(waiting(OuterRef("pk"))))
    rows = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    attempt, now = rows.filter(pk=attempt_id).first(), timezone.now()
    if attempt is None:  # somebody is at it
        return None
    mine = PaymentAttempt._base_manager.filter(pk=attempt.pk)
    if not (
        attempt.status in (*UNSETTLED, AttemptStatus.REVIEW) or attempt.has_claim or may_be_paid(attempt)
    ):
        mine.update(next_look_at=None)
        return None
    if attempt.status == AttemptStatus.CREATED and now < (attempt.sent_at or now) + MOST_SILENCE:
        return None  # the request itself is on its way
    if attempt.looked_at and now < attempt.looked_at + LEAST_PAUSE:
        mine.update(next_look_at=attempt.looked_at + LEAST_PAUSE)
        return None
    pauses = SHORT_PAUSES + PAUSES if attempt.has_claim else PAUSES
    mine.update(next_look_at=now + pause_after(attempt.looks, pauses), looked_at=now, looks=F("looks") + 1)
    return attempt


def may_be_paid(attempt):
    """Whether an attempt that failed was not failed by its provider, or its customer shows a receipt."""
    is_doubted = bool(attempt.claimed_receipt) or attempt.result_code == DEALT_WITH
    return attempt.status == AttemptStatus.FAILED and is_doubted


def pause_after(looks, pauses=PAUSES):
    """Return how long after so many looks and one more the next one is; never quite in step with others."""
    return pauses[min(looks, len(pauses) - 1)] * uniform(1, 1.1)


def give_up(attempt):
    """Leave an attempt to a person about which the provider could not say anything for two days.

    Returns a Standing that says so.
    """
    message = _("%s did not say for two days how this ended. See its own statement.")
    message = message % attempt.get_provider_display()
    claims = list(waiting(attempt.pk))
    if claims:
        put_aside(attempt, claims, message)
    else:
        values = {"next_look_at": None}
        if attempt.status != AttemptStatus.FAILED:  # how it failed is worth more
            values["message"] = message
        record_change(attempt, list(values), by=None, reason=message, **values)
    return Standing(State.UNKNOWN, "silence", message)


def ask_again(attempt):
    """Decide about a request whose answer was lost: repeat it where that is safe, else leave it in doubt."""
    if attempt.is_prompt:
        message = _("Nobody knows whether the prompt reached the phone. Ask the customer.")
        mark_unknown(attempt, message=message)
        PaymentAttempt._base_manager.filter(pk=attempt.pk).update(next_look_at=None)
    elif attempt.is_awaited:
        ask_customer(attempt)
    else:
        end_in_doubt(attempt)


def standing_of(attempt):
    """Return how the money stands; never raises.

    What the customer agreed to at PayPal is collected first, if it is still wanted.
    """
    try:
        gateway = gateway_for(attempt.provider, attempt.account)
        standing = gateway.standing(attempt.checkout_request_id)
        if isinstance(gateway, PaypalGateway) and standing.code == APPROVED:
            return collect(attempt, gateway, standing)
        return standing
    except RuleBroken as rule:
        return Standing(State.UNKNOWN, "settings", str(rule))
