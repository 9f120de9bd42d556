"""Django on a scratch database: made before, dropped after, named in the environment for every process.

`python -m benchmarks.office db_worker ...` is manage.py there, with the files of imports kept apart, too.
"""

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

FILES = "BENCH_FILES"


@contextmanager
def scratch_office(url):
    """Make a database beside the named one (SQLite: a temporary file), migrate it; gives a folder."""
    with TemporaryDirectory(prefix="bench-") as folder:
        name = f"bench_{os.getpid()}"
        on_server = url.startswith(("postgres", "pgsql"))
        scratch = (
            urlsplit(url)._replace(path=f"/{name}").geturl() if on_server else f"sqlite:///{folder}/{name}"
        )
        # DEMO is as relaxed as DEBUG, without the log of queries that would slow down whoever asks many.
        os.environ |= {
            "DATABASE_URL": scratch,
            "DEBUG": "0",
            "DEMO": "1",
            "LOG_LEVEL": "WARNING",
            FILES: folder,
        }
        if on_server:
            ask_server(url, f"CREATE DATABASE {name}")
        try:
            open_office()
            migrate()
            yield Path(folder)
        finally:
            from django.db import connections

            connections.close_all()
            if on_server:
                ask_server(url, f"DROP DATABASE {name} WITH (FORCE)")


def ask_server(url, query):
    """Run a query outside of the database that it is about."""
    import psycopg2

    connection = psycopg2.connect(urlsplit(url)._replace(path="/postgres").geturl())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(query)
    connection.close()


def open_office():
    """Load Django as the environment says."""
    import django
    from django.conf import settings

    os.environ["DJANGO_SETTINGS_MODULE"] = "backoffice.settings"
    settings.STORAGES["import_export"]["OPTIONS"]["location"] = Path(os.environ[FILES]) / "imports"
    settings.STATIC_ROOT = os.environ[FILES]  # nobody has collected static files here
    django.setup()


def migrate():
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    open_office()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
