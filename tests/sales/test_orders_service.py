"""Orders placed and edited through the services: every rule and every refusal."""

from decimal import Decimal

import pytest
from django.db.models import Sum

from backoffice.errors import RuleBroken
from backoffice.scoping import business_scope
from inventory.models import StockLevel, StockMovement, Warehouse
from inventory.services.prices import change_price
from sales.models import Order, OrderItem
from sales.services.items import change_items
from sales.services.orders import (
    cancel_order,
    confirm_order,
    create_order,
    edit_order,
    pay_order,
    place_order,
)
from tests.builders import make_business, make_customer, make_order, make_product

pytestmark = pytest.mark.django_db


def on_hand(product):
    level = StockLevel._base_manager.get(product=product)
    return level.quantity, level.reserved


def item_of(order, product=None):
    items = order.items.filter(product=product) if product else order.items.all()
    return items.get()


def sum_of_items(order):
    return order.items.aggregate(total=Sum("subtotal"))["total"]


# Placing


def test_placing_an_order_reserves_the_stock_and_adds_up_the_total(business, clerk):
    soap = make_product(business, price=Decimal("124.99"))
    rice = make_product(business, price=Decimal("0.01"))
    order = make_order(business, [(soap, 2), (rice, 3)], by=clerk)
    assert order.total_amount == Decimal("250.01") == sum_of_items(order)
    assert (on_hand(soap), on_hand(rice)) == ((10, 2), (10, 3))
    assert order.history.latest().history_user == clerk


def test_numbers_count_up_in_each_business_and_a_refused_order_takes_none(business, clerk):
    other = make_business(code="L")
    first = make_order(business, by=clerk)
    with pytest.raises(RuleBroken):
        make_order(business, [(make_product(business, stock=1), 2)], by=clerk)
    assert [first.number, make_order(business).number] == ["R-0001", "R-0002"]
    with business_scope(business, other):
        assert make_order(other).number == "L-0001"


def test_the_price_is_the_products_own_at_that_moment(business, clerk):
    product = make_product(business, price=Decimal("100"))
    order = make_order(business, [(product, 1)])
    change_price(product, price=Decimal("150"), by=clerk, reason="new list")
    assert item_of(order).unit_price == Decimal("100")
    product.refresh_from_db()
    assert item_of(make_order(business, [(product, 1)])).unit_price == Decimal("150")


def test_an_order_is_sent_from_the_default_warehouse_unless_it_says_otherwise(business):
    van = Warehouse.objects.create(business=business, name="Van")
    product = make_product(business)
    assert make_order(business, [(product, 1)]).warehouse.is_default
    with pytest.raises(RuleBroken, match="Only 0 of .* available in Van; 1 wanted"):
        make_order(business, [(product, 1)], warehouse=van)


def theirs(business):
    other = make_business("Neighbour")
    with business_scope(business, other):
        return make_product(other)


def dear(business):
    return make_product(business, price=Decimal("9999999999.99"))


def twice(business):
    product = make_product(business)
    return [(product, 1), (product, 1)]


REFUSED_LINES = {
    "none": (lambda business: [], "needs at least one item"),
    "theirs": (lambda business: [(theirs(business), 1)], "belongs to another business"),
    "not sold": (lambda business: [(make_product(business, is_active=False), 1)], "not sold any more"),
    "short": (lambda business: [(make_product(business, stock=3), 4)], "Only 3 of .*; 4 wanted"),
    "zero": (lambda business: [(make_product(business), 0)], "from 1 to 1000000"),
    "huge": (lambda business: [(make_product(business), 2_000_000_000)], "Only 10 of .*; 2000000000 wanted"),
    "twice": (twice, "is already on the order"),
    "a line too dear": (lambda business: [(dear(business), 2)], "total of an order cannot exceed"),
    "a sum too dear": (lambda business: [(dear(business), 1), (dear(business), 1)], "cannot exceed"),
}


@pytest.mark.parametrize("case", REFUSED_LINES)
def test_an_order_that_cannot_be_is_refused_as_a_whole(business, clerk, case):
    lines, why = REFUSED_LINES[case]
    lines = lines(business)
    with pytest.raises(RuleBroken, match=why):
        place_order(business, customer=make_customer(), lines=lines, by=clerk)
    assert not Order._base_manager.exists() and not OrderItem._base_manager.exists()
    assert not StockMovement._base_manager.filter(reason="reserve").exists()


