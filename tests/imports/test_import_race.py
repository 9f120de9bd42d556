"""Several people and one catalogue: files at once, files beside orders. The outcome is one after the other.

Each guard has a control in which it is taken away and the story goes wrong.
"""

import time
from threading import Event

import pytest
from django.db import OperationalError, connection, transaction

from backoffice.errors import RuleBroken
from backoffice.imports.engine.plan import Plan
from backoffice.imports.services import steps
from backoffice.imports.services.jobs import confirm_job, undo_job
from backoffice.invariants import check_all
from backoffice.roles import STAFF
from backoffice.transitions import lock
from inventory.models import Category, Product, StockMovement, Warehouse
from inventory.resources.product_import import ProductImport
from inventory.services.prices import change_price
from inventory.services.stock import reserve_stock, transfer_stock
from sales.services.orders import cancel_order, place_order
from tests.builders import make_business, make_customer, make_product, make_user
from tests.imports.desk import confirm, counts, csv_bytes, fresh, load, load_all, work
from tests.imports.processes import price_list, status
from tests.inventory.crowd import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRESQL = connection.vendor == "postgresql"
only_postgresql = pytest.mark.skipif(not POSTGRESQL, reason="SQLite has one lock for everything")
OUTDATED = "Some rows were changed since the preview, so nothing was imported. Look again and confirm."


@pytest.fixture
def shop():
    return make_business("Riverside Shop", code="R")


@pytest.fixture
def clerk(shop):
    return make_user((shop, STAFF))


def confirm_now(job):
    return confirm_job(job, fingerprint=job.report["fingerprint"], by=job.by)


def write(job):
    steps.write_rows(job.pk)


def or_refusal(act, *arguments):
    """Return the sentence with which something is refused, or an empty text."""
    try:
        act(*arguments)
    except RuleBroken as rule:
        return str(rule)
    return ""


def assert_sound():
    assert [each for each in check_all() if not each.holds] == []


# The same file, the same job


def test_two_people_who_load_one_file_at_once_import_it_once(shop):
    people = [make_user((shop, STAFF)) for _n in range(2)]
    jobs = all_at_once(2, lambda n: load(shop, price_list(60), by=people[n]))
    assert [counts(job) for job in jobs] == [(60, 0, 0, 0)] * 2
    all_at_once(2, lambda n: write(confirm_now(jobs[n])))
    winner, loser = sorted(map(fresh, jobs), key=lambda job: job.status == "checking")
    assert (winner.status, loser.status, loser.error) == ("done", "checking", OUTDATED)
    assert counts(work(loser)) == (0, 0, 60, 0)
    assert Product._base_manager.count() == Product.history.count() == 60
    assert StockMovement._base_manager.count() == 60 and Category._base_manager.count() == 20
    assert_sound()


def test_one_job_confirmed_four_times_at_once_is_written_once(shop, clerk):
    job = load(shop, price_list(60), by=clerk)
    told = all_at_once(4, lambda _click: or_refusal(confirm_now, job))
    assert sorted(told)[0] == "" and sum("not the latest" in text for text in told) == 3
    all_at_once(2, lambda _worker: write(job))
    assert status(job) == "done" and fresh(job).history.filter(status="writing").count() == 1
    assert Product.history.count() == 60


def test_only_who_chose_the_file_confirms_it(shop, clerk):
    job = load(shop, price_list(5), by=clerk)
    others = [make_user((shop, STAFF)) for _n in range(4)]
    sign = {"fingerprint": job.report["fingerprint"]}
    told = all_at_once(4, lambda n: or_refusal(lambda: confirm_job(job, by=others[n], **sign)))
    assert all("who chose this file" in text for text in told) and status(job) == "ready"


# Other files, other people


