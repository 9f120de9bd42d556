"""The process that reads a file always ends, and its death is a sentence."""

import os
import signal
import subprocess
import threading
import time

import pytest

from backoffice.errors import RuleBroken
from backoffice.spreadsheets import process
from backoffice.spreadsheets.tables import look_at, read_rows


def readers():
    """Return the processes of readers that this process started and that still exist, dead ones included."""
    # ww: never cut at the width of a terminal, which a long path to the project would use up.
    command = ["ps", "ww", "-o", "pid=,args=", "--ppid", str(os.getpid())]
    found = subprocess.run(command, capture_output=True, text=True)
    return [
        int(line.split()[0])
        for line in found.stdout.splitlines()
        if "spreadsheets.child" in line or "defunct" in line
    ]


LONG = b"SKU,Name\n" + b"A,Cup\n" * 150_000


def test_leaving_in_the_middle_ends_the_reader(file):
    with read_rows(file(LONG)) as chunks:
        next(chunks)
        assert len(readers()) == 1
    assert readers() == []


def test_an_error_in_the_middle_ends_the_reader(file):
    with pytest.raises(ZeroDivisionError), read_rows(file(LONG)) as chunks:
        for chunk in chunks:
            len(chunk) / 0
    assert readers() == []


def test_a_reader_that_is_killed_in_the_middle_is_a_sentence(file):
    with pytest.raises(RuleBroken, match="interrupted"), read_rows(file(LONG)) as chunks:
        next(chunks)
        os.kill(readers()[0], signal.SIGKILL)
        list(chunks)
    assert readers() == []


def test_a_reader_that_says_nothing_is_ended_and_time_of_the_listener_does_not_count(file, monkeypatch):
    monkeypatch.setattr(process, "PATIENCE", 0.3)
    with read_rows(file(LONG)) as chunks:
        next(chunks)
        time.sleep(0.6)  # the reader waits for us, not we for it
        next(chunks)
        os.kill(readers()[0], signal.SIGSTOP)
        with pytest.raises(RuleBroken, match="too long to read"):
            list(chunks)
    assert readers() == []


def test_two_files_are_read_at_once_and_the_third_waits(file, monkeypatch, tmp_path):
    monkeypatch.setattr(process.tempfile, "gettempdir", lambda: str(tmp_path))  # not with other tests
    path = file(LONG)
    done = threading.Event()
    with read_rows(path):
        with read_rows(path):
            third = threading.Thread(target=lambda: (look_at(path), done.set()))
            third.start()
            assert not done.wait(0.5)
            monkeypatch.setattr(process, "QUEUE", 0)
            with pytest.raises(RuleBroken, match="Other files are being read"):
                look_at(path)
        assert done.wait(10)
    third.join()


def test_the_reader_loads_nothing_of_the_office_and_gets_no_secrets():
    modules = ["__main__", "text", "workbook"]
    loaded = ", ".join(f"backoffice.spreadsheets.child.{name}" for name in modules)
    code = f"import sys, {loaded}; print([name for name in sys.modules if 'django' in name])"
    run = subprocess.run(
        [*process.COMMAND[:5], "-c", code], cwd=process.ROOT, capture_output=True, text=True, env={}
    )
    assert run.stdout.strip() == "[]", run.stderr
