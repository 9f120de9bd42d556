"""The package's worker, made to outlive a database that is busy or away for a while, and other workers.

The package looks for work inside a transaction whose BEGIN may fail: on SQLite when somebody writes for
longer than the time-out, on PostgreSQL when the server restarts. There it would end, and with it the office.

A worker that is killed leaves its task as RUNNING for ever. That is harmless: nobody takes such a task again,
and an import, which knows itself how far it is, is handed to the others with a new task. What else must not
depend on a task that may be lost is taken up by the sweeps of the settings, beside the tasks.
"""

import logging
import time
from threading import Thread

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.utils.module_loading import import_string
from django_tasks_db.management.commands import db_worker

from backoffice.imports.models.job import SILENCE
from backoffice.imports.services.steps import take_up_silent_jobs
from backoffice.imports.services.tidying import tidy_up

PAUSE = 1  # seconds
# How often it is looked whether a worker died: every 15 seconds, unless the environment says otherwise.
LOOK_EVERY = SILENCE.total_seconds() / 4
TIDY_EVERY = 3600
SWEEP_EVERY = 3

logger = logging.getLogger(__name__)


class PatientWorker(db_worker.Worker):
    def run(self):
        look_for_silent_jobs()
        asked("old files of imports", tidy_up)
        if not self.batch:
            # Beside the work: a long task of this worker must not keep it from seeing that another died.
            Thread(target=self.keep_looking, name="silent-jobs", daemon=True).start()
            Thread(target=self.keep_sweeping, name="sweeps", daemon=True).start()
        while self.running:
            try:
                return super().run()
            except (OperationalError, InterfaceError) as error:
                logger.warning(
                    "The database is busy or away (%s); the worker tries again.", type(error).__name__
                )
                connections.close_all()
                time.sleep(PAUSE)

    def keep_looking(self):
        tidied_at = time.monotonic()
        while self.running:
            time.sleep(LOOK_EVERY)
            look_for_silent_jobs()
            if time.monotonic() - tidied_at > TIDY_EVERY:
                tidied_at = time.monotonic()
                asked("old files of imports", tidy_up)
            connections.close_all()  # those of this thread

    def keep_sweeping(self):
        """Take up what is due although no task says so; providers may keep this thread waiting."""
        while self.running:
            for name in settings.SWEEPS:
                asked(name, import_string(name))
            connections.close_all()  # those of this thread
            time.sleep(SWEEP_EVERY)


def look_for_silent_jobs():
    """Hand over what dead workers left; a database that is busy or away is asked again the next time."""
    asked("silent imports", take_up_silent_jobs)


def asked(what, look):
    """Do what is done beside the tasks; what fails now is tried again the next time."""
    try:
        look()
    except (DatabaseError, InterfaceError, OSError) as error:
        logger.warning("Nobody could look for %s (%s).", what, type(error).__name__)


class Command(db_worker.Command):
    def handle(self, *args, **options):
        db_worker.Worker = PatientWorker  # the package's command takes it from its own module
        super().handle(*args, **options)
