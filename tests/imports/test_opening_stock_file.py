"""Opening stock from a spreadsheet: received once, only where nothing moved before."""

from decimal import Decimal

import pytest

from backoffice.scoping import every_business
from inventory.models import StockLevel, StockMovement, Warehouse
from inventory.services.stock import receive_stock
from tests.builders import make_business, make_product
from tests.imports.desk import confirm, counts, csv_bytes, load, reasons, undo

HEADINGS = ["SKU", "Warehouse", "Quantity", "Cost"]


@pytest.fixture(autouse=True)
def everything_holds(in_order):
    pass


@pytest.fixture
def water(shop):
    return make_product(shop, sku="WAT-1", name="Water", stock=0)


@pytest.fixture
def store(shop):
    return Warehouse._base_manager.create(business=shop, name="Store room")


def load_opening(shop, clerk, *rows, headings=HEADINGS):
    return load(shop, csv_bytes(*rows, headings=headings), by=clerk, resource="opening")


def open_all(shop, clerk, *rows):
    job = confirm(load_opening(shop, clerk, *rows))
    assert job.status == "done", job.error
    return job


def movements():
    return list(StockMovement._base_manager.order_by("pk"))


def test_what_is_there_is_received_in_each_warehouse_with_its_cost(shop, clerk, water, store):
    job = load_opening(shop, clerk, ["WAT-1", "", "25", "210"], ["WAT-1", "Store room", "5", "210.00"])
    assert counts(job) == (0, 2, 0, 0)
    assert job.report["sections"]["changed"][0]["changes"] == [
        {"column": "Quantity", "old": "0", "new": "25"},
        {"column": "Cost", "old": "", "new": "210.00"},
    ]
    confirm(job)
    water.refresh_from_db()
    assert (water.stock, water.cost) == (30, Decimal("210.00"))
    first, second = movements()
    assert (first.reason, first.quantity, first.by, first.note) == ("receive", 25, clerk, "import list.csv")
    assert first.reference.startswith("opening:") and first.reference != second.reference
    told = water.history.first()
    assert (told.history_type, told.history_change_reason, told.cost) == (
        "~",
        "import list.csv",
        Decimal("210"),
    )
    assert water.history.count() == 2


def test_the_same_file_again_changes_nothing(shop, clerk, water):
    rows = [["WAT-1", "", "25", "210"]]
    open_all(shop, clerk, *rows)
    assert counts(load_opening(shop, clerk, *rows)) == (0, 0, 1, 0)


def test_after_a_cost_changed_the_same_file_brings_the_cost_and_no_piece(shop, clerk, water):
    rows = [["WAT-1", "", "25", "210"]]
    open_all(shop, clerk, *rows)
    water.refresh_from_db()
    water.cost = Decimal("220")
    water.save()
    open_all(shop, clerk, *rows)
    water.refresh_from_db()
    assert (water.stock, water.cost, len(movements())) == (25, Decimal("210"), 1)


def test_an_empty_or_zero_quantity_opens_nothing(shop, clerk, water):
    make_product(shop, sku="CUP", stock=0)
    assert counts(load_opening(shop, clerk, ["WAT-1", "", "", ""], ["CUP", "", "0", ""])) == (0, 0, 2, 0)


def test_what_is_no_opening_is_refused_in_words(shop, clerk, water, store):
    moved = make_product(shop, sku="CUP", stock=4)
    job = load_opening(
        shop,
        clerk,
        ["CUP", "", "5", ""],
        ["CUP", "Store room", "5", ""],
        ["NEW-1", "", "5", ""],
        ["WAT-1", "", "5", "10"],
        ["WAT-1", "Store room", "5", "11"],
        ["WAT-1", "Moon", "5", ""],
        ["WAT-1", "", "many", ""],
    )
    texts = reasons(job)
    assert texts[2] == {
        "Quantity": [
            "This product has moved in “Main store” already, so it has no opening stock there. "
            "Count it instead."
        ]
    }
    assert 3 not in texts  # nothing moved there
    assert "no product" in texts[4]["SKU"][0]
    assert texts[6] == {"Cost": ["The same product has another cost in this file."]}
    assert "no warehouse" in texts[7]["Warehouse"][0]
    assert texts[8]["Quantity"] == ["“many” is not a number."]
    confirm(job, leave_out=True)
    moved.refresh_from_db()
    assert moved.stock == 9


def test_products_of_another_business_are_out_of_reach(shop, clerk, water):
    other = make_business()
    theirs = make_product(other, sku="THEIRS", stock=0)
    twin = make_product(other, sku="WAT-1", stock=0)
    job = load_opening(shop, clerk, ["THEIRS", "", "5", ""], ["WAT-1", "", "5", "9"])
    assert list(reasons(job)) == [2]
    confirm(job, leave_out=True)
    for product in (theirs, twin):
        product.refresh_from_db()
        assert (product.stock, product.cost) == (0, None)


def test_undo_takes_pieces_and_costs_back_and_the_file_may_open_again(shop, clerk, water, store):
    rows = [["WAT-1", "", "25", "210"], ["WAT-1", "Store room", "5", ""]]
    done = open_all(shop, clerk, *rows)
    assert undo(done).status == "undone"
    water.refresh_from_db()
    assert (water.stock, water.cost) == (0, None)
    assert [level.quantity for level in StockLevel._base_manager.all()] == [0, 0]
    open_all(shop, clerk, *rows)
    water.refresh_from_db()
    assert (water.stock, water.cost) == (30, Decimal("210"))


def test_what_moved_since_keeps_an_opening_from_being_undone(shop, clerk, water):
    done = open_all(shop, clerk, ["WAT-1", "", "25", ""])
    with every_business():
        receive_stock(water, quantity=1, by=clerk)
    job = undo(done)
    assert (job.status, job.report["touched"][0]["what"]) == ("done", str(water))


def test_what_moves_between_preview_and_confirmation_is_looked_at_again(shop, clerk, water):
    job = load_opening(shop, clerk, ["WAT-1", "", "25", ""])
    receive_stock(water, quantity=1, by=None)
    job = confirm(job)
    assert (job.status, counts(job)) == ("ready", (0, 0, 0, 1))
    assert len(movements()) == 1
