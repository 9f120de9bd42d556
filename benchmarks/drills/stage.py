"""Where a drill takes place: a fresh database, a web server and a worker set up as in production."""

import base64
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from benchmarks.drills.programs import Cluster, Program, WebServer, postgresql_programs
from benchmarks.office import FILES, ask_server, migrate, open_office

PRODUCTION = {
    "DEBUG": "0",
    "DEMO": "0",
    "ALLOWED_HOSTS": "127.0.0.1",
    "BASE_URL": "https://drill.example.org",
    "LOG_LEVEL": "ERROR",
    "PROXY_COUNT": "0",
}
WORKER = ("benchmarks.office", "db_worker", "--queue-name", "*", "--no-reload", "--no-startup-delay")


@dataclass
class Stage:
    """What a drill has at hand. With `control` the web server takes deliveries without any guard."""

    control: bool
    folder: Path
    log: object
    cluster: Cluster | None
    started: list = field(default_factory=list)

    def open_web(self, **options):
        """Start a web server; it is ended with the drill."""
        application = "benchmarks.drills.naive:application" if self.control else "backoffice.wsgi"
        return self.keep(WebServer(application, self.log, **options))

    def open_rehearsed(self, **surroundings):
        """Start one with something of the drill's around it; see rehearsed.py."""
        if self.control:
            return self.open_web()
        application = "benchmarks.drills.rehearsed:application"
        return self.keep(WebServer(application, self.log, environment=surroundings))

    def open_worker(self):
        return self.keep(Program(*WORKER, log=self.log))

    def keep(self, program):
        self.started.append(program)
        return program.start()


@contextmanager
def stage(engine, *, control=False, own=False, **environment):
    """Make everything ready; whatever was started or made is gone afterwards, also when interrupted.

    PostgreSQL is the server that DATABASE_URL names, or with `own` or without one a cluster of the drill's
    own. Raises SystemExit with a sentence when there is none.
    """
    with TemporaryDirectory(prefix="drill-") as folder, open(f"{folder}/servers.log", "w+") as log:
        secret = {"SECRET_KEY": secrets.token_urlsafe(50), "ENCRYPTION_KEYS": sealing_key(), FILES: folder}
        os.environ |= PRODUCTION | secret | environment
        with database(engine, folder, own) as cluster:
            place = Stage(control, Path(folder), log, cluster)
            try:
                open_office()
                migrate()
                yield place
            finally:
                from django.db import connections

                for program in place.started:
                    program.kill()
                connections.close_all()


@contextmanager
def database(engine, folder, own):
    """Make an empty database and name it in the environment; gives the cluster if it is the drill's own."""
    given = os.environ.get("DATABASE_URL", "")
    if engine == "sqlite":
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/drill.sqlite3"
        yield None
    elif given.startswith("postgres") and not own:
        name = f"drill_{os.getpid()}"
        ask_server(given, f"CREATE DATABASE {name}")
        os.environ["DATABASE_URL"] = urlsplit(given)._replace(path=f"/{name}").geturl()
        try:
            yield None
        finally:
            ask_server(given, f"DROP DATABASE {name} WITH (FORCE)")
    else:
        with own_cluster() as cluster:
            yield cluster


@contextmanager
def own_cluster():
    programs = postgresql_programs()
    if not programs:
        raise SystemExit("This drill needs PostgreSQL's initdb and pg_ctl, which are not on this machine.")
    cluster = Cluster(programs)
    try:
        os.environ["DATABASE_URL"] = cluster.start().url
        yield cluster
    finally:
        cluster.remove()


def sealing_key():
    return base64.urlsafe_b64encode(os.urandom(32)).decode()
