"""Closing by hand what no machine can end: somebody found out elsewhere how it stands, and says so.

No money moves by it, and nothing is forgotten: who said what stays on the row, and money that is told of
later counts as it does after a failure. Refusals are RuleBroken.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock
from payments.models import AttemptStatus, EventOutcome
from payments.services.attempts import fail_attempt
from payments.services.cases import close_event
from payments.services.looking import DEALT_WITH
from payments.services.verdicts import waiting

# Deliveries that wait for a person; one that waits for anything else ends by itself.
STUCK = (EventOutcome.REVIEW, EventOutcome.UNREADABLE, EventOutcome.ERROR)


def is_in_doubt(attempt):
    """Whether nobody knows if an attempt was paid: without an answer, or with one that contradicts."""
    if attempt.status == AttemptStatus.EXPIRED:
        return attempt.next_look_at is not None
    return attempt.status in (AttemptStatus.UNKNOWN, AttemptStatus.REVIEW)


@transaction.atomic
def deal_with_event(event, *, note, by):
    """Close a delivery that waits for a person, and keep its reason behind the person's. Returns it."""
    event = lock(event)
    if event.outcome not in STUCK:
        raise RuleBroken(_("This delivery does not wait for anybody."))
    told = {"said": said_by(by, note), "reason": event.reason}
    reason = _("%(said)s (before: %(reason)s)") % told
    return close_event(event, EventOutcome.IGNORED, reason, event.payment)


@transaction.atomic
def deal_with_attempt(attempt, *, note, by):
    """End an attempt in doubt without money. Returns it.

    The provider is asked about it for as long as it would have been, and its payment fails with it.
    """
    lock(attempt.order)
    attempt = lock(attempt)
    require_over(attempt)
    look = {"next_look_at": attempt.next_look_at}
    return fail_attempt(attempt, code=DEALT_WITH, message=said_by(by, note), by=by, **look)


def require_over(attempt):
    """Raise RuleBroken unless an attempt is in doubt, and nothing is awaited that would end it."""
    if not is_in_doubt(attempt):
        raise RuleBroken(_("%s is not in doubt.") % attempt)
    if attempt.status != AttemptStatus.REVIEW and timezone.now() < attempt.ends_at:
        until = date_format(timezone.localtime(attempt.ends_at), "DATETIME_FORMAT")
        raise RuleBroken(_("The customer may still pay by it. Wait, at most until %s.") % until)
    if waiting(attempt.pk).exists():
        raise RuleBroken(_("A delivery about it is not decided yet; wait, or deal with that one first."))


def said_by(by, note):
    """Return who dealt with it, and what that person says."""
    return _("Dealt with by %(person)s: %(note)s") % {"person": by, "note": note.strip()}
