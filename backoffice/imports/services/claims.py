"""Which worker has an import. A job belongs to one; of a worker that fell silent another takes it up.

A worker that was only asleep may wake up later. So whatever a step writes, it writes in a transaction that
holds the job: the job is locked, and it is looked whether it is still the worker's own.
"""

import logging
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic
from uuid import uuid4

from django.db import DatabaseError, InterfaceError, OperationalError, connection, connections
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.imports.models import ImportJob
from backoffice.imports.models.job import SILENCE, WORKING
from backoffice.transitions import lock

# How often progress is told, in seconds.
EVERY = 0.3
MOST_TRIES = 3

logger = logging.getLogger(__name__)


class Stopped(RuleBroken):
    """Somebody asked the import to stop, or another worker has it by now."""


def claim_job(job_id, status):
    """Take a job for this worker if it waits in this status. Returns it, or None when it is not to be had."""
    now = timezone.now()
    free = Q(claim=None) | Q(heard_at=None) | Q(heard_at__lt=now - SILENCE)
    jobs = ImportJob._base_manager.filter(pk=job_id)
    taken = jobs.filter(free, status=status).update(
        claim=uuid4(), heard_at=now, tries=F("tries") + 1, started_at=Coalesce("started_at", now)
    )
    return jobs.select_related("business", "by").get() if taken else None


def silent_jobs():
    """Return the jobs whose worker died, or that no worker ever heard of."""
    long_ago = timezone.now() - SILENCE
    working = ImportJob._base_manager.filter(status__in=WORKING)
    return working.filter(Q(heard_at__lt=long_ago) | Q(heard_at=None, updated_at__lt=long_ago))


def release_job(job):
    """Take a silent job from its worker. Returns whether it was silent still: of two who try, one does it."""
    return bool(silent_jobs().filter(pk=job.pk).update(heard_at=timezone.now(), claim=None))


def held_job(job):
    """Return the job, locked until the transaction ends, or None when it is no longer this worker's."""
    found = lock(job)
    return found if (found.claim, found.status) == (job.claim, job.status) else None


def hold(job):
    """Lock the job before something of it is written; raises Stopped when that is no longer wanted."""
    found = held_job(job)
    if found is None or found.stop_asked:
        raise stopped()
    return found


def stopped():
    return Stopped(_("The import was stopped; nothing was written."))


@contextmanager
def heartbeat(job):
    """Let others hear now and then that the worker lives, however long a step has nothing else to tell.

    While a worker of SQLite writes it cannot be heard, but nobody can take its job meanwhile either.
    """
    over = Event()

    def beat():
        while not over.wait(SILENCE.total_seconds() / 6):
            try:
                ours = ImportJob._base_manager.filter(pk=job.pk, claim=job.claim)
                ours.update(heard_at=timezone.now())
            except (DatabaseError, InterfaceError) as error:
                logger.info("%s could not be heard (%s).", job, type(error).__name__)
            connections.close_all()  # those of this thread

    thread = Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Progress:
    """Tells how far a job is, now and then; raises Stopped when somebody asked for that."""

    def __init__(self, job):
        self.job, self.told_at = job, monotonic()

    def __call__(self, done):
        if monotonic() - self.told_at < EVERY:
            return
        try:
            self.tell(done)
        except OperationalError:
            # No import fails because nobody could be told how far it is.
            logger.info("The progress of %s could not be told.", self.job, exc_info=True)
        self.told_at = monotonic()
        self.listen()

    def tell(self, done):
        with telling_connection() as told:
            if told is None:
                return
            table = ImportJob._meta.db_table
            told.execute(
                f'UPDATE "{table}" SET done_rows = %s, heard_at = %s WHERE id = %s AND claim = %s',
                [done, *values(told, timezone.now(), self.job.pk, self.job.claim)],
            )

    def listen(self):
        """Raise Stopped when the job is no longer ours or somebody wants it to stop."""
        found = (
            ImportJob._base_manager.filter(pk=self.job.pk)
            .values_list("claim", "stop_asked", "status")
            .first()
        )
        if found != (self.job.claim, False, self.job.status):
            raise stopped()


@contextmanager
def telling_connection():
    """Give a cursor whose writes others see at once, although a transaction may be open; None without one.

    On SQLite nobody else can write while rows are being written: the page shows that it goes on.
    """
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            yield cursor
    elif connection.vendor == "sqlite":
        yield None
    else:
        second = connections.create_connection("default")
        try:
            with second.cursor() as cursor:
                yield cursor
        finally:
            second.close()


def values(cursor, moment, *keys):
    key = ImportJob._meta.pk
    yield connection.ops.adapt_datetimefield_value(moment)
    yield from (key.get_db_prep_value(each, connection) for each in keys)
