"""One delivery while it is being decided, and what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from backoffice.transitions import lock
from payments.gateways.gateway import Kind, Notice
from payments.models import EventOutcome, Provider, WebhookEvent
from payments.services.awaited import METHODS

UNDONE = (EventOutcome.WAITING, EventOutcome.ERROR)
REPLAYABLE = (*UNDONE, EventOutcome.REVIEW)
NOTHING = Notice(Kind.OTHER)


class Parked(Exception):
    """The delivery is kept for a person to look at; the text says why."""


class NotYet(Exception):
    """What the delivery is about is not known yet: it is applied again later; the text says what."""


class Overtaken(Exception):
    """Another process has dealt with the delivery meanwhile."""


class Decision(NamedTuple):
    """What becomes of a delivery; `found` are other columns, such as the rows that it is about."""

    outcome: str
    reason: str = ""
    payment: Any = None
    found: dict[str, Any] = {}


@dataclass
class Case:
    """A delivery and, once it is read, what it says. `open_outcomes` are those that may still change."""

    event: WebhookEvent
    open_outcomes: tuple[str, ...]
    by: Any
    notice: Notice = NOTHING

    def hold(self):
        """Lock the delivery, after everything else there is to lock. Raises Overtaken."""
        self.event = lock(self.event)
        if self.event.outcome not in self.open_outcomes:
            raise Overtaken

    @property
    def method(self):
        return METHODS[Provider(self.event.provider)]

    @property
    def moment(self) -> datetime:
        """When the money moved; when the delivery came, if nobody knows."""
        return self.notice.paid_at or self.event.received_at


def applied(reason="", payment=None, **found):
    return Decision(EventOutcome.APPLIED, reason, payment, found)


def ignored(reason, payment=None, **found):
    return Decision(EventOutcome.IGNORED, reason, payment, found)


def to_review(reason, payment=None, **found):
    return Decision(EventOutcome.REVIEW, reason, payment, found)


def close_event(event, outcome, reason="", payment=None, **values):
    """Write what became of a delivery. Returns it.

    One that waits is applied again by whoever ends the waiting, unless `values` say when.
    """
    values = {"next_try_at": None, "next_look_at": None, **values}
    values |= {"outcome": outcome, "reason": str(reason)[:255], "payment": payment}
    values |= {"processed_at": timezone.now()}
    for name, value in values.items():
        setattr(event, name, value)
    event.save(update_fields=list(values))
    return event
