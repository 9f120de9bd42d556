"""Workers as processes of their own, and what the tables hold, for tests in which something dies."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from backoffice.imports.models import ImportJob
from backoffice.imports.services.jobs import open_job
from tests.imports.desk import csv_bytes, fresh

ROOT = Path(__file__).resolve().parents[2]
HEADINGS = ["SKU", "Name", "Category", "Price", "Stock"]


def database_url(**changes):
    """Return the address of the database of this test, for another process."""
    found = {**connection.settings_dict, **changes}
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    who = f"{found['USER']}:{found['PASSWORD']}".rstrip(":")
    return f"postgres://{who}@{found['HOST'] or '127.0.0.1'}:{found['PORT'] or 5432}/{found['NAME']}"


@contextmanager
def a_worker(*arguments, silence=60, url=""):
    """Give a running worker; see tests/imports/worker.py for its arguments. It is killed at the end."""
    storage = str(settings.STORAGES["import_export"]["OPTIONS"]["location"])
    environment = {"DATABASE_URL": url or database_url(), "DEBUG": "1", "IMPORT_SILENCE": str(silence)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.imports.worker", storage, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment, "LOG_LEVEL": "ERROR"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def run_worker(*arguments):
    """Let a worker do all there is to do, or die on its way. Returns whether it was killed."""
    with a_worker(*arguments, "--", "--batch") as worker:
        return worker.wait(timeout=120) == -signal.SIGKILL


def a_minute_later(job):
    """Let the time pass after which a worker that says nothing is taken for dead.

    By then PostgreSQL has noticed too, and let go of what the worker held.
    """
    wait_until(lambda: not others_at_work())
    earlier = timezone.now() - timedelta(minutes=2)
    ImportJob._base_manager.filter(pk=job.pk).update(heard_at=earlier, updated_at=earlier)


def others_at_work():
    """Return how many other connections to this database have a transaction open."""
    if connection.vendor == "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def status(job):
    return fresh(job).status


def tables(cursor=None):
    """Return {table: digest of its rows} of everything that an import of products may touch."""
    found = {}
    with cursor or connection.cursor() as cursor:
        for model in apps.get_app_config("inventory").get_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            digest = sha256()
            for row in iter(cursor.fetchone, None):
                digest.update(repr(row).encode())
            found[table] = digest.hexdigest()
    return found


def upload(shop, clerk, data):
    """Keep a file of products for a worker to read. Returns the job."""
    return open_job(shop, resource="products", file=BytesIO(data), name="list.csv", by=clerk)


def price_list(count, *, price=10, stock=5, start=0):
    """Return a file of that many products, under ten categories."""
    rows = [
        [f"S-{n:06d}", f"Name {n}", f"Shelf {n % 10} > Box", price, stock]
        for n in range(start, start + count)
    ]
    return csv_bytes(*rows, headings=HEADINGS)
