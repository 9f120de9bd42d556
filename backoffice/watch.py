"""What a worker does beside its tasks, in threads of its own: it looks for what was lost with other workers.

A worker that is killed takes its task with it. That is harmless: an import, which knows itself how far it is,
is handed to the others with a new task, and what else must not depend on a task that may be lost is taken up
by the sweeps of the settings.
"""

import logging
import time
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.utils.module_loading import import_string

from backoffice.imports.models.job import SILENCE
from backoffice.imports.services.steps import take_up_silent_jobs
from backoffice.imports.services.tidying import tidy_up

# How often it is looked whether a worker died: every 15 seconds, unless the environment says otherwise.
LOOK_EVERY = SILENCE.total_seconds() / 4
TIDY_EVERY = 3600
SWEEP_EVERY = 3

logger = logging.getLogger(__name__)


class Watch:
    """Looks and sweeps from start() to stop(); a long task of the worker does not hold it up."""

    def __init__(self):
        self.over = Event()

    def start(self):
        Thread(target=self.keep_looking, name="silent-jobs", daemon=True).start()
        Thread(target=self.keep_sweeping, name="sweeps", daemon=True).start()

    def stop(self):
        self.over.set()

    def keep_looking(self):
        tidied_at = time.monotonic()
        while not self.over.wait(LOOK_EVERY):
            asked("silent imports", take_up_silent_jobs)
            if time.monotonic() - tidied_at > TIDY_EVERY:
                tidied_at = time.monotonic()
                asked("old files of imports", tidy_up)
            connections.close_all()  # those of this thread

    def keep_sweeping(self):
        """Take up what is due although no task says so; providers may keep this thread waiting."""
        while not self.over.is_set():
            for name in settings.SWEEPS:
                asked(name, import_string(name))
            connections.close_all()  # those of this thread
            self.over.wait(SWEEP_EVERY)


def look_once():
    """Hand over what dead workers left, and remove what nobody needs any more."""
    asked("silent imports", take_up_silent_jobs)
    asked("old files of imports", tidy_up)


def asked(what, look):
    """Do what is done beside the tasks; whatever fails now is tried again the next time.

    The thread must outlive the database, the queue and mistakes of ours: nobody would notice that it ended.
    """
    try:
        look()
    except (DatabaseError, InterfaceError, OSError) as error:
        logger.warning("Nobody could look for %s (%s).", what, type(error).__name__)
    except Exception:
        logger.exception("Nobody could look for %s.", what)