def test_a_refusal_names_every_line_that_is_short(business):
    few, fewer, enough = (make_product(business, stock=stock) for stock in (2, 1, 9))
    with pytest.raises(RuleBroken) as refusal:
        make_order(business, [(few, 3), (enough, 3), (fewer, 3)])
    assert set(refusal.value.parts) == {few.pk, fewer.pk}
    assert "Only 2 of" in refusal.value.parts[few.pk]


def test_who_or_where_must_be_in_use(business, clerk):
    product = make_product(business)
    with pytest.raises(RuleBroken, match="is no longer a customer"):
        make_order(business, [(product, 1)], customer=make_customer(is_active=False))
    other = make_business()
    elsewhere = Warehouse._base_manager.get(business=other)
    with pytest.raises(RuleBroken, match="does not send from"):
        make_order(business, [(product, 1)], warehouse=elsewhere)
    Warehouse.objects.update(is_active=False, is_default=False)
    with pytest.raises(RuleBroken, match="has no warehouse yet"):
        make_order(business, [(product, 1)])


def test_an_order_is_never_saved_without_items(business, clerk):
    order = create_order(Order(business=business, customer=make_customer()), by=clerk)
    with pytest.raises(RuleBroken, match="at least one item"):
        change_items(order, by=clerk)


# Editing


def test_items_change_with_their_reservations_and_the_total(business, clerk):
    kept, dropped, added = (make_product(business, price=Decimal(10)) for _ in range(3))
    order = make_order(business, [(kept, 2), (dropped, 4)], by=clerk)
    line = item_of(order, kept)
    line.quantity = 5
    new = OrderItem(order=order, product=added, quantity=1)
    order = change_items(order, by=clerk, save=[line, new], remove=[item_of(order, dropped)])
    assert order.total_amount == Decimal(60) == sum_of_items(order)
    assert [on_hand(each) for each in (kept, dropped, added)] == [(10, 5), (10, 0), (10, 1)]
    assert OrderItem.history.filter(history_type="-").get().history_user == clerk


def test_another_product_on_a_line_takes_its_own_price(business, clerk):
    cheap, dear = make_product(business, price=Decimal(5)), make_product(business, price=Decimal(50))
    order = make_order(business, [(cheap, 2)], by=clerk)
    line = item_of(order)
    line.product = dear
    assert change_items(order, by=clerk, save=[line]).total_amount == Decimal(100)
    assert (on_hand(cheap), on_hand(dear)) == ((10, 0), (10, 2))


def test_the_price_of_a_line_stays_when_only_its_quantity_changes(business, clerk):
    product = make_product(business, price=Decimal(5))
    order = make_order(business, [(product, 1)], by=clerk)
    change_price(product, price=Decimal(9), by=clerk, reason="new list")
    line = OrderItem.objects.select_related("product").get(order=order)
    line.quantity = 3
    assert change_items(order, by=clerk, save=[line]).total_amount == Decimal(15)


def test_a_line_that_was_sent_as_it_is_leaves_no_trace(business, clerk):
    order = make_order(business, by=clerk)
    history = OrderItem.history.count(), order.history.count(), StockMovement.objects.count()
    change_items(order, by=clerk, save=[item_of(order)])
    assert history == (OrderItem.history.count(), order.history.count(), StockMovement.objects.count())


def test_the_last_item_cannot_be_removed(business, clerk):
    order = make_order(business, by=clerk)
    with pytest.raises(RuleBroken, match="at least one item"):
        change_items(order, by=clerk, remove=[item_of(order)])
    assert sum_of_items(order) == order.total_amount


@pytest.mark.parametrize("move", [confirm_order, pay_order, cancel_order])
def test_items_change_only_while_the_order_is_pending(business, clerk, move):
    order = make_order(business, by=clerk)
    move(order, by=clerk)
    line = item_of(order)
    line.quantity = 1
    for change in ({"save": [line]}, {"remove": [line]}):
        with pytest.raises(RuleBroken, match="its items cannot change"):
            change_items(order, by=clerk, **change)
    with pytest.raises(RuleBroken, match="cannot change"):
        edit_order(order, by=clerk, customer=make_customer())
    assert item_of(order).quantity == 2


def test_the_note_may_change_at_any_time(business, clerk):
    order = make_order(business, by=clerk)
    confirm_order(order, by=clerk)
    assert edit_order(order, by=clerk, note="Leave it at the gate").note == "Leave it at the gate"
    assert order.history.latest().history_user == clerk
