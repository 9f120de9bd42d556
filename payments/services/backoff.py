"""When something that went wrong is tried again: later each time, and never quite in step with others."""

from datetime import timedelta
from random import uniform

from django.utils import timezone

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
)


def moment_after(tries):
    """Return when to try again after so many tries that failed; None when a person has to look."""
    return timezone.now() + PAUSES[tries] * uniform(1, 1.2) if tries < len(PAUSES) else None