def test_of_two_files_about_one_product_the_second_is_shown_again(shop):
    people = [make_user((shop, STAFF)) for _n in range(2)]
    load_all(shop, price_list(40, price=5), by=people[0])
    jobs = [
        load(shop, price_list(40, price=price), by=each) for each, price in zip(people, (7, 9), strict=True)
    ]
    all_at_once(2, lambda n: write(confirm_now(jobs[n])))
    winner, loser = sorted(map(fresh, jobs), key=lambda job: job.status == "checking")
    assert (winner.status, loser.error) == ("done", OUTDATED)
    assert Product._base_manager.filter(price=(7, 9)[jobs.index(winner)]).count() == 40
    again = work(loser)
    assert counts(again) == (0, 40, 0, 0)
    assert confirm(again).status == "done"
    assert Product.history.count() == 120
    assert_sound()


def a_colleague_is_faster(shop, clerk):
    """Confirm a new price after a colleague set another one; returns the price then."""
    cup = make_product(shop, price=100)
    job = load(shop, csv_bytes([cup.sku, "120"], headings=["SKU", "Price"]), by=clerk)
    change_price(cup, price=150, by=None, reason="new list")
    write(confirm_now(job))
    return Product._base_manager.get(pk=cup.pk).price


def test_a_price_that_a_colleague_set_since_the_preview_stays(shop, clerk):
    assert a_colleague_is_faster(shop, clerk) == 150


def test_control_without_the_comparison_with_the_preview_it_is_overwritten(shop, clerk, monkeypatch):
    monkeypatch.setattr(Plan, "fingerprint", lambda self: "the same")
    assert a_colleague_is_faster(shop, clerk) == 120


# Beside orders, on PostgreSQL: who waits for whom


class SlowOrder:
    """Somebody who takes one thing, and the next one only when an import is waiting for him."""

    def __init__(self, *steps):
        self.steps, self.has_begun = steps, Event()

    def take(self):
        with transaction.atomic():
            self.steps[0]()
            self.has_begun.set()
            wait_for_a_waiter()
            for step in self.steps[1:]:
                step()


def wait_for_a_waiter():
    deadline = time.monotonic() + 8
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees others as they once were
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                "AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)


def import_beside(order, job):
    """Write a job while somebody holds what it needs. Returns what broke, by name: "import", "order"."""
    broken = []

    def work_at(person):
        try:
            if person == 0:
                order.take()
            else:
                assert order.has_begun.wait(timeout=20)
                write(job)
                if fresh(job).status == "writing":
                    broken.append("import")  # given back, to be tried again
        except OperationalError:
            broken.append("order")

    all_at_once(2, work_at)
    return broken


@pytest.fixture
def pair(shop):
    """Two products, the one with the lower key first."""
    return sorted((make_product(shop, stock=10) for _n in range(2)), key=lambda each: each.pk)


def reserve(product):
    reserve_stock(product, quantity=1, by=None)


def counted(shop, clerk, products, category=None):
    """Confirm a file that counts products, and perhaps adds one in a new category."""
    rows = [[each.sku, each.name, each.category.path, "100", "12"] for each in products]
    if category:
        rows.append(["NEW-1", "Something new", category, "100", "1"])
    headings = ["SKU", "Name", "Category", "Price", "Stock"]
    return confirm_now(load(shop, csv_bytes(*rows, headings=headings), by=clerk))


def finish(job):
    """Do what the worker and the clerk would do now, until the file is imported."""
    while (job := work(job)).status != "done":
        job = confirm_now(job)
    return job


@only_postgresql
def test_an_order_and_an_import_of_the_same_products_wait_for_each_other_in_turn(shop, clerk, pair):
    first, second = pair
    job = counted(shop, clerk, pair)
    order = SlowOrder(lambda: reserve(first), lambda: reserve(second))
    assert import_beside(order, job) == []
    assert (status(job), fresh(job).error) == ("checking", OUTDATED)
    finish(job)
    assert {each.stock for each in Product._base_manager.all()} == {12}
    assert_sound()


