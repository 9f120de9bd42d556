"""Taking up what is due: the rows say what and when, so that nothing depends on a task that was lost.

Each thing is taken by moving its moment ahead, and done alone: what fails keeps nothing else from being done.
"""

import logging
from datetime import timedelta

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from backoffice.scoping import business_scope
from payments.models import AttemptStatus, PaymentAttempt, Provider
from payments.models.attempt import PROMPT_LIFETIME
from payments.services.attempts import end_silent_prompt
from payments.services.events import due_events, retry_event
from payments.services.looking import due_looks, look_after
from payments.services.outbox import deliver_due
from payments.services.prompts import send_attempt
from payments.services.till_looks import ask_about, due_claims

# A flood of deliveries leaves many to be decided here; they cost no call to a provider.
DELIVERIES_AT_ONCE = 200
# The worker's task is faster, unless it was lost.
TASKS_TURN = timedelta(seconds=10)

logger = logging.getLogger(__name__)


def sweep(limit=20):
    """Do what is due, at most so much of each kind. Returns how many things were tried."""
    asking = (send_unsent, look_at_due, ask_about_claims, end_silent, deliver_due)
    return apply_events() + sum(each(limit) for each in asking)


def apply_events(limit=DELIVERIES_AT_ONCE):
    """Apply deliveries that nobody got to, or that failed."""
    return take_each(due_events(limit), retry_event)


def send_unsent(limit):
    """Send requests whose task was lost with its worker."""
    old = timezone.now() - TASKS_TURN
    unsent = PaymentAttempt._base_manager.filter(status=AttemptStatus.CREATED, sent_at=None)
    unsent = unsent.filter(created_at__lt=old).order_by("created_at")
    return take_each(unsent[:limit], lambda attempt: send_attempt(attempt.pk))


def look_at_due(limit):
    """Ask about attempts whose moment has come."""
    return take_each(due_looks()[:limit], lambda attempt: look_after(attempt.pk))


def ask_about_claims(limit):
    """Ask about money at the till that is not confirmed yet."""
    return take_each(due_claims()[:limit], lambda event: ask_about(event.pk))


def end_silent(limit):
    """End prompts on which the customer can no longer answer."""
    gone = timezone.now() - PROMPT_LIFETIME
    silent = PaymentAttempt._base_manager.filter(
        status=AttemptStatus.SUBMITTED, provider=Provider.MPESA, sent_at__lt=gone
    )
    return take_each(silent.order_by("sent_at")[:limit], end_silent_prompt)


def take_each(rows, take):
    """Do each alone, in its business's scope; only a database that is away ends it."""
    rows = list(rows)
    for row in rows:
        try:
            with business_scope(row.business_id):
                take(row)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # a bug about one row
            logger.exception("%s %s could not be taken up.", type(row).__name__, row.pk)
    return len(rows)
