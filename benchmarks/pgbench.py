"""Yardstick: the transactions a second that PostgreSQL's own benchmark makes on the same database."""

import re
import subprocess
from contextlib import contextmanager

from django.db import connection

from benchmarks.drills.programs import postgresql_programs

SECONDS = 2  # in a round
TABLES = ["pgbench_accounts", "pgbench_branches", "pgbench_history", "pgbench_tellers"]
RATE = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)


def has_pgbench():
    """Say whether there is something to run: PostgreSQL, with its programs on this machine."""
    return connection.vendor == "postgresql" and postgresql_programs(among="pgbench") is not None


@contextmanager
def pgbench_tables():
    """Have pgbench's tables in the database, at its smallest scale."""
    run("--initialize", "--quiet")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {', '.join(TABLES)}")


def transactions_a_second():
    """Return what one client makes of the transaction that pgbench brings: five statements and a commit."""
    return float(RATE.search(run("--no-vacuum", "--client=1", f"--time={SECONDS}"))[1])


def run(*options):
    """Run pgbench on the database of Django, through the same door; returns what it says."""
    parameters = connection.connection.get_dsn_parameters()
    where = [f"--{name}={parameters[name]}" for name in ("host", "port") if name in parameters]
    who = [f"--username={parameters['user']}", parameters["dbname"]]
    secret = {"PGPASSWORD": connection.settings_dict["PASSWORD"]}
    return subprocess.run(
        [f"{postgresql_programs(among='pgbench')}/pgbench", *options, *where, *who],
        check=True,
        capture_output=True,
        text=True,
        env=secret,
    ).stdout
