"""What follows from what the provider said about an attempt when it was asked."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.transitions import lock, move, record_change
from payments.models import AttemptStatus, EventOutcome, WebhookEvent
from payments.models.attempt import UNDECIDED
from payments.services.attempts import fail_attempt
from payments.services.booking import book_standing
from payments.services.cases import UNDONE, close_event

UNSETTLED = (*UNDECIDED, AttemptStatus.EXPIRED)


def waiting(attempt):
    """Return the deliveries of an attempt that are not decided yet."""
    return WebhookEvent._base_manager.filter(attempt=attempt, outcome__in=UNDONE)


def note_paid(attempt, standing):
    """Believe that money came: what was delivered about it is applied; without a delivery it is booked."""
    confirm(attempt)
    if not apply_waiting(attempt):
        book_found(attempt, standing)


@transaction.atomic
def confirm(attempt):
    attempt = lock(attempt)
    if not attempt.confirmed_at:
        values = {"confirmed_at": timezone.now()}
        record_change(attempt, list(values), by=None, reason=_("confirmed by the provider"), **values)


def apply_waiting(attempt):
    """Apply the deliveries that waited. Returns those that still cannot be applied."""
    from payments.services.events import process_event

    events = waiting(attempt.pk).select_related("attempt__order", "attempt__account").order_by("pk")
    return [event for event in map(process_event, events) if event.outcome in UNDONE]


@transaction.atomic
def book_found(attempt, standing):
    """Book money that the provider tells of and no delivery did."""
    order = lock(attempt.order)
    attempt = lock(attempt)
    if attempt.status != AttemptStatus.SUCCEEDED:
        book_standing(attempt, order, standing)


def note_failed(attempt, standing):
    """Believe that no money came: claims that say otherwise are put before a person."""
    undone = apply_waiting(attempt)
    if undone or attempt.status == AttemptStatus.REVIEW:
        told = {"provider": attempt.get_provider_display(), "text": standing.text}
        put_aside(attempt, undone, _("%(provider)s does not confirm this payment: %(text)s") % told)
    else:
        end_unpaid(attempt, standing)


@transaction.atomic
def put_aside(attempt, undone, reason):
    """Put deliveries before a person that claim what the provider does not confirm; it is not paid."""
    lock(attempt.order)
    attempt = lock(attempt)
    for event in map(lock, undone):
        if event.outcome in UNDONE:
            close_event(event, EventOutcome.REVIEW, reason)
    values = {"message": reason[:255], "next_look_at": None}
    if attempt.status == AttemptStatus.REVIEW:
        record_change(attempt, list(values), by=None, reason=reason, **values)
    elif attempt.status != AttemptStatus.SUCCEEDED:
        move(attempt, to=AttemptStatus.REVIEW, by=None, reason=reason, **values)


@transaction.atomic
def end_unpaid(attempt, standing):
    lock(attempt.order)
    attempt = lock(attempt)
    if attempt.status in UNSETTLED:
        fail_attempt(attempt, code=standing.code, message=standing.text, by=None)


@transaction.atomic
def end_in_doubt(attempt):
    """End a link that was never clearly made: nobody can have paid by it."""
    lock(attempt.order)
    attempt = lock(attempt)
    if attempt.status in UNSETTLED and not attempt.checkout_request_id:
        message = _("%s never answered; no link was made.") % attempt.get_provider_display()
        fail_attempt(attempt, code="no_answer", message=message, by=None)
