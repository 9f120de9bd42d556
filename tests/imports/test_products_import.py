"""A supplier's spreadsheet becomes products: the preview writes nothing, the confirmation what it said."""

from decimal import Decimal

import pytest

from inventory.models import Product
from tests.builders import make_category, make_product
from tests.imports.desk import (
    changes,
    confirm,
    counts,
    csv_bytes,
    load,
    load_all,
    load_fixture,
    office,
    reasons,
    xlsx_bytes,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_order")]
HEADS = ["SKU", "Name", "Category", "Price"]


def product(sku):
    return Product._base_manager.get(sku=sku)


def history(sku):
    return list(product(sku).history.order_by("history_id"))


@pytest.mark.parametrize("name", ["products.xlsx", "products.csv"])
def test_a_suppliers_list_is_previewed_confirmed_and_then_unchanged(shop, clerk, name):
    before = office()
    job = load_fixture(shop, name, by=clerk)
    assert (job.status, counts(job)) == ("ready", (20, 0, 0, 0))
    assert office() == before

    assert confirm(job).status == "done"
    crisps = product("SNK-CRI-030")
    assert (crisps.business, crisps.price, crisps.cost) == (shop, Decimal("50.00"), Decimal("36.00"))
    assert (crisps.category.path, crisps.barcode) == ("Groceries > Snacks", "6162832246569")
    assert (crisps.stock, crisps.in_stock, crisps.is_active) == (120, True, True)
    assert product("GAS-HOT-2KG").is_active is False
    [row] = history("SNK-CRI-030")
    assert (row.history_type, row.history_user, row.history_change_reason) == ("+", clerk, f"import {name}")

    after = office()
    again = load_fixture(shop, name, by=clerk)
    assert counts(again) == (0, 0, 20, 0)
    assert office() == after


def test_the_names_of_other_systems_are_understood(shop, clerk):
    job = load_fixture(shop, "products_seed_names.csv", by=clerk)
    assert counts(job) == (8, 0, 0, 0)
    confirm(job)
    assert product("SAU-COC-400").slug == "coconut-milk-400-ml"


def test_headings_may_be_written_in_any_way_and_unknown_ones_are_named(shop, clerk):
    headings = [" sku ", "PRODUCT NAME", "Category-Name", "Unit price (KES)", "Quantity", "Colour", "id"]
    job = load(shop, csv_bytes(["A-1", "Cup", "Kitchen", "20", "5", "red", "1"], headings=headings), by=clerk)
    assert counts(job) == (1, 0, 0, 0)
    assert job.report["ignored"] == ["Colour", "id"]
    confirm(job)
    assert product("A-1").stock == 5


def test_each_really_changed_product_has_one_history_row_and_the_others_none(shop, clerk):
    food = make_category(shop, "Food")
    make_product(shop, sku="SAME", name="Same", category=food, stock=0)
    make_product(shop, sku="DEARER", name="Dearer", category=food, stock=0)
    file = csv_bytes(["SAME", "Same", "Food", "100"], ["DEARER", "Dearer now", "Food", "120.5"])
    assert counts(load_all(shop, file, by=clerk)) == (0, 1, 1, 0)
    assert len(history("SAME")) == 1
    first, second = history("DEARER")
    assert (first.price, second.price, second.name) == (100, Decimal("120.50"), "Dearer now")
    assert (second.history_type, second.history_user) == ("~", clerk)
    assert second.history_change_reason == "import list.csv"


def test_the_preview_shows_old_and_new_side_by_side(shop, clerk):
    make_product(shop, sku="A", name="Cup", category=make_category(shop, "Kitchen"), stock=3)
    job = load(shop, csv_bytes(["A", "Cup", "Kitchen", "120", "7"], headings=[*HEADS, "Stock"]), by=clerk)
    assert changes(job) == {2: {"Price": ("100.00", "120.00"), "Stock": ("3", "7")}}
    [row] = job.report["sections"]["changed"]
    assert (row["key"], row["title"]) == ("A", "Cup")


def test_a_price_list_may_leave_out_what_does_not_change(shop, clerk):
    make_product(shop, sku="A", name="Cup", description="Blue", barcode="123456")
    load_all(shop, csv_bytes(["A", "130"], headings=["SKU", "Price"]), by=clerk)
    cup = product("A")
    assert (cup.price, cup.name, cup.description, cup.barcode) == (130, "Cup", "Blue", "123456")


def test_a_new_row_of_a_price_list_is_refused_and_told_what_it_lacks(shop, clerk):
    make_product(shop, sku="A")
    job = load(shop, csv_bytes(["A", "130"], ["B", "1"], headings=["SKU", "Price"]), by=clerk)
    reason = "This row is new, and the file has no column “Name”, “Category”."
    assert (counts(job), reasons(job)) == ((0, 1, 0, 1), {3: {"SKU": [reason]}})


def test_an_empty_cell_clears_what_may_be_empty_and_leaves_stock_level_and_active(shop, clerk):
    make_product(shop, sku="A", stock=4, cost=9, barcode="123456", is_active=False, description="Blue")
    headings = ["SKU", "Cost", "Barcode", "Description", "Stock", "Reorder level", "Active", "Slug"]
    slug = product("A").slug
    load_all(shop, csv_bytes(["A", "", "", "", "", "", "", ""], headings=headings), by=clerk)
    cup = product("A")
    assert (cup.cost, cup.barcode, cup.description) == (None, "", "")
    assert (cup.stock, cup.is_active, cup.slug) == (4, False, slug)


def test_numbers_typed_into_excel_are_read_as_a_person_reads_them(shop, clerk):
    headings = [*HEADS, "Barcode", "Cost", "Stock", "Active"]
    row = [12345, "Cup", "Kitchen", 178.10, 6165242749873, 12, 5.0, True]
    load_all(shop, xlsx_bytes(row, headings=headings), by=clerk)
    cup = product("12345")
    assert (cup.price, cup.barcode, cup.cost) == (Decimal("178.10"), "6165242749873", Decimal("12.00"))
    assert (cup.stock, cup.is_active) == (5, True)


def test_row_numbers_are_those_of_the_spreadsheet(shop, clerk):
    empty = [None] * 4
    job = load(shop, xlsx_bytes(["A", "a", "X", 1], empty, empty, ["B", "b", "X", "abc"]), by=clerk)
    assert set(reasons(job)) == {5}


def test_only_the_first_rows_of_each_kind_are_told_and_all_are_counted(shop, clerk):
    rows = [[f"S-{n}", f"Name {n}", "X", "abc" if n % 2 else "1"] for n in range(500)]
    job = load(shop, csv_bytes(*rows), by=clerk)
    assert counts(job) == (250, 0, 0, 250)
    assert [len(job.report["sections"][kind]) for kind in ("new", "refused")] == [50, 50]


def test_who_imports_what_is_there_already_has_nothing_to_confirm(shop, clerk):
    make_product(shop, sku="A", stock=0)
    job = load(shop, csv_bytes(["A", "100"], headings=["SKU", "Price"]), by=clerk)
    with pytest.raises(Exception, match="changes nothing"):
        confirm(job)
