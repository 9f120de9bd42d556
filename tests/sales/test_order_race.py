"""A thousand orders at once for the last ten pieces: ten are taken, the others hear why not.

The everyday run sends a thousand orders through the service and two hundred through the real server;
RACE_ORDERS=1000 sends as many through the server. The control lets every clerk sell from the stock he saw
before: it must sell more than there is, or these tests would see nothing.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, local

import pytest
import requests
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models import Sum

from backoffice.errors import RuleBroken
from backoffice.transitions import lock
from inventory.models import Product, StockLevel, StockMovement
from inventory.services import stock
from sales.models import Order, OrderItem
from sales.services.orders import place_order
from tests.builders import make_business, make_customer, make_product, make_user

pytestmark = pytest.mark.django_db(transaction=True)
ADD = "/admin/sales/order/add/"
PIECES = 10
# SQLite lets one writer in at a time, and whoever waits knocks only ten times a second.
CLERKS = 32 if connection.vendor == "postgresql" else 4
OVER_HTTP = int(os.environ.get("RACE_ORDERS", "200"))


def all_at_once(clerks, orders, take):
    """Let the clerks start together and take the orders among them; returns what each take() returned."""
    gate = Barrier(clerks)

    def work(clerk):
        gate.wait(timeout=60)
        try:
            return [take(clerk) for _order in range(clerk, orders, clerks)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(clerks) as pool:
        return [answer for answers in pool.map(work, range(clerks)) for answer in answers]


def place(product, customer):
    """Place an order for one piece. Returns whether it was taken."""
    try:
        place_order(product.business, customer=customer, lines=[(product, 1)], by=None)
    except RuleBroken as rule:
        assert "Only 0 of" in str(rule)
        return False
    return True


def promised(product):
    """What the movements say is promised, and what the level says."""
    sum_of = StockMovement._base_manager.filter(product=product).aggregate(sum=Sum("reserved"))["sum"]
    return sum_of, StockLevel._base_manager.get(product=product).reserved


def assert_exactly_ten_were_sold(product):
    orders = Order._base_manager.order_by("sequence")
    assert [order.sequence for order in orders] == list(range(1, PIECES + 1))
    assert [order.number for order in orders] == [f"R-{n:04d}" for n in range(1, PIECES + 1)]
    assert {order.total_amount for order in orders} == {product.price}
    assert OrderItem._base_manager.count() == PIECES
    assert promised(product) == (PIECES, PIECES)
    level = StockLevel._base_manager.get(product=product)
    assert level.quantity == Product._base_manager.get(pk=product.pk).stock == PIECES
    # A refused order leaves nothing behind, not even in history.
    assert Order.history.filter(history_type="+").count() == PIECES == OrderItem.history.count()


@pytest.fixture
def last_pieces():
    return make_product(make_business("Riverside Shop", code="R"), stock=PIECES)


def test_a_thousand_orders_for_the_last_ten_pieces_sell_ten(last_pieces):
    customer = make_customer()
    taken = all_at_once(CLERKS, 1000, lambda clerk: place(last_pieces, customer))
    assert sum(taken) == PIECES and len(taken) == 1000
    assert_exactly_ten_were_sold(last_pieces)


@pytest.fixture
def desks(last_pieces, client, live_server):
    """Browsers at the live server, one for each clerk: logged in, connected, with a token for forms."""
    client.force_login(make_user((last_pieces.business, "Staff")))
    session = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
    desks = [requests.Session() for _clerk in range(CLERKS)]
    for desk in desks:
        desk.cookies.update(session)
        assert desk.get(live_server.url + ADD, timeout=60).status_code == 200
        desk.headers["X-CSRFToken"] = desk.cookies[settings.CSRF_COOKIE_NAME]
    yield desks
    for desk in desks:
        desk.close()


def test_orders_sent_to_the_server_at_once_are_taken_or_refused_and_never_break(
    last_pieces, desks, live_server
):
    sheet = {
        "customer": make_customer().pk,
        "items-TOTAL_FORMS": 1,
        "items-INITIAL_FORMS": 0,
        "items-0-product": last_pieces.pk,
        "items-0-quantity": 1,
    }

    def send(clerk):
        answer = desks[clerk].post(live_server.url + ADD, sheet, allow_redirects=False, timeout=60)
        if answer.status_code == 200:
            # On a slow machine the queue for the next number may last longer than the database waits.
            assert "Only 0 of" in answer.text or "Nothing was saved; try again" in answer.text
        return answer.status_code

    answers = all_at_once(CLERKS, OVER_HTTP, send)
    assert sorted(set(answers)) == [200, 302]
    assert answers.count(302) == PIECES
    assert_exactly_ten_were_sold(last_pieces)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one lock, and waits 20 s for it")
def test_who_waits_too_long_is_told_to_try_again(last_pieces, client):
    client.force_login(make_user((last_pieces.business, "Staff")))
    sheet = {"items-TOTAL_FORMS": 1, "items-INITIAL_FORMS": 0, "items-0-quantity": 1}
    sheet |= {"customer": make_customer().pk, "items-0-product": last_pieces.pk}
    is_held, is_answered = Event(), Event()

    def hold(_clerk):
        with transaction.atomic():
            lock(last_pieces.business)
            is_held.set()
            is_answered.wait(timeout=60)

    with ThreadPoolExecutor(1) as pool, connection.cursor() as cursor:
        holding = pool.submit(all_at_once, 1, 1, hold)
        assert is_held.wait(timeout=60)
        cursor.execute("SET lock_timeout = '200ms'")
        answer = client.post(ADD, sheet)
        is_answered.set()
        holding.result()
        cursor.execute("RESET lock_timeout")
    assert answer.status_code == 200 and "Nothing was saved; try again" in answer.content.decode()
    assert not Order._base_manager.exists()


def sell_from_memory(monkeypatch, product):
    """Take the guard away: a clerk writes the stock he saw some time before, plus his own piece."""
    seen = local()

    def look():
        seen.level = StockLevel._base_manager.get(product=product)
        time.sleep(0.02)

    def change_from_memory(level, change):
        reserved = seen.level.reserved + change.reserved
        if reserved > seen.level.quantity:
            return False
        return bool(StockLevel._base_manager.filter(pk=level.pk).update(reserved=reserved))

    monkeypatch.setattr(stock, "change_level", change_from_memory)
    return look


def test_control_without_the_guard_more_is_sold_than_there_is(last_pieces, monkeypatch):
    customer = make_customer()
    look = sell_from_memory(monkeypatch, last_pieces)

    def take(_clerk):
        look()
        return place(last_pieces, customer)

    sold = sum(all_at_once(12, 60, take))
    from_movements, on_level = promised(last_pieces)
    assert sold > PIECES and from_movements == sold != on_level
