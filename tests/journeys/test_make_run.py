"""A newcomer's first two minutes: `make run` twice, on a database of its own."""

import os
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path

import pytest
import requests
from django.conf import settings

pytestmark = pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3",
    reason="brings an SQLite file of its own, so once is enough",
)


@pytest.fixture
def office(tmp_path):
    """Run `make run` until its login page answers, close it again, and return what it printed."""
    port, simulator_port = free_ports(2)
    # A few days of sample business are enough; tests/test_demo.py looks at what they bring.
    # As typed into a fresh terminal: without what make and the tests around have put there.
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = ["make", "run", f"PORT={port}", f"SIMULATOR_PORT={simulator_port}", "DAYS=5"]

    def run():
        with open(tmp_path / "said", "w+") as said:
            make = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'office.sqlite3'}"},
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            opened = page_comes(f"http://127.0.0.1:{port}/admin/login/", make)
            time.sleep(1)  # the address is printed when the page answers
            with suppress(ProcessLookupError):
                os.killpg(make.pid, signal.SIGINT)
            make.wait(timeout=30)
            said.seek(0)
            words = said.read()
            assert opened, words
            return words

    run.port = port
    run.processes = lambda: processes_with(f"127.0.0.1:{port}")
    return run


def free_ports(number):
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [door.getsockname()[1] for door in doors]
    for door in doors:
        door.close()
    return ports


def page_comes(url, make, seconds=300):
    deadline = time.monotonic() + seconds
    while make.poll() is None and time.monotonic() < deadline:
        with suppress(requests.ConnectionError):
            return requests.get(url, timeout=30).ok
        time.sleep(0.2)
    return False


def processes_with(text):
    """Return the numbers of the processes that have the text in their command line."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_text()
        except OSError:  # gone meanwhile
            continue
        if text in command:
            found.append(int(file.parent.name))
    return found


def digest(database):
    """Return a fingerprint of every row in the database."""
    with closing(sqlite3.connect(database)) as connection:
        rows = [line for line in connection.iterdump() if line.startswith("INSERT")]
    return sha256("\n".join(rows).encode()).hexdigest()


def test_make_run_opens_the_office_and_a_second_run_changes_nothing(office, tmp_path):
    said = office()
    assert f"The back office is open: http://127.0.0.1:{office.port}/" in said
    assert "owner" in said.lower(), "the logins of the demo are printed"
    assert "Traceback" not in said and "has stopped" not in said
    before = digest(tmp_path / "office.sqlite3")

    started = time.monotonic()
    said = office()
    assert time.monotonic() - started < 30
    assert f"The back office is open: http://127.0.0.1:{office.port}/" in said
    assert digest(tmp_path / "office.sqlite3") == before
    assert office.processes() == []
