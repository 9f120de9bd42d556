"""PostgreSQL stopped at once, as by a power cut, while an import is written; then started again.

A server of its own, with a copy of the test database; left out only where no server is installed.
"""

import os
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.db import connection

from backoffice.imports.services.jobs import confirm_job
from backoffice.roles import STAFF
from tests.builders import make_business, make_user
from tests.imports.desk import load
from tests.imports.processes import a_worker, database_url, price_list, tables, wait_until

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL"),
    pytest.mark.skipif(not PROGRAMS, reason="no server of PostgreSQL is installed here"),
]
ROWS = 8_000


class Server:
    """A server on a free port of this machine; it refuses to run as root."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            self.port = door.getsockname()[1]

    def run(self, program, *arguments):
        who = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*who, str(PROGRAMS[-1].with_name(program)), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=60)

    def create(self):
        self.run("initdb", "-D", self.folder, "-U", "postgres", "-A", "trust")

    def start(self):
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        self.run("pg_ctl", "-D", self.folder, "-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self):
        self.run("pg_ctl", "-D", self.folder, "-m", "immediate", "stop")

    @property
    def url(self):
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    @contextmanager
    def connected(self):
        found = psycopg2.connect(self.url)
        try:
            found.set_session("REPEATABLE READ", autocommit=False)
            yield found
        finally:
            found.close()

    def job(self):
        """Return (status, rows done, tables) as they are at one moment."""
        with self.connected() as found:
            with found.cursor() as cursor:
                cursor.execute("SELECT status, done_rows FROM imports_importjob")
                status, done = cursor.fetchone()
            return status, done, tables(found.cursor())

    def done_rows(self):
        with self.connected() as found, found.cursor() as cursor:
            cursor.execute("SELECT done_rows FROM imports_importjob")
            return cursor.fetchone()[0]

    def status(self):
        with self.connected() as found, found.cursor() as cursor:
            cursor.execute("SELECT status FROM imports_importjob")
            return cursor.fetchone()[0]


@pytest.fixture
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("postgresql")
    if os.geteuid() == 0:
        for each in (folder, *folder.parents[:-2]):  # those below /tmp, which root alone may enter
            each.chmod(0o755)
        subprocess.run(["chown", "postgres", folder], check=True)
    server = Server(str(folder))
    server.create()
    server.start()
    yield server
    server.stop()


def copy_database(server):
    with subprocess.Popen(["pg_dump", "--no-owner", database_url()], stdout=subprocess.PIPE) as dump:
        subprocess.run(["psql", "-q", server.url], stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True)
    assert dump.returncode == 0


def test_a_server_that_stops_in_the_middle_leaves_nothing_and_then_everything(server):
    shop = make_business("Riverside Shop", code="R")
    job = load(shop, price_list(ROWS), by=make_user((shop, STAFF)))
    confirm_job(job, fingerprint=job.report["fingerprint"], by=job.by)
    copy_database(server)
    _status, _done, before = server.job()
    with a_worker("--slice=1000", silence=6, url=server.url) as worker:
        wait_until(lambda: 0 < server.done_rows() < ROWS)
        server.stop()
        assert worker.poll() is None
        server.start()
        status, _done, after = server.job()
        assert (status, after) == ("writing", before)
        wait_until(lambda: server.status() == "done", seconds=100)
    with server.connected() as found, found.cursor() as cursor:
        for table in ("inventory_product", "inventory_historicalproduct", "inventory_stockmovement"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] == ROWS
