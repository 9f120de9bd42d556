"""Stock counts from a spreadsheet, as the button Count stock books them."""

import pytest

from backoffice.scoping import business_scope, every_business
from inventory.models import StockLevel, StockMovement, Warehouse
from inventory.services.stock import count_stock, issue_stock, receive_stock
from tests.builders import make_business, make_order, make_product
from tests.imports.desk import confirm, counts, csv_bytes, fresh, load, reasons, undo, work

HEADINGS = ["SKU", "Warehouse", "Counted", "Note"]


@pytest.fixture(autouse=True)
def everything_holds(in_order):
    pass


@pytest.fixture
def water(shop):
    return make_product(shop, sku="WAT-1", name="Water", stock=10)


@pytest.fixture
def store(shop):
    return Warehouse._base_manager.create(business=shop, name="Store room")


def load_counts(shop, clerk, *rows, headings=HEADINGS):
    return load(shop, csv_bytes(*rows, headings=headings), by=clerk, resource="counts")


def count_all(shop, clerk, *rows, headings=HEADINGS):
    job = confirm(load_counts(shop, clerk, *rows, headings=headings))
    assert job.status == "done", job.error
    return job


def level(product, warehouse="Main store"):
    return StockLevel._base_manager.get(product=product, warehouse__name=warehouse)


def counted_movements():
    return list(
        StockMovement._base_manager.filter(reason="count").order_by("product__sku", "warehouse__name")
    )


def told(movement):
    """What a movement says, without what tells it from others."""
    names = ("business_id", "product_id", "warehouse_id", "reason", "quantity", "reserved", "by_id")
    return {name: getattr(movement, name) for name in names}


def test_differences_become_movements_of_each_warehouse(shop, clerk, water, store):
    receive_stock(water, quantity=5, by=None, warehouse=store)
    job = load_counts(shop, clerk, ["WAT-1", "", "8", "two leak"], ["WAT-1", "store room", "7", ""])
    assert counts(job) == (0, 2, 0, 0)
    first = job.report["sections"]["changed"][0]
    assert first["title"] == "Water · Main store"
    assert first["changes"] == [{"column": "Counted", "old": "10", "new": "8"}]
    confirm(job)
    water.refresh_from_db()
    assert (level(water).quantity, level(water, "Store room").quantity, water.stock) == (8, 7, 15)
    main, other = counted_movements()
    assert (main.quantity, main.note, main.by) == (-2, "two leak · import list.csv", clerk)
    assert (other.quantity, other.note) == (2, "import list.csv")
    assert level(water).last_counted == main.created_at


def test_a_file_books_what_the_button_books(shop, clerk, water, store):
    cup = make_product(shop, sku="CUP", stock=4)
    twin_shop = make_business()
    twins = [make_product(twin_shop, sku="WAT-1", stock=10), make_product(twin_shop, sku="CUP", stock=4)]
    with every_business():
        for twin, found in zip(twins, (12, 4), strict=True):
            count_stock(twin, counted=found, by=clerk)
    by_hand = {each.product.sku: told(each) for each in counted_movements()}
    count_all(shop, clerk, ["WAT-1", "", "12"], ["CUP", "", "4"])
    for product in (water, cup):
        movement = next(each for each in counted_movements() if each.product_id == product.pk)
        other = by_hand[product.sku]
        same = {"product_id": other["product_id"], "warehouse_id": other["warehouse_id"]}
        assert told(movement) | same | {"business_id": other["business_id"]} == other


def test_a_count_that_finds_what_was_expected_is_booked_too(shop, clerk, water):
    job = load_counts(shop, clerk, ["WAT-1", "", "10"])
    assert job.report["sections"]["changed"][0]["changes"] == [
        {"column": "Counted", "old": "10", "new": "10"}
    ]
    confirm(job)
    assert [each.quantity for each in counted_movements()] == [0]
    assert level(water).last_counted


def test_a_product_counted_in_a_warehouse_for_the_first_time_gets_its_level_there(shop, clerk, water, store):
    count_all(shop, clerk, ["WAT-1", "Store room", "3", ""])
    new = level(water, "Store room")
    assert (new.quantity, new.reorder_level) == (3, shop.default_reorder_level)
    assert [(each.history_type, each.history_user) for each in new.history.all()] == [("+", clerk)]


def test_what_nobody_counted_stays_and_inactive_products_may_be_counted(shop, clerk, water):
    water.is_active = False
    water.save()
    make_product(shop, sku="CUP", stock=4)
    job = load_counts(shop, clerk, ["WAT-1", "", "9"], ["CUP", "", ""])
    assert counts(job) == (0, 1, 1, 0)
    confirm(job)
    assert [each.product.sku for each in counted_movements()] == ["WAT-1"]


def test_the_same_file_again_does_nothing_and_counts_nothing_twice(shop, clerk, water):
    rows = [["WAT-1", "", "8", ""]]
    count_all(shop, clerk, *rows)
    assert counts(load_counts(shop, clerk, *rows)) == (0, 0, 1, 0)
    issue_stock(water, quantity=1, by=None)
    job = load_counts(shop, clerk, *rows)
    assert "already counted once" in reasons(job)[2]["Counted"][0]