@only_postgresql
def test_control_an_import_that_locks_the_other_way_round_gets_stuck_with_an_order(
    shop, clerk, pair, monkeypatch
):
    straight = Plan.lock_query
    turned = {"FOR NO KEY": "DESC FOR NO KEY", "ORDER BY r.product_id,": "ORDER BY r.product_id DESC,"}

    def lock_query(self, *arguments):
        query = straight(self, *arguments)
        for old, new in turned.items():
            query = query.replace(old, new)
        return query

    monkeypatch.setattr(Plan, "lock_query", lock_query)
    job = counted(shop, clerk, pair)
    order = SlowOrder(lambda: reserve(pair[0]), lambda: reserve(pair[1]))
    assert len(import_beside(order, job)) == 1
    finish(job)  # whoever lost, nothing is lost
    assert_sound()


@only_postgresql
def test_an_import_with_new_categories_waits_for_the_business_before_the_stock(shop, clerk, pair):
    job = counted(shop, clerk, pair, category="Brand new")
    order = SlowOrder(lambda: lock(shop), lambda: reserve(pair[0]))
    assert import_beside(order, job) == []
    finish(job)
    assert_sound()


@only_postgresql
def test_control_an_import_that_takes_the_business_last_gets_stuck_with_an_order(
    shop, clerk, pair, monkeypatch
):
    locks = ProductImport.locks
    monkeypatch.setattr(ProductImport, "locks", lambda self, plan: locks(self, plan)[1:])
    job = counted(shop, clerk, pair, category="Brand new")
    order = SlowOrder(lambda: lock(shop), lambda: reserve(pair[0]))
    assert len(import_beside(order, job)) == 1
    finish(job)
    assert_sound()


def test_orders_and_imports_of_the_same_products_at_once_lose_nothing(shop, clerk):
    """Orders in every order of lines, transfers and a file that counts, until all of them are through."""
    products = [make_product(shop, stock=50) for _n in range(12)]
    store = Warehouse._base_manager.get(business=shop)
    barn = Warehouse._base_manager.create(business=shop, name="Barn")
    for each in products:
        transfer_stock(each, quantity=5, source=store, target=barn, by=None)
    customer = make_customer()
    load_all(shop, csv_bytes(["X-1", "Spare", "Drinks > Water", "1"]), by=clerk)
    told = []

    def sell(person):
        for n in range(5):
            lines = [(each, 1) for each in products[:: (-1) ** n]][: 6 + n]
            try:
                order = place_order(shop, customer=customer, lines=lines, by=None)
                transfer_stock(products[n], quantity=1, source=barn, target=store, by=None)
                cancel_order(order, by=None)
            except OperationalError as error:
                told.append(str(error))  # the page says: too many people, try again

    def count(_person):
        for n in range(3):
            rows = [[each.sku, str(60 + n)] for each in products]
            job = load(shop, csv_bytes(*rows, headings=["SKU", "Stock"]), by=clerk)
            for _try in range(20):
                job = work(confirm_now(job))
                if job.status == "done":
                    break

    all_at_once(4, lambda person: count(person) if person == 0 else sell(person))
    assert_sound()
    assert not told, told


@only_postgresql
def test_an_undo_waits_for_whoever_changes_a_row_and_then_leaves_it_alone(shop, clerk):
    load_all(shop, price_list(10, price=5), by=clerk)
    job = load_all(shop, price_list(10, price=7), by=clerk)
    last = Product._base_manager.order_by("pk").last()
    undo_job(job, by=clerk)
    colleague = SlowOrder(lambda: change_price(last, price=8, by=None, reason="new list"))

    def work_at(person):
        if person == 0:
            return colleague.take()
        assert colleague.has_begun.wait(timeout=20)
        steps.undo_rows(job.pk)

    all_at_once(2, work_at)
    job = fresh(job)
    assert job.status == "done" and job.report["touched"][0]["what"] == str(last)
    assert Product._base_manager.filter(price=7).count() == 9
    assert Product._base_manager.get(pk=last.pk).price == 8
    assert_sound()
