"""Stock in a file is a count: it becomes movements, never an overwritten number."""

import pytest

from inventory.models import MovementReason, Product, StockLevel, StockMovement, Warehouse
from inventory.services.stock import receive_stock, reserve_stock
from tests.builders import make_product
from tests.imports.desk import confirm, counts, csv_bytes, load, load_all, reasons

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_order")]
HEADS = ["SKU", "Name", "Category", "Price"]


def product(sku):
    return Product._base_manager.get(sku=sku)


def level(sku):
    return StockLevel._base_manager.get(product__sku=sku)


def a_count(**counted):
    return csv_bytes(*[[sku, str(pieces)] for sku, pieces in counted.items()], headings=["SKU", "Stock"])


def test_a_difference_is_booked_as_a_count_and_no_difference_as_nothing(shop, clerk):
    make_product(shop, sku="A", stock=10)
    make_product(shop, sku="B", stock=4)
    job = load_all(shop, a_count(A=7, B=4), by=clerk)
    assert counts(job) == (0, 1, 1, 0)
    _received, counted = StockMovement._base_manager.filter(product__sku="A").order_by("id")
    assert (counted.reason, counted.quantity, counted.by) == (MovementReason.COUNT, -3, clerk)
    assert counted.reference == f"import:{job.sha256[:16]}:A"
    assert counted.note == "import list.csv"
    assert (level("A").quantity, level("A").last_counted) == (7, counted.created_at)
    assert product("A").stock == 7
    assert StockMovement._base_manager.filter(product__sku="B").count() == 1
    assert product("A").history.count() == 1, "stock is no change of the product itself"


def test_a_new_product_arrives_with_a_counted_movement_and_its_reorder_level(shop, clerk):
    headings = [*HEADS, "Stock", "Reorder level"]
    load_all(shop, csv_bytes(["A", "Cup", "Kitchen", "20", "12", "3"], headings=headings), by=clerk)
    [movement] = StockMovement._base_manager.filter(product__sku="A")
    assert (movement.reason, movement.quantity) == (MovementReason.COUNT, 12)
    here = level("A")
    assert (here.quantity, here.reorder_level, here.warehouse.is_default) == (12, 3, True)
    assert here.history.count() == 1


def test_a_changed_reorder_level_leaves_one_history_row_and_an_unchanged_one_none(shop, clerk):
    make_product(shop, sku="A", stock=1)
    make_product(shop, sku="B", stock=1)
    load_all(shop, csv_bytes(["A", "9"], ["B", "5"], headings=["SKU", "Reorder level"]), by=clerk)
    rows = level("A").history.order_by("history_id")
    assert [row.reorder_level for row in rows] == [5, 9]
    assert (rows.last().history_user, rows.last().history_change_reason) == (clerk, "import list.csv")
    assert level("B").history.count() == 1
    assert product("A").history.count() == 1


def test_fewer_pieces_than_are_reserved_are_refused(shop, clerk):
    reserve_stock(make_product(shop, sku="A", stock=10), quantity=4, by=None)
    job = load(shop, a_count(A=3), by=clerk)
    assert reasons(job) == {2: {"Stock": ["4 pieces are reserved for orders, so there cannot be fewer."]}}


def test_the_same_file_counts_only_once(shop, clerk):
    """Sold since, or miscounted: the file from yesterday is no count of today."""
    file = a_count(A=10)
    made = make_product(shop, sku="A", stock=7)
    load_all(shop, file, by=clerk)
    reserve_stock(made, quantity=2, by=None)
    load_all(shop, a_count(A=8), by=clerk)
    job = load(shop, file, by=clerk)
    assert reasons(job)[2]["Stock"][0].startswith("This file was already counted once.")


def test_a_count_is_of_all_warehouses_and_the_difference_lies_in_the_first(shop, clerk):
    made = make_product(shop, sku="A", stock=10)
    second = Warehouse._base_manager.create(business=shop, name="Second")
    receive_stock(made, quantity=4, warehouse=second, by=None)
    load_all(shop, a_count(A=12), by=clerk)
    levels = StockLevel._base_manager.filter(product=made)
    assert dict(levels.values_list("warehouse__name", "quantity")) == {"Main store": 8, "Second": 4}
    job = load(shop, a_count(A=3), by=clerk)
    assert reasons(job)[2]["Stock"] == ["4 pieces lie in other warehouses, so there cannot be fewer."]


@pytest.mark.parametrize("where", ["Main store", "Second"])
def test_a_delivery_after_the_preview_sends_the_count_back_for_another_look(shop, clerk, where):
    made = make_product(shop, sku="A", stock=10)
    Warehouse._base_manager.create(business=shop, name="Second")
    job = load(shop, a_count(A=7), by=clerk)
    there = Warehouse._base_manager.get(business=shop, name=where)
    receive_stock(made, quantity=3, warehouse=there, by=None)
    job = confirm(job)
    assert (job.status, product("A").stock) == ("ready", 13)
    assert job.error.startswith("Some rows were changed since the preview")
    confirm(job)
    assert product("A").stock == 7


def test_a_business_without_a_warehouse_may_import_all_but_stock(shop, clerk):
    warehouse = Warehouse._base_manager.get(business=shop)
    warehouse.is_active = False
    warehouse.save()
    load_all(shop, csv_bytes(["A", "a", "X", "1"]), by=clerk)
    job = load(shop, a_count(A=4), by=clerk)
    assert (job.status, "Duka Bora has no warehouse yet." in job.error) == ("refused", True)
