"""`manage.py db_worker` as a process of its own, on the database and the storage of a test.

    python -m tests.imports.worker <storage> [step:statement:signal] [--without-transaction]
        [--slice=rows] [-- options of the command]

At the given statement of a step the process sends the signal to itself: -9 kills it in the
middle of its work, at a place that is the same on a fast and on a slow machine.
"""

import os
import sys
from contextlib import nullcontext

from django.conf import settings
from django.core.management import execute_from_command_line

OPTIONS = ["--queue-name", "*", "--no-reload", "--no-startup-delay", "--interval", "0.1"]


def interrupt(step, statement, number):
    """Have the signal sent when the step is at its nth statement."""
    from django.db import connection

    from backoffice.imports.services import steps

    work = getattr(steps, step)
    seen = 0

    def count(execute, *arguments):
        nonlocal seen
        seen += 1
        if seen == int(statement):
            os.kill(os.getpid(), int(number))
        return execute(*arguments)

    def work_until_then(job_id):
        with connection.execute_wrapper(count):
            work(job_id)

    setattr(steps, step, work_until_then)


def write_without_transaction():
    """Take the guard away, for a control."""
    from backoffice.imports.services import steps

    class Careless:
        atomic = staticmethod(nullcontext)
        on_commit = staticmethod(lambda function: function())

    steps.transaction = Careless


def write_in_slices(rows):
    """Tell more often how far the writing is."""
    from backoffice.imports.engine import writing

    writing.SLICE = rows


def main(storage, *arguments):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    settings.STORAGES["import_export"]["OPTIONS"]["location"] = storage
    import django

    django.setup()
    options = [*arguments, "--"]
    split = options.index("--")
    for each in options[:split]:
        if each == "--without-transaction":
            write_without_transaction()
        elif each.startswith("--slice="):
            write_in_slices(int(each.removeprefix("--slice=")))
        else:
            interrupt(*each.split(":"))
    execute_from_command_line(["manage.py", "db_worker", *OPTIONS, *options[split + 1 : -1]])


if __name__ == "__main__":
    main(*sys.argv[1:])
