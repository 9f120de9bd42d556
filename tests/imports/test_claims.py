"""One worker for one import: the second finds nothing to do, and one that slept must not write any more."""

from concurrent.futures import ThreadPoolExecutor
from signal import SIGCONT, SIGSTOP

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections

from backoffice.errors import RuleBroken
from backoffice.imports import files
from backoffice.imports.services import claims, steps, tables
from backoffice.imports.services.claims import claim_job
from backoffice.imports.services.jobs import ask_columns, cancel_job, choose_columns, confirm_job
from backoffice.roles import STAFF
from inventory.models import Product
from tests.builders import make_business, make_user
from tests.imports.desk import fresh, load, work
from tests.imports.processes import (
    a_minute_later,
    a_worker,
    price_list,
    run_worker,
    status,
    upload,
    wait_until,
)
from tests.inventory.crowd import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRESQL = connection.vendor == "postgresql"


@pytest.fixture
def shop():
    return make_business("Riverside Shop", code="R")


@pytest.fixture
def clerk(shop):
    return make_user((shop, STAFF))


@pytest.fixture
def confirmed(shop, clerk):
    """An import of 200 products that waits for a worker to write it."""
    job = load(shop, price_list(200), by=clerk)
    return confirm_job(job, fingerprint=job.report["fingerprint"], by=clerk)


def without_holding(monkeypatch):
    """Take the guard away: nobody looks again whose job it is."""
    for module in (claims, steps, tables):
        monkeypatch.setattr(module, "hold", claims.lock)
    monkeypatch.setattr(steps, "held_job", claims.lock)


def assert_written_once(job):
    assert Product._base_manager.filter(price=10, stock=5).count() == 200 == Product.history.count()
    assert fresh(job).history.filter(status="done").count() == 1


def test_of_many_workers_with_the_same_job_one_gets_it(confirmed):
    got = all_at_once(4, lambda _worker: claim_job(confirmed.pk, "writing"))
    assert sum(job is not None for job in got) == 1


def test_a_job_given_to_two_workers_is_written_once(confirmed):
    all_at_once(2, lambda _worker: steps.write_rows(confirmed.pk))
    assert_written_once(confirmed)
    assert status(confirmed) == "done" and fresh(confirmed).tries == 1


def test_of_many_workers_that_see_a_silent_job_one_hands_it_over(confirmed):
    claim_job(confirmed.pk, "writing")
    a_minute_later(confirmed)
    assert sum(all_at_once(4, lambda _worker: claims.release_job(confirmed))) == 1


def stopped_and_taken_up(job):
    """Stop a worker before its first row, let another write everything, and let the first one go on."""
    with a_worker(f"write_rows:3:{int(SIGSTOP)}", "--", "--batch") as sleeper:
        wait_until(lambda: fresh(job).claim)
        wait_until(lambda: is_stopped(sleeper.pid))
        a_minute_later(job)
        assert not run_worker()
        assert status(job) == "done"
        sleeper.send_signal(SIGCONT)
        sleeper.wait(timeout=60)


