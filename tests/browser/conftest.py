"""A real browser on the real site: one Chromium for all tests, a fresh window for each person."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import expect, sync_playwright

from backoffice.scoping import business_scope
from payments.simulator import Simulator
from tests.builders import make_business
from tests.imports.processes import database_url

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 15_000  # milliseconds, for a machine that is busy with the other tests
HEIGHTS = {1400: 900, 820: 1180, 390: 844}
TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation", event =>
    console.error(`${event.violatedDirective} forbids ${event.blockedURI} at ${event.sourceFile}`))"""


@pytest.fixture(scope="package")
def chromium(chromium_path):
    """The browser. Its driver keeps an event loop in this thread, in which Django would refuse to query."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as play:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=PATIENCE)
        browser = play.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_window(chromium, live_server):
    """open_window(user, width=, scheme=) gives the page of a new window, logged in when there is a user.

    No window may have anything to complain about: errors on the console, exceptions, breaches of the
    Content-Security-Policy, pieces of a page that could not be loaded. Only what matches `expected` may be.
    """
    contexts, complaints = [], []

    def open_window(user=None, *, width=1400, scheme="light", address=live_server.url, expected=None):
        context = chromium.new_context(
            base_url=address,
            viewport={"width": width, "height": HEIGHTS[width]},
            color_scheme=scheme,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", lambda said: is_complaint(said, expected) and complaints.append(describe(said)))
        context.on("weberror", lambda error: complaints.append(f"{address_of(error)}: {error.error.stack}"))
        if user:
            context.add_cookies([{**session_of(user), "url": address}])
        return context.new_page()

    open_window.complaints = complaints
    yield open_window
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


def session_of(user):
    client = Client()
    client.force_login(user)
    (cookie,) = client.cookies.values()
    return {"name": cookie.key, "value": cookie.value}


def is_complaint(said, expected):
    return said.type == "error" and not (expected and re.search(expected, said.text))


def describe(said):
    return f"{address_of(said)}: {said.text} ({said.location['url']})"


def address_of(trouble):
    return trouble.page.url if trouble.page else "a closed window"


@pytest.fixture
def shop(live_server):
    """A business with a warehouse, in whose scope the test builds its rows."""
    business = make_business("Duka Bora")
    with business_scope(business):
        yield business


@pytest.fixture
def simulator(live_server, settings):
    """Pretend providers with the customer's phone, and the real background worker that calls them."""
    with Simulator(delay=0) as simulator:
        settings.PAYMENT_SIMULATOR_URL, settings.BASE_URL = simulator.url, live_server.url
        where = {"BASE_URL": live_server.url, "PAYMENT_SIMULATOR_URL": simulator.url, "DEMO": "1"}
        storage = str(settings.STORAGES["import_export"]["OPTIONS"]["location"])
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.imports.worker", storage],
            cwd=ROOT,
            env={**os.environ, **where, "DATABASE_URL": database_url()},
        )
        yield simulator
        died = worker.poll()
        worker.terminate()
        worker.wait(timeout=20)
        assert died is None, "The background worker stopped by itself; its last words are above."
