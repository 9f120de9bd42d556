"""What is done outside: each thing once, none missing, whatever dies and whoever fails."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from payments.models import OutboxItem, OutboxTopic
from payments.services import outbox
from payments.services.outbox import Retry, claim_item, deliver_due, write
from tests.builders import make_business
from tests.imports.processes import database_url, wait_until
from tests.payments.money import fresh

ROOT = Path(__file__).resolve().parents[2]
THINGS, KILLS = 24, 4


@pytest.fixture
def handler(monkeypatch):
    """What is called for each thing; `done` holds the subjects, `problems` what it raises first."""

    class Handler:
        done, problems = [], []

        def __call__(self, subject):
            if self.problems:
                raise self.problems.pop(0)
            self.done.append(subject)

    made = Handler()
    made.done, made.problems = [], []
    monkeypatch.setattr(outbox, "import_string", lambda name: made)
    return made


def write_some(count=1):
    business = make_business()
    return [write(OutboxTopic.REFUND, f"refund:{n}", UUID(int=n), business) for n in range(1, count + 1)]


@pytest.mark.django_db
def test_the_same_thing_is_written_once_and_done_once(handler):
    one, again = write_some() + [write(OutboxTopic.REFUND, "refund:1", uuid4(), make_business())]
    assert one.pk == again.pk
    assert [deliver_due(), deliver_due()] == [1, 0]
    assert handler.done == [UUID(int=1)] and fresh(one).done_at


@pytest.mark.django_db
def test_what_is_rolled_back_is_not_done(handler):
    with transaction.atomic():
        write_some()
        transaction.set_rollback(True)
    assert deliver_due() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("problem", [Retry("PayPal is busy"), ZeroDivisionError()])
def test_what_fails_is_tried_again_later_and_says_why(handler, later, problem):
    (item,) = write_some()
    handler.problems = [problem]
    deliver_due()
    item = fresh(item)
    assert item.done_at is None and item.problem and item.next_try_at > timezone.now()
    assert deliver_due() == 0
    later(minutes=1)
    deliver_due()
    assert fresh(item).done_at and fresh(item).problem == ""


@pytest.mark.django_db
def test_what_fails_keeps_nothing_else_from_being_done(handler):
    write_some(3)
    handler.problems = [ZeroDivisionError()]
    assert deliver_due() == 3 and len(handler.done) == 2


@pytest.mark.django_db
def test_what_a_killed_worker_left_is_taken_up_when_its_time_is_over(handler, later):
    write_some()
    assert claim_item() and claim_item() is None
    later(minutes=3)
    assert deliver_due() == 1 and len(handler.done) == 1


@pytest.mark.django_db
def test_the_pauses_grow_and_end_at_an_hour():
    pauses = [outbox.pause_after(tries) for tries in range(1, 30)]
    assert pauses[0] < pauses[3] < pauses[7] and max(pauses) <= outbox.LONGEST_PAUSE * 1.2


# With processes that die, and a provider that fails


@pytest.mark.django_db(transaction=True)
def test_everything_is_done_once_while_workers_are_killed_and_the_provider_fails():
    write_some(THINGS)
    with a_provider(failing=0.3) as provider:
        for kill in range(KILLS):
            with workers(provider, 2) as (first, _second):
                wait_until(lambda: len(provider.asked) > (kill + 1) * 3)  # noqa: B023
                first.kill()
        with workers(provider, 2) as running:
            assert [worker.wait(timeout=120) for worker in running] == [0, 0]
    assert sorted(provider.effects) == [str(UUID(int=n)) for n in range(1, THINGS + 1)]
    assert not provider.overlaps
    assert not OutboxItem._base_manager.filter(done_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_without_taking_them_first_two_workers_do_the_same_at_once():
    """The control."""
    write_some(THINGS)
    with a_provider(failing=0) as provider, workers(provider, 2, "--without-claim") as running:
        for worker in running:
            worker.wait(timeout=120)
    assert provider.overlaps


@contextmanager
def workers(provider, count, *arguments):
    command = [sys.executable, "-m", "tests.payments.outbox_worker", provider.address, *arguments]
    environment = {**os.environ, "DATABASE_URL": database_url(), "DEBUG": "1", "LOG_LEVEL": "ERROR"}
    running = [subprocess.Popen(command, cwd=ROOT, env=environment) for _worker in range(count)]
    try:
        yield running
    finally:
        for worker in running:
            worker.kill()
            worker.wait()


@contextmanager
def a_provider(*, failing):
    """A provider that knows keys: it does each once, and fails at times, before or after doing it."""
    luck = Random(7)

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self):
            server, key = self.server, self.path.strip("/")
            with server.lock:
                server.asked.append(key)
                server.overlaps += [key] if key in server.at_work else []
                server.at_work.add(key)
                fails, before = luck.random() < failing, luck.random() < 0.5
            server.pause.wait(0.05)
            with server.lock:
                if key not in server.effects and not (fails and before):
                    server.effects.append(key)
                server.at_work.discard(key)
            self.send_response(503 if fails else 200)
            self.end_headers()

        def log_message(self, *values):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.asked, server.effects, server.overlaps, server.at_work = [], [], [], set()
    server.lock, server.pause = threading.Lock(), threading.Event()
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
