"""Files of imports are not kept for ever: they go a week after the last step of their import."""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.imports import files
from backoffice.imports.models import ImportJob, ImportStatus
from backoffice.imports.models.job import WORKING
from backoffice.imports.queries import WAITING
from backoffice.scoping import business_scope
from backoffice.transitions import lock, move

KEPT = timedelta(days=7)
CHUNK = 500


def tidy_up():
    """Drop the files of imports that rested for a week; who still waits for a person is cancelled.

    May run at any time and in several workers at once.
    """
    kept = files.kept_jobs()
    for start in range(0, len(kept), CHUNK):
        resting = resting_jobs().filter(pk__in=kept[start : start + CHUNK])
        for job in resting.select_related("business"):
            with business_scope(job.business):
                end_of_rest(job)


def resting_jobs():
    """Return the jobs of which nobody, person or worker, wanted anything for a week."""
    old = ImportJob._base_manager.filter(updated_at__lt=timezone.now() - KEPT)
    return old.exclude(status__in=WORKING)


@transaction.atomic
def end_of_rest(job):
    """Drop what is kept of a job, unless somebody came back to it."""
    job = lock(job)
    if not resting_jobs().filter(pk=job.pk).exists():
        return
    transaction.on_commit(partial(files.drop, job))
    if job.status in WAITING:
        move(job, to=ImportStatus.CANCELLED, by=None, reason=_("not imported within a week"))
