"""An order from hand to hand: what each move does, and which are refused."""

import pytest

from backoffice.errors import RuleBroken
from inventory.models import StockLevel, StockMovement
from sales.services.orders import (
    cancel_order,
    confirm_order,
    deliver_order,
    pay_order,
    ship_order,
)
from tests.builders import make_order, make_product

pytestmark = pytest.mark.django_db


def on_hand(product):
    level = StockLevel._base_manager.get(product=product)
    return level.quantity, level.reserved


def item_of(order, product=None):
    items = order.items.filter(product=product) if product else order.items.all()
    return items.get()


def test_shipping_takes_the_goods_off_the_shelf(business, clerk):
    product = make_product(business)
    order = make_order(business, [(product, 4)], by=clerk)
    pay_order(order, by=None, reason="cash")
    ship_order(order, by=clerk)
    order = deliver_order(order, by=clerk)
    product.refresh_from_db()
    assert on_hand(product) == (6, 0) and product.stock == 6
    assert order.shipped_at and order.delivered_at
    moves = [(row.status, row.history_user) for row in order.history.order_by("history_id")][-3:]
    assert moves == [("paid", None), ("shipped", clerk), ("delivered", clerk)]


@pytest.mark.parametrize("before", [None, confirm_order, pay_order])
def test_cancelling_before_shipping_frees_what_was_reserved(business, clerk, before):
    product = make_product(business)
    order = make_order(business, [(product, 4)], by=clerk)
    if before:
        before(order, by=clerk)
    order = cancel_order(order, by=clerk, reason="changed her mind")
    assert on_hand(product) == (10, 0)
    assert order.status == "cancelled" and order.cancelled_at
    assert order.history.latest().history_change_reason == "changed her mind"


def test_cancelling_after_shipping_restocks_the_lines_that_came_back(business, clerk):
    back, broken = make_product(business), make_product(business)
    order = make_order(business, [(back, 3), (broken, 2)], by=clerk)
    confirm_order(order, by=clerk)
    ship_order(order, by=clerk)
    with pytest.raises(RuleBroken, match="say which goods came back"):
        cancel_order(order, by=clerk, reason="not at home")
    cancel_order(order, by=clerk, reason="not at home", restock={item_of(order, back).pk})
    assert (on_hand(back), on_hand(broken)) == ((10, 0), (8, 0))


STORIES = {
    "pending": [],
    "confirmed": [confirm_order],
    "paid": [pay_order],
    "shipped": [pay_order, ship_order],
    "delivered": [pay_order, ship_order, deliver_order],
    "cancelled": [cancel_order],
}
ALLOWED = {
    "pending": {confirm_order, pay_order, cancel_order},
    "confirmed": {pay_order, ship_order, cancel_order},
    "paid": {ship_order, cancel_order},
    "shipped": {deliver_order, cancel_order},
    "delivered": set(),
    "cancelled": set(),
}


@pytest.mark.parametrize("status", STORIES)
@pytest.mark.parametrize("move", [confirm_order, pay_order, ship_order, deliver_order, cancel_order])
def test_only_the_moves_of_the_table_are_possible(business, clerk, status, move):
    order = make_order(business, by=clerk)
    for step in STORIES[status]:
        order = step(order, by=clerk)
    extra = {"restock": set()} if move is cancel_order else {}
    if move in ALLOWED[status]:
        assert move(order, by=clerk, **extra).status != status
        return
    before = StockMovement.objects.count()
    with pytest.raises(RuleBroken, match=f"{order} is {status}; it cannot become"):
        move(order, by=clerk, **extra)
    order.refresh_from_db()
    assert order.status == status and StockMovement.objects.count() == before
