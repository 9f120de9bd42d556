"""What every test stands on: an environment of its own, no network, one way to find Chromium."""

import atexit
import gc
import os
import shutil
import socket
import tempfile
from functools import cache
from ipaddress import ip_address
from pathlib import Path

import django
import environ
import pytest
from django.conf import settings
from django.db import connection
from hypothesis import settings as hypothesis

FOLDER = Path(tempfile.mkdtemp(prefix="backoffice-tests-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def load_settings():
    """Load Django with the settings of a development machine, whatever this one has in its .env."""
    environ.Env.read_env = lambda *args, **kwargs: None
    os.environ |= {"DJANGO_SETTINGS_MODULE": "backoffice.settings", "DEBUG": "1", "DEMO": "0"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hundreds of logins
    settings.AXES_ENABLED = False  # tests of the lock-out switch it on
    settings.WHITENOISE_AUTOREFRESH = True  # static files straight from the packages
    settings.MEDIA_ROOT = FOLDER / "media"
    settings.STORAGES["import_export"]["OPTIONS"]["location"] = FOLDER / "imports"
    # A file, because threads do not wait for each other in a database in memory.
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(FOLDER / "test.sqlite3")
    django.setup()


load_settings()

from backoffice.guards import drop_guards  # noqa: E402  (models need the settings)
from payments.views import hooks  # noqa: E402

# The everyday profile repeats the same examples, so that a red build is always about the change.
hypothesis.register_profile("fast", max_examples=15, derandomize=True, deadline=None)
hypothesis.register_profile("thorough", max_examples=1000, deadline=None, print_blob=True)
hypothesis.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

# Django and two thousand tests are never garbage, and looking through them often is a tenth of the time.
gc.set_threshold(50_000, 50, 100)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# What tests marked so need on this machine, and the Debian package that brings it.
NEEDED = {"browser": (CHROMIUM, "chromium"), "redis": (shutil.which("redis-server"), "redis-server")}
MISSING = {marker: package for marker, (program, package) in NEEDED.items() if not program}


@pytest.fixture(scope="session")
def chromium_path():
    """Where the browser is."""
    return CHROMIUM


def pytest_configure():
    if os.environ.get("REQUIRE_ALL") == "1" and MISSING:
        raise pytest.UsageError(f"REQUIRE_ALL is set, but this is missing: {', '.join(MISSING.values())}.")


def pytest_report_header():
    return [
        f"No {package} here, so tests marked {marker} are left out (Debian: apt-get install {package})."
        for marker, package in MISSING.items()
    ]


def pytest_collection_modifyitems(config, items):
    """Leave out the tests that cannot run here; .ci/run installs what they need and insists."""
    left_out = [item for item in items if any(map(item.get_closest_marker, MISSING))]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session", autouse=True)
def loopback_only():
    """Nothing under test may talk to another machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))
        yield


def guarded(connect):
    def connect_nearby(self, address):
        if self.family != socket.AF_UNIX and not is_nearby(address[0]):
            self.close()  # the callers expect other errors, and would leave it open
            raise AssertionError(f"A test tried to reach {address[0]}.")
        return connect(self, address)

    return connect_nearby


def is_nearby(host):
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def room_to_flush(request):
    """A test with real transactions ends by emptying the tables, which append-only rows would refuse.

    The guards come back with the migrate signal that follows.
    """
    marker = request.node.get_closest_marker("django_db")
    is_real = marker and marker.kwargs.get("transaction")
    if not is_real and not {"transactional_db", "live_server"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    with hooks.DECIDING:  # a server's thread that has answered may still be at it
        hooks.UNDECIDED.queue.clear()
    if connection.vendor == "sqlite":
        drop_guards()
    elif not is_superuser():  # it stays as Django does it: TRUNCATE, unseen by the guards
        return
    type(connection.ops).sql_flush = deletes


@cache
def is_superuser():
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return cursor.fetchone()[0]


def deletes(operations, style, tables, *, reset_sequences=False, allow_cascade=False):
    """Return the statements that empty the tables of a test, whose rows are few.

    TRUNCATE makes a new file for each table and each index. The triggers are left out meanwhile. What the
    migrate signal writes and no test changes stays: writing it anew would take longer than most tests.
    """
    unseen = ["SET LOCAL session_replication_role = replica"] if connection.vendor == "postgresql" else []
    emptied = [table for table in tables if table not in ("django_content_type", "auth_permission")]
    return [*unseen, *(f"DELETE FROM {operations.quote_name(table)}" for table in emptied)]
