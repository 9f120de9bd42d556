"""A business, a clock, a pretend Safaricom, and somewhere for its callbacks to go."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.cache import cache
from django.utils import timezone

from backoffice.scoping import business_scope
from payments.simulator import Simulator
from tests.builders import make_business


@pytest.fixture
def store(db):
    """A business, in whose scope the test runs."""
    business = make_business()
    with business_scope(business):
        yield business


@pytest.fixture
def later(monkeypatch):
    """Let the clock run on by so much."""

    def run_on(**delta):
        moment = timezone.now() + timedelta(**delta)
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return run_on


@pytest.fixture
def simulator():
    with Simulator(delay=0) as running:
        yield running


@pytest.fixture
def providers(simulator, settings):
    """Safaricom, Stripe and PayPal as the simulator plays them; what they deliver goes nowhere."""
    cache.clear()
    settings.PAYMENT_SIMULATOR_URL = simulator.url
    settings.BASE_URL = "http://127.0.0.1:9"
    return simulator


@pytest.fixture
def shop():
    """A place for callbacks to go; `received` holds their headers and bodies, `reply` is what it answers."""

    class Shop(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.received.append((self.path, dict(self.headers), body))
            self.send_response(self.server.status)
            self.end_headers()
            self.wfile.write(self.server.reply)

        def log_message(self, *values):
            pass

    server = HTTPServer(("127.0.0.1", 0), Shop)
    server.received, server.status, server.reply = [], 200, b""
    server.address = f"http://127.0.0.1:{server.server_port}/hooks/lnm/5f2b1c00aa93/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