def test_what_cannot_be_right_is_refused_in_words(shop, clerk, water, store):
    closed = Warehouse._base_manager.create(business=shop, name="Old kiosk", is_active=False)
    with business_scope(shop):
        make_order(shop, [(water, 3)])
    cup = make_product(shop, sku="CUP", stock=4)
    job = load_counts(
        shop,
        clerk,
        ["WAT-1", "", "2", ""],
        ["NEW-1", "", "2", ""],
        ["wat-1", "Store room", "2", ""],
        ["CUP", "Moon", "2", ""],
        ["CUP", closed.name, "2", ""],
        ["CUP", "", "-1", ""],
        ["CUP", "store room", "1", ""],
        ["CUP", "Store room", "1", ""],
        ["", "", "1", ""],
    )
    texts = reasons(job)
    assert texts[2] == {"Counted": ["3 pieces are reserved for orders, so there cannot be fewer."]}
    assert texts[3] == {"SKU": ["There is no product with the SKU “NEW-1”. Add the product first."]}
    assert texts[4] == {"SKU": ["There is a product with the SKU “WAT-1”. Write it the same way."]}
    assert texts[5] == {"Warehouse": ["There is no warehouse “Moon” in this business."]}
    assert texts[6] == {"Warehouse": ["The warehouse “Old kiosk” is closed."]}
    assert texts[7] == {"Counted": ["“-1” is negative."]}
    assert texts[8] == {"SKU": ["The same product and warehouse are also in row 9."]}
    assert texts[10] == {"SKU": ["SKU is missing."]}
    assert counts(job)[3] == 9
    assert level(cup).quantity == 4


def test_products_and_warehouses_of_another_business_are_out_of_reach(shop, clerk, water):
    other = make_business()
    theirs = make_product(other, sku="THEIRS", stock=10)
    make_product(other, sku="WAT-1", stock=10)
    Warehouse._base_manager.create(business=other, name="Their store")
    job = load_counts(
        shop, clerk, ["THEIRS", "", "1", ""], ["WAT-1", "Their store", "1", ""], ["WAT-1", "", "3", ""]
    )
    assert sorted(reasons(job)) == [2, 3]
    confirm(job, leave_out=True)
    assert level(theirs).quantity == 10
    assert [each.product_id for each in counted_movements()] == [water.pk]


def test_undo_reverses_the_counts_and_the_file_may_count_again(shop, clerk, water, store):
    with every_business():
        before = count_stock(water, counted=10, by=None)
    done = count_all(shop, clerk, ["WAT-1", "", "8", ""], ["WAT-1", "Store room", "2", ""])
    assert undo(done).status == "undone"
    water.refresh_from_db()
    assert (water.stock, level(water).quantity, level(water, "Store room").quantity) == (10, 10, 0)
    assert level(water).last_counted == before.created_at
    reversed_by = StockMovement._base_manager.exclude(reverses=None)
    assert sorted(each.quantity for each in reversed_by) == [-2, 2]
    again = count_all(shop, clerk, ["WAT-1", "", "8", ""], ["WAT-1", "Store room", "2", ""])
    assert again.changed_rows == 2 and level(water).quantity == 8


def test_what_moved_since_keeps_a_count_from_being_undone_but_not_elsewhere(shop, clerk, water, store):
    done = count_all(shop, clerk, ["WAT-1", "", "8", ""])
    receive_stock(water, quantity=5, by=None, warehouse=store)
    assert undo(done).status == "undone"
    done = count_all(shop, clerk, ["WAT-1", "", "7", ""])
    issue_stock(water, quantity=1, by=clerk)
    job = undo(done)
    assert (job.status, job.report["touched"][0]["what"]) == ("done", str(water))


def test_what_is_promised_between_preview_and_confirmation_is_looked_at_again(shop, clerk, water):
    job = load_counts(shop, clerk, ["WAT-1", "", "2", ""])
    with business_scope(shop):
        make_order(shop, [(water, 5)])
    job = confirm(job)
    assert (job.status, counts(job)) == ("ready", (0, 0, 0, 1))
    assert not counted_movements()


def test_a_warehouse_that_closes_between_preview_and_confirmation_is_seen(shop, clerk, water, store):
    job = load_counts(shop, clerk, ["WAT-1", "Store room", "2", ""])
    store.is_active = False
    store.save()
    job = work(fresh(confirm(job)))
    assert (job.status, counts(job)) == ("ready", (0, 0, 0, 1))


def test_a_business_without_a_warehouse_is_told_so(clerk, shop):
    Warehouse._base_manager.filter(business=shop).delete()
    make_product(shop, sku="WAT-1", stock=0)
    job = load_counts(shop, clerk, ["WAT-1", "3"], headings=["SKU", "Counted"])
    assert "has no warehouse yet" in str(reasons(job)[2])