def is_stopped(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


def test_a_worker_that_slept_while_another_did_its_job_writes_nothing(confirmed):
    stopped_and_taken_up(confirmed)
    assert_written_once(confirmed)
    job = fresh(confirmed)
    assert (job.status, job.error, job.tries) == ("done", "", 2)


def while_it_sleeps(monkeypatch, step, meanwhile):
    """Let the time pass, and other things happen, when a worker has done its work but not told it yet."""
    work_done = getattr(steps, step)

    def work_and_sleep(*arguments):
        result = work_done(*arguments)
        monkeypatch.setattr(steps, step, work_done)
        meanwhile()
        return result

    monkeypatch.setattr(steps, step, work_and_sleep)


COLUMNS = {"1": "sku", "2": "name", "3": "category", "4": "price", "5": ""}


def chosen_otherwise(job, clerk):
    """Let another worker finish the check, and the clerk choose the columns anew: without the stock."""
    claims.ImportJob._base_manager.filter(pk=job.pk).update(claim=None)
    work(job)
    ask_columns(fresh(job), by=clerk)
    choose_columns(fresh(job), sheet="", header=1, columns=COLUMNS, by=clerk)


def test_a_check_that_slept_does_not_show_columns_that_were_chosen_before(shop, clerk, monkeypatch):
    job = upload(shop, clerk, price_list(3))
    steps.read_file(job.pk)
    while_it_sleeps(monkeypatch, "compare", lambda: chosen_otherwise(job, clerk))
    steps.check_rows(job.pk)
    assert status(job) == "checking"
    assert "Stock" not in work(job).report["sections"]["new"][0]["values"]


def test_control_without_holding_the_job_an_old_check_is_shown(shop, clerk, monkeypatch):
    job = upload(shop, clerk, price_list(3))
    steps.read_file(job.pk)
    while_it_sleeps(monkeypatch, "compare", lambda: chosen_otherwise(job, clerk))
    without_holding(monkeypatch)
    steps.check_rows(job.pk)
    assert status(job) == "ready"
    assert "Stock" in fresh(job).report["sections"]["new"][0]["values"]


def test_a_reader_that_slept_does_not_take_back_a_confirmed_job(shop, clerk, monkeypatch):
    job = upload(shop, clerk, price_list(3))

    def others_go_on():
        claims.ImportJob._base_manager.filter(pk=job.pk).update(claim=None)
        ready = work(job)
        confirm_job(ready, fingerprint=ready.report["fingerprint"], by=clerk)

    while_it_sleeps(monkeypatch, "guess_columns", others_go_on)
    steps.read_file(job.pk)
    assert status(job) == "writing" and work(job).status == "done"


def test_a_preview_with_other_columns_is_not_confirmed_by_an_old_page(shop, clerk):
    job = load(shop, price_list(3), by=clerk)
    old_page = job.report["fingerprint"]
    ask_columns(job, by=clerk)
    choose_columns(fresh(job), sheet="", header=1, columns=COLUMNS, by=clerk)
    work(job)
    with pytest.raises(RuleBroken, match="not the latest"):
        confirm_job(fresh(job), fingerprint=old_page, by=clerk)


# Cancelled while a worker is busy


def during(monkeypatch, act):
    """Do something at the first moment at which a step tells how far it is."""
    tell = claims.Progress.tell
    monkeypatch.setattr(claims, "EVERY", 0)

    def tell_and_act(progress, done):
        tell(progress, done)
        monkeypatch.setattr(claims.Progress, "tell", tell)
        act()

    monkeypatch.setattr(claims.Progress, "tell", tell_and_act)


def elsewhere(act):
    """Do something on a connection of its own. Returns a future."""

    def run():
        try:
            return act()
        finally:
            connections.close_all()

    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(run)
    finally:
        pool.shutdown(wait=False)


def test_cancelled_while_it_is_checked_nothing_is_left_and_the_worker_is_free(shop, clerk, monkeypatch):
    job = upload(shop, clerk, price_list(2500))
    steps.read_file(job.pk)
    during(monkeypatch, lambda: elsewhere(lambda: cancel_job(job, by=clerk)).result(timeout=60))
    steps.check_rows(job.pk)
    assert status(job) == "cancelled"
    assert not any(files.exists(job, kind) for kind in files.KINDS)
    assert load(shop, price_list(2), by=clerk).status == "ready"


@pytest.mark.skipif(not POSTGRESQL, reason="on SQLite nobody is heard while somebody writes")
def test_cancelled_while_it_is_written_nothing_is_written(shop, clerk, confirmed, monkeypatch):
    during(monkeypatch, lambda: elsewhere(lambda: cancel_job(confirmed, by=clerk)).result(timeout=60))
    steps.write_rows(confirmed.pk)
    job = fresh(confirmed)
    assert (job.status, job.error) == ("cancelled", "The import was stopped; nothing was written.")
    assert not Product._base_manager.exists() and not files.exists(job, "file")
    assert load(shop, price_list(2), by=clerk).status == "ready"


@pytest.mark.skipif(not POSTGRESQL, reason="on SQLite nobody is heard while somebody writes")
def test_control_a_worker_that_does_not_listen_writes_what_was_cancelled(clerk, confirmed, monkeypatch):
    during(monkeypatch, lambda: elsewhere(lambda: cancel_job(confirmed, by=clerk)).result(timeout=60))
    monkeypatch.setattr(claims.Progress, "listen", lambda self: None)
    without_holding(monkeypatch)
    steps.write_rows(confirmed.pk)
    assert status(confirmed) == "done" and Product._base_manager.count() == 200


@pytest.mark.skipif(POSTGRESQL, reason="PostgreSQL hears it at once")
def test_on_sqlite_who_cancels_too_late_waits_and_is_told(clerk, confirmed, monkeypatch):
    asked = []
    during(monkeypatch, lambda: asked.append(elsewhere(lambda: cancel_job(confirmed, by=clerk))))
    steps.write_rows(confirmed.pk)
    with pytest.raises(RuleBroken, match="nothing to cancel"):
        asked[0].result(timeout=60)
    assert status(confirmed) == "done" and Product._base_manager.count() == 200


def test_cancelled_before_a_worker_comes_nothing_is_written(clerk, confirmed):
    cancel_job(confirmed, by=clerk)
    steps.write_rows(confirmed.pk)
    assert status(confirmed) == "cancelled" and not Product._base_manager.exists()


# Progress, and what never works


def seen_from_elsewhere(job):
    def look():
        return fresh(job).done_rows

    return elsewhere(look).result(timeout=60)


def test_others_see_how_far_a_check_is(shop, clerk, monkeypatch):
    job, seen = upload(shop, clerk, price_list(2500)), []
    steps.read_file(job.pk)
    during(monkeypatch, lambda: seen.append(seen_from_elsewhere(job)))
    steps.check_rows(job.pk)
    assert seen == [1000]


@pytest.mark.skipif(not POSTGRESQL, reason="on SQLite nothing can be told while somebody writes")
def test_others_see_how_far_the_writing_is(confirmed, monkeypatch):
    seen = []
    monkeypatch.setattr("backoffice.imports.engine.writing.SLICE", 50)
    during(monkeypatch, lambda: seen.append(seen_from_elsewhere(confirmed)))
    steps.write_rows(confirmed.pk)
    assert len(seen) == 1 and 0 < seen[0] < 200
    assert fresh(confirmed).done_rows == 200


def test_a_progress_that_cannot_be_told_stops_no_import(confirmed, monkeypatch):
    def refuse(progress, done):
        raise OperationalError("too many connections")

    monkeypatch.setattr(claims, "EVERY", 0)
    monkeypatch.setattr(claims.Progress, "tell", refuse)
    steps.write_rows(confirmed.pk)
    assert_written_once(confirmed)


@pytest.mark.parametrize(
    ("error", "tries", "text"),
    [(OperationalError("disk is full"), 3, "busy or away"), (ZeroDivisionError(), 1, "unexpected")],
)
def test_a_step_that_always_breaks_is_given_up_and_the_next_job_is_done(
    shop, clerk, monkeypatch, error, tries, text
):
    poison, compare = upload(shop, clerk, price_list(5)), steps.compare

    def compare_or_break(job, *arguments):
        if job.pk == poison.pk:
            raise error
        return compare(job, *arguments)

    monkeypatch.setattr(steps, "compare", compare_or_break)
    good = upload(shop, clerk, price_list(5))
    call_command("db_worker", batch=True, queue_name="*", reload=False, startup_delay=False)
    poison = fresh(poison)
    assert (poison.status, poison.tries) == ("refused", tries)
    assert text in poison.error and "othing was saved" in poison.error
    assert status(good) == "ready"
