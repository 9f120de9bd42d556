"""A process that stands for the office: it reads files as a worker does, and reports what that cost.

`python -m tests.spreadsheets.office FILE ...`, or with `--unlimited` first: a reader without its limits.
"""

import json
import resource
import sys
import time

import django
from django.conf import settings

from backoffice.spreadsheets import process

KILOBYTES_IN_A_MEGABYTE = 1024
UNLIMITED = (
    "import sys, backoffice.spreadsheets.child.__main__ as child; child.limit_process = lambda: None;"
    "child.main(*sys.argv[1:])"
)
# The machine that runs the tests is not to suffer from them.
SACRIFICE = 1_500 * 1024 * 1024


def take_limits_off():
    """Read without limits of our own, under one that protects this machine."""
    place = process.COMMAND.index("-m")
    process.COMMAND[place:] = ["-c", UNLIMITED]
    resource.setrlimit(resource.RLIMIT_AS, (SACRIFICE, SACRIFICE))


def read(path):
    """Return (what came of a file, seconds of the slower answer)."""
    from backoffice.errors import RuleBroken
    from backoffice.spreadsheets.tables import look_at, read_rows

    outcome, slowest = [], 0
    for answer in (look_at, lambda path: read_rows(path, after=0)):
        start = time.monotonic()
        try:
            result = answer(path)
            if hasattr(result, "__enter__"):
                with result as chunks:
                    outcome.append(sum(len(chunk) for chunk in chunks))
            else:
                outcome.append(sum(len(sheet.rows) for sheet in result.sheets))
        except RuleBroken as error:
            outcome.append(str(error))
        slowest = max(slowest, time.monotonic() - start)
    return outcome, slowest


def megabytes(who):
    return resource.getrusage(who).ru_maxrss / KILOBYTES_IN_A_MEGABYTE


def main(arguments):
    settings.configure(USE_I18N=False)
    django.setup()
    if arguments[0] == "--unlimited":
        take_limits_off()
        arguments = arguments[1:]
    idle = megabytes(resource.RUSAGE_SELF)
    for path in arguments:
        outcome, seconds = read(path)
        child, own = megabytes(resource.RUSAGE_CHILDREN), megabytes(resource.RUSAGE_SELF) - idle
        print(json.dumps([path, outcome, seconds, child, own]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
