"""Deliveries from providers: stored raw and committed first (see deliveries), decided once afterwards.

A delivery whose processing fails stays stored with its error, is due again after a while, and can be applied
again by hand.
"""

import logging
import traceback

from django.db import Error, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.scoping import business_scope
from payments.gateways.gateway import Kind, Unreadable
from payments.models import EventOutcome, WebhookEvent
from payments.services.backoff import moment_after
from payments.services.cases import (
    REPLAYABLE,
    UNDONE,
    Case,
    Decision,
    NotYet,
    Overtaken,
    Parked,
    close_event,
    to_review,
)
from payments.services.deliveries import store_callback
from payments.services.notices import read_notice
from payments.services.reports import decide_dispute, decide_other, decide_refund, decide_status
from payments.services.results import decide_attempt
from payments.services.till_money import decide_check, decide_money

# What each kind of news does. Each function locks what it is about, then the delivery by case.hold().
DECIDERS = {
    Kind.ATTEMPT: decide_attempt,
    Kind.MONEY: decide_money,
    Kind.CHECK: decide_check,
    Kind.REFUND: decide_refund,
    Kind.DISPUTE: decide_dispute,
    Kind.STATUS: decide_status,
    Kind.OTHER: decide_other,
}

logger = logging.getLogger(__name__)


def record_event(attempt, **delivery):
    """Store what came to the address of an attempt. Returns the event; a repeated one is the same row."""
    return store_callback(attempt, **delivery)


def due_events(limit=50):
    """Return deliveries that are to be applied (again) by now, the longest waiting first."""
    due = WebhookEvent._base_manager.filter(next_try_at__lte=timezone.now(), outcome__in=UNDONE)
    return list(due.order_by("next_try_at", "pk")[:limit])


def retry_event(event):
    """Apply a delivery that is due, as it is by now. Returns it with its outcome and when it is due next."""
    return process_event(WebhookEvent._base_manager.get(pk=event.pk))


def process_event(event):
    """Apply a stored delivery unless that was done; whatever goes wrong is written on it, never raised.

    Returns the event with its outcome.
    """
    return decide_event(event, UNDONE, by=None) if event.outcome in UNDONE else event


def replay_event(event, *, by):
    """Apply a delivery again that waits, failed or was put aside. Returns it with its outcome."""
    if event.outcome not in REPLAYABLE:
        raise RuleBroken(_("This delivery was dealt with; there is nothing to apply."))
    return decide_event(event, REPLAYABLE, by=by)


def decide_event(event, outcomes, *, by):
    """Apply an event whose outcome is still one of `outcomes`, in its business's scope."""
    with business_scope(event.business_id):
        try:
            return apply_twice(event, outcomes, by=by)
        except Exception as error:  # a bug must not cost the customer's money: the event waits, visible
            # Where it happened, not the message: databases quote the row, with the phone number in it.
            where = "".join(traceback.format_tb(error.__traceback__))
            logger.error("Delivery %s could not be applied: %s\n%s", event.pk, type(error).__name__, where)
            return note_error(event, error)


def apply_twice(event, outcomes, *, by):
    """Apply an event, and once more when the same money came by two roads at one moment: one is booked."""
    try:
        return apply_event(event, outcomes, by=by)
    except IntegrityError:
        return apply_event(event, outcomes, by=by)


@transaction.atomic
def apply_event(event, outcomes, *, by):
    """Read, lock and decide; the outcome is written in the same transaction."""
    case = Case(event, outcomes, by)
    try:
        decision = decide(case)
    except Overtaken:
        return case.event
    except NotYet as why:
        return put_off(case.event, EventOutcome.WAITING, str(why))
    return close_event(case.event, *decision[:3], **decision.found)


def decide(case):
    """Return the Decision on a delivery. Raises Overtaken when another process has decided."""
    try:
        case.notice = read_notice(case.event)
    except Unreadable as problem:
        case.hold()
        return Decision(EventOutcome.UNREADABLE, problem.reason)
    try:
        return DECIDERS[case.notice.kind](case)
    except Parked as why:
        return to_review(str(why))


def put_off(event, outcome, reason):
    """Have a delivery applied again, later each time; after the last time it is for a person to look at.

    Unless another process has applied it. Returns it.
    """
    next_try_at = moment_after(event.tries + 1)
    values = {
        "outcome": outcome if next_try_at else EventOutcome.REVIEW,
        "reason": reason[:255],
        "processed_at": timezone.now(),
        "tries": event.tries + 1,
        "next_try_at": next_try_at,
    }
    WebhookEvent._base_manager.filter(pk=event.pk, outcome__in=UNDONE).update(**values)
    event.refresh_from_db()
    return event


def note_error(event, error):
    """Mark a delivery as failed, unless the database is gone too."""
    try:
        put_off(event, EventOutcome.ERROR, type(error).__name__)
    except Error:
        logger.error("Delivery %s could not be marked; it stays as it is.", event.pk)
    return event
