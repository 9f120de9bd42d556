"""The worker of a queue in the database, made to outlive a database that is busy or away for a while.

The package looks for work inside a transaction whose BEGIN may fail: on SQLite when somebody writes for
longer than the time-out, on PostgreSQL when the server restarts. There it would end, and with it the office.
A worker that is killed leaves its task as RUNNING for ever, and nobody takes it again: see backoffice.watch.
"""

import logging
import time

from django.db import InterfaceError, OperationalError, connections
from django_tasks_db.management.commands import db_worker

from backoffice.watch import Watch, look_once

PAUSE = 1  # seconds

logger = logging.getLogger(__name__)


class PatientWorker(db_worker.Worker):
    def run(self):
        look_once()
        watch = Watch()
        if not self.batch:
            watch.start()
        try:
            self.run_patiently()
        finally:
            watch.stop()

    def run_patiently(self):
        while self.running:
            try:
                return super().run()
            except (OperationalError, InterfaceError) as error:
                logger.warning(
                    "The database is busy or away (%s); the worker tries again.", type(error).__name__
                )
                connections.close_all()
                time.sleep(PAUSE)


class Command(db_worker.Command):
    def handle(self, *args, **options):
        db_worker.Worker = PatientWorker  # the package's command takes it from its own module
        super().handle(*args, **options)
