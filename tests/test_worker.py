"""The background worker goes on when the database comes back."""

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django_tasks_db.management.commands import db_worker

from backoffice.management.commands import db_worker as ours
from backoffice.scoping import business_scope
from payments.models import PaymentAttempt
from payments.services.attempts import request_payment
from tests.builders import make_business, make_order

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
