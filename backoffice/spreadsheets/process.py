"""The limited process that reads a file, seen from outside: started, listened to, and always ended."""

import fcntl
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from backoffice.spreadsheets.refusals import refusal

ROOT = Path(__file__).resolve().parents[2]
# -E and -s: only what the house has installed; -X utf8: names of files whatever the language of the server.
COMMAND = [sys.executable, "-E", "-s", "-X", "utf8", "-m", "backoffice.spreadsheets.child"]
# Seconds without an answer while somebody waits for one: everything is answered within 10.
PATIENCE = 9
# Two files of 256 MB each leave room for the office on a small server.
AT_ONCE = 2
# Seconds in which a place becomes free: the longest import reads for less.
QUEUE = 60
# A line holds at most 1,000 rows or a million letters; JSON writes six signs for some of them.
LONGEST_ANSWER = 32 * 1024 * 1024
READ_SIZE = 1024 * 1024


@contextmanager
def reader_process(*arguments):
    """Yield the answers of a process that reads a file; it ends with the context. Raises RuleBroken."""
    with a_place():
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            cwd=ROOT,
            env={},  # no passwords of the office
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield answers(process)
        finally:
            end(process)


def answers(process):
    """Yield what the process says until it says that this was all. Raises RuleBroken."""
    for line in lines(process):
        answer = json.loads(line)
        if "refused" in answer:
            raise refusal(answer.pop("refused"), **answer)
        if "end" in answer:
            return
        yield answer
    raise refusal(cause_of_death(process.wait()))


def lines(process):
    """Yield complete lines. Raises RuleBroken when nothing comes, or a line without end."""
    parts, size = [], 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(PATIENCE):
                raise refusal("too_long")
            data = os.read(process.stdout.fileno(), READ_SIZE)
            if not data:
                return
            *complete, rest = data.split(b"\n")
            for line in complete:
                yield b"".join([*parts, line])
                parts, size = [], 0
            parts.append(rest)
            size += len(rest)
            if size > LONGEST_ANSWER:
                raise refusal("unreadable")


def cause_of_death(code):
    """Return why a process ended that had not said everything."""
    if code == -signal.SIGXCPU:
        return "too_long"
    if code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS):  # how a library answers to want of memory
        return "too_large"
    return "stopped"


def end(process):
    """Kill a process with all it may have started, and wait until it is gone."""
    # Not waited for yet, or killed already: nobody else can have got its number.
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):  # what some systems say of one that has ended
            os.killpg(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()


@contextmanager
def a_place():
    """Wait for one of the AT_ONCE places of this machine's user. Raises RuleBroken after QUEUE seconds."""
    deadline = time.monotonic() + QUEUE
    while True:
        for number in range(AT_ONCE):
            # The system takes a lock back from a process that died.
            with open_lock(number) as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield
                return
        if time.monotonic() > deadline:
            raise refusal("busy")
        time.sleep(0.05)


def open_lock(number):
    path = Path(tempfile.gettempdir()) / f"backoffice-reader-{os.getuid()}-{number}.lock"
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "w")
