"""The background worker goes on when the database comes back."""

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone
from django_tasks_db.management.commands import db_worker

from backoffice import watch
from backoffice.imports.models.job import SILENCE
from backoffice.imports.services import steps
from backoffice.management.commands import db_worker as ours
from backoffice.scoping import business_scope
from payments.models import PaymentAttempt
from payments.services.attempts import request_payment
from tests.builders import make_business, make_order
from tests.imports.builders import make_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def busy_at_first(monkeypatch):
    """The first look for work finds the database locked."""
    look, looks = db_worker.exclusive_transaction, []

    def exclusive_transaction(*args):
        looks.append(args)
        if len(looks) == 1:
            raise OperationalError("database is locked")
        return look(*args)

    monkeypatch.setattr(db_worker, "exclusive_transaction", exclusive_transaction)
    monkeypatch.setattr(ours, "PAUSE", 0)


def run_worker():
    call_command("db_worker", batch=True, queue_name="*", reload=False, startup_delay=False)


def test_work_is_done_after_a_moment_in_which_the_database_was_locked(busy_at_first):
    business = make_business()
    with business_scope(business):
        attempt = request_payment(make_order(business), phone="0712345678", by=None)
    run_worker()
    # Nothing is set up to send it to, which the worker found out and wrote down.
    assert PaymentAttempt._base_manager.get(pk=attempt.pk).status == "failed"


def test_the_worker_of_the_package_alone_would_end(busy_at_first, monkeypatch):
    """The control: without our patience the lock reaches the outside."""
    monkeypatch.setattr(ours, "PatientWorker", ours.PatientWorker.__base__)
    with pytest.raises(OperationalError):
        run_worker()


def test_whatever_goes_wrong_beside_the_tasks_is_tried_again(monkeypatch, caplog):
    """A queue that is away, for one: its errors are none of the database."""
    looks = []

    def look():
        looks.append(1)
        raise RuntimeError("the queue is away")

    monkeypatch.setattr(watch, "take_up_silent_jobs", look)
    monkeypatch.setattr(watch, "tidy_up", lambda: None)
    watch.look_once()
    watch.look_once()
    assert len(looks) == 2 and "Nobody could look for silent imports." in caplog.text


def test_an_import_that_cannot_be_handed_over_holds_up_no_other(monkeypatch):
    shop = make_business()
    jobs = [make_job(shop, status="writing", heard_at=timezone.now() - 2 * SILENCE) for _n in range(2)]
    taken = []

    def start(step, job):
        taken.append(job.pk)
        raise RuntimeError("the queue is away")

    monkeypatch.setattr(steps, "start", start)
    steps.take_up_silent_jobs()
    assert sorted(taken) == sorted(job.pk for job in jobs)
