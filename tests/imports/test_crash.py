"""Workers killed with -9 in the middle of everything: an import is whole or not there, and never doubled.

The moments are drawn with a seed among the statements of a step; CRASH_ROWS makes the file larger.
"""

import os
from random import Random

import pytest

from backoffice.imports.services.claims import MOST_TRIES
from backoffice.imports.services.jobs import confirm_job, undo_job
from backoffice.invariants import check_all
from backoffice.roles import STAFF
from inventory.models import Product, StockLevel, StockMovement
from tests.builders import make_business, make_user
from tests.imports.desk import fresh, load, load_all, work
from tests.imports.processes import (
    a_minute_later,
    a_worker,
    price_list,
    run_worker,
    status,
    tables,
    upload,
    wait_until,
)
from tests.test_worker import run_worker as run_worker_here

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = int(os.environ.get("CRASH_ROWS", "1000"))
OLD = ROWS // 4
KILL = 9


@pytest.fixture
def shop():
    return make_business("Riverside Shop", code="R")


@pytest.fixture
def clerk(shop):
    return make_user((shop, STAFF))


def confirmed(job):
    return confirm_job(job, fingerprint=job.report["fingerprint"], by=job.by)


def killed_at(job, step, statement, *arguments):
    """Let a worker die at a statement of a step, and a minute pass."""
    assert run_worker(f"{step}:{statement}:{KILL}", *arguments), "The worker did not die."
    a_minute_later(job)


def assert_whole(count, price=12):
    """Every product of the file is there once, with one count, and all sums agree."""
    products = Product._base_manager.all()
    assert products.count() == products.filter(price=price, stock=7).count() == count
    assert StockLevel._base_manager.count() == count
    assert StockMovement._base_manager.count() == count + OLD
    assert Product.history.filter(history_type="+").count() == count
    assert [each for each in check_all() if not each.holds] == []


def test_a_worker_killed_at_any_moment_leaves_the_whole_import_or_nothing(shop, clerk):
    moments = Random(20261121)
    load_all(shop, price_list(OLD), by=clerk)
    job = upload(shop, clerk, price_list(ROWS, price=12, stock=7))
    before = tables()

    killed_at(job, "read_file", moments.randint(2, 7))
    killed_at(job, "check_rows", moments.randint(2, 46))
    assert (status(job), tables()) == ("checking", before)
    assert not run_worker()
    job = fresh(job)
    assert (job.status, job.new_rows, job.changed_rows) == ("ready", ROWS - OLD, OLD)

    confirmed(job)
    for first, last in [(15, 31), (41, 46)]:  # before the first row is written, and after
        killed_at(job, "write_rows", moments.randint(first, last))
        assert (status(job), tables()) == ("writing", before)
    assert not run_worker()
    assert status(job) == "done"
    assert_whole(ROWS)

    written = tables()
    undo_job(fresh(job), by=clerk)
    for first, last in [(8, 15), (16, 24)]:
        killed_at(job, "undo_rows", moments.randint(first, last))
        assert (status(job), tables()) == ("undoing", written)
    assert not run_worker()
    assert status(job) == "undone"
    sold = Product._base_manager.filter(is_active=True)
    assert sold.count() == sold.filter(price=10, stock=5).count() == OLD
    assert [each for each in check_all() if not each.holds] == []


def test_control_without_the_transaction_a_kill_leaves_half_an_import(shop, clerk):
    job = confirmed(load(shop, price_list(200), by=clerk))
    before = tables()
    killed_at(job, "write_rows", 40, "--without-transaction")
    assert tables() != before
    with pytest.raises(AssertionError):
        assert_whole(200)


def test_another_worker_that_runs_already_takes_the_job_of_a_killed_one_up(shop, clerk):
    job = confirmed(load(shop, price_list(300, price=12, stock=7), by=clerk))
    with a_worker(f"write_rows:30:{KILL}", silence=3) as dying:
        assert dying.wait(timeout=60) == -KILL
        assert status(job) == "writing"
        with a_worker(silence=3):
            wait_until(lambda: status(job) == "done")
    assert Product._base_manager.filter(price=12, stock=7).count() == 300 == Product.history.count()


def test_control_a_worker_that_takes_no_silent_jobs_up_leaves_the_import_for_ever(shop, clerk, monkeypatch):
    job = confirmed(load(shop, price_list(20), by=clerk))
    killed_at(job, "write_rows", 30)
    monkeypatch.setattr("backoffice.watch.take_up_silent_jobs", lambda: None)
    run_worker_here()
    assert status(job) == "writing"
    monkeypatch.undo()
    run_worker_here()
    assert status(job) == "done"


def test_a_file_that_kills_every_worker_is_given_up_and_the_next_one_is_done(shop, clerk):
    poison = confirmed(load(shop, price_list(20), by=clerk))
    for _try in range(MOST_TRIES):
        assert status(poison) == "writing"
        killed_at(poison, "write_rows", 30)
    good = upload(shop, clerk, price_list(20, start=100))
    assert not run_worker()
    poison = fresh(poison)
    assert (poison.status, poison.tries) == ("ready", MOST_TRIES)
    assert "interrupted 3 times" in poison.error and "nothing was saved" in poison.error
    assert status(good) == "ready" and not Product._base_manager.exists()
    work(confirmed(poison))
    assert status(poison) == "done"
