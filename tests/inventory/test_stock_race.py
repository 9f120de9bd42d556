"""Fifty people want the last ten pieces at once. Ten get one, on both engines.

The control puts a read, a pause and a write where the service has one conditional UPDATE; it must
sell more than there is, or this test would see nothing.
"""

import time

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.db.models import Sum

from backoffice.errors import RuleBroken
from inventory.models import Product, StockLevel, StockMovement, Warehouse
from inventory.services import stock
from tests.builders import make_business, make_product
from tests.inventory.crowd import all_at_once

PEOPLE, TRIES, PIECES = 50, 4, 10


def reserve_one(product, tries):
    """Try to reserve a piece several times; returns how often it worked."""
    worked = 0
    for _try in range(tries):
        try:
            stock.reserve_stock(product, quantity=1, by=None)
        except RuleBroken:
            continue
        worked += 1
    return worked


@pytest.mark.django_db(transaction=True)
def test_the_last_ten_pieces_are_promised_exactly_ten_times():
    product = make_product(make_business(), stock=PIECES)
    sold = sum(all_at_once(PEOPLE, lambda person: reserve_one(product, TRIES)))
    level = StockLevel._base_manager.get(product=product)
    promised = StockMovement._base_manager.filter(product=product).aggregate(sum=Sum("reserved"))["sum"]
    assert sold == level.reserved == promised == PIECES
    assert level.quantity == PIECES


@pytest.mark.django_db(transaction=True)
def test_issues_and_deliveries_at_once_leave_the_sums_equal():
    product = make_product(make_business(), stock=PIECES)

    def work(person):
        service = stock.receive_stock if person % 2 else stock.issue_stock
        try:
            service(product, quantity=1, by=None)
        except RuleBroken:
            return 0
        return 1 if person % 2 else -1

    change = sum(all_at_once(20, work))
    level = StockLevel._base_manager.get(product=product)
    assert level.quantity == Product._base_manager.get(pk=product.pk).stock == PIECES + change


def transfer_both_ways():
    """Many transfers in both directions with deliveries between; returns the product."""
    business = make_business()
    product, main = make_product(business, stock=100), Warehouse._base_manager.get(business=business)
    back = Warehouse._base_manager.create(business=business, name="Back room")
    stock.receive_stock(product, quantity=100, warehouse=back, by=None)

    def work(person):
        source, target = (main, back) if person % 2 else (back, main)
        stock.transfer_stock(product, quantity=1, source=source, target=target, by=None)
        stock.receive_stock(product, quantity=1, warehouse=target, by=None)

    all_at_once(16, work)
    return product


@pytest.mark.django_db(transaction=True)
def test_transfers_both_ways_and_deliveries_never_wait_for_each_other_for_ever():
    assert Product._base_manager.get(pk=transfer_both_ways().pk).stock == 216


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer; nobody waits in a circle")
@pytest.mark.django_db(transaction=True)
def test_control_transfers_that_lock_as_they_go_wait_in_a_circle(monkeypatch):
    monkeypatch.setattr(stock, "lock", lambda level: level)
    with pytest.raises(OperationalError, match="deadlock"):
        transfer_both_ways()


def receive_many_times(product, reference):
    """Ten people book a delivery of five at once; returns how many could."""

    def work(person):
        try:
            stock.receive_stock(product, quantity=5, reference=reference, by=None)
        except RuleBroken as rule:
            assert "already made" in str(rule)
            return 0
        return 1

    return sum(all_at_once(10, work))


@pytest.mark.django_db(transaction=True)
def test_one_reference_sent_by_many_at_once_is_booked_once():
    product = make_product(make_business(), stock=0)
    assert receive_many_times(product, "DN-7") == 1
    assert Product._base_manager.get(pk=product.pk).stock == 5
    # The control: without a reference nothing tells one delivery from ten.
    assert receive_many_times(product, "") == 10


@pytest.mark.django_db(transaction=True)
def test_control_read_then_write_promises_more_than_there_is(monkeypatch):
    product = make_product(make_business(), stock=PIECES)
    # On SQLite a transaction holds the only write lock, which alone would hide the fault.
    monkeypatch.setattr(stock, "change_level", read_then_write)

    def work(person):
        worked = 0
        level = StockLevel._base_manager.get(product=product)
        for _try in range(TRIES):
            try:
                worked += bool(stock.change_level(level, stock.Change(reserved=1)))
            except (IntegrityError, OperationalError):
                continue
        return worked

    sold = sum(all_at_once(PEOPLE, work))
    assert sold > PIECES


def read_then_write(level, change):
    """What the service must not do: look, wait, write what was seen."""
    seen = StockLevel._base_manager.get(pk=level.pk)
    reserved = seen.reserved + change.reserved
    if reserved > seen.quantity:
        return False
    time.sleep(0.02)
    return StockLevel._base_manager.filter(pk=level.pk).update(reserved=reserved)
