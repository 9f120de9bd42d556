"""What an export of products says is imported as "nothing changed", whatever the products say."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backoffice.errors import RuleBroken
from backoffice.scoping import business_scope
from backoffice.spreadsheets.writing import csv_pieces, xlsx_pieces
from inventory.exports import ProductListing
from inventory.models import Product, StockLevel, Warehouse
from inventory.services.levels import set_reorder_level
from inventory.services.stock import receive_stock, reserve_stock
from tests.builders import make_business, make_category, make_product
from tests.imports.desk import changes, confirm, counts, load, load_all, load_fixture, office, reasons

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_order")]
STARTS = ["=", "+", "-", "@", "'", "''", "'=", "''=", "＝", "﹢", "\u200b="]
STARTS += ['"', "\n", "\t", "\r", ",", ";", " "]
ODD = [
    "#N/A",
    "TRUE",
    "1e5",
    "007",
    "12",
    "1,5",
    "1.0",
    "NULL",
    "\\N",
    "\\.",
    "_x000D_",
    "_x005F_",
    '"; =1+1',
]
ODD += ["a\r\nb\r\n=c", "a\rb", " a ", "\u00a0a", "\x01\x1fa", "Ä\u0308🧃", "\x85", "\ufeff=1", "\uffff"]
plain = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
tricky = st.one_of(plain, st.builds(str.__add__, st.sampled_from(STARTS), plain), st.sampled_from(ODD))
long = st.sampled_from(["x" * 255, "=" * 255, "ä" * 255, " " + "y" * 254])
money = st.decimals(0, Decimal("9999999999.99"), places=2)
products = st.fixed_dictionaries(
    {
        "name": st.one_of(tricky, long),
        "description": st.one_of(tricky, st.sampled_from(["z" * 40_000, "line\n" * 3000])),
        "price": money,
        "cost": st.one_of(st.none(), money),
        "barcode": st.sampled_from(["", "0061234567890", "123456"]),
        "is_active": st.booleans(),
    }
)


def export(shop, file_format):
    """Return the bytes that the list of products sends."""
    listing = ProductListing([shop])
    with business_scope(shop):
        rows = list(listing.rows(Product.objects.order_by("sku")))
    pieces = csv_pieces(listing.headings, rows)
    if file_format == "xlsx":
        pieces = xlsx_pieces(listing.headings, rows, title="Products")
    return b"".join(pieces)


def comes_back(shop, clerk, file_format):
    """Import the export; the catalogue has to be what the file says, and stay as it is."""
    before = office()
    job = load(shop, export(shop, file_format), by=clerk)
    told = (reasons(job), changes(job)) if job.status == "ready" else job.error
    assert counts(job) == (0, 0, Product._base_manager.filter(business=shop).count(), 0), told
    with pytest.raises(RuleBroken, match="changes nothing"):
        confirm(job)
    assert office() == before


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=st.lists(products, min_size=1, max_size=8))
@example(rows=[{"name": name, "description": name} for name in ODD])
@example(rows=[{"name": f"{start}1+1", "description": f"{start}cmd|' /C calc'!A0"} for start in STARTS])
def test_an_export_imports_again_as_nothing_changed(shop, clerk, file_format, rows):
    category = make_category(shop, "Groceries > Snacks")
    for n, values in enumerate(rows):
        product = Product._base_manager.filter(business=shop, sku=f"S-{n}").first()
        product = product or make_product(shop, sku=f"S-{n}", category=category, stock=0)
        for name, value in values.items():
            setattr(product, name, value)
        product.save()
    comes_back(shop, clerk, file_format)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_a_whole_catalogue_comes_back_unchanged_and_leaves_no_trace(shop, clerk, file_format):
    confirm(load_fixture(shop, "products.csv", by=clerk))
    second = Warehouse._base_manager.create(business=shop, name="Second")
    for n, sku in enumerate(["007", "1e5", "A-1", "old sku!", "Ü", "TRUE"]):
        made = make_product(shop, sku=sku, name=str(n), stock=n, price=Decimal(n) / 4)
        receive_stock(made, quantity=4, warehouse=second, by=None)
        reserve_stock(made, quantity=1, warehouse=second, by=None)
    level = StockLevel._base_manager.get(product__sku="Ü", warehouse__name="Main store")
    set_reorder_level(level, reorder_level=77, by=None)
    comes_back(shop, clerk, file_format)


def test_what_was_exported_fills_an_empty_business_with_the_same(shop, clerk):
    confirm(load_fixture(shop, "products.csv", by=clerk))
    other = make_business()
    file = export(shop, "xlsx")
    job = load_all(other, file, by=None)
    assert counts(job) == (20, 0, 0, 0)
    assert export(other, "csv") == export(shop, "csv")


def test_without_forgiveness_for_spaces_they_are_a_change(shop, clerk, monkeypatch):
    """The control."""
    make_product(shop, sku="A", name=" Cup ", stock=0)
    monkeypatch.setattr("backoffice.imports.engine.plan.Plan.forgive_spelling", lambda self: None)
    assert counts(load(shop, export(shop, "csv"), by=clerk)) == (0, 1, 0, 0)


def test_the_number_of_queries_does_not_grow_with_the_rows(shop, clerk):
    asked = []
    for many in (2, 40):
        for n in range(many):
            make_product(shop, sku=f"S-{many}-{n}", name=f" {n} ", barcode="12", stock=0)
        with CaptureQueriesContext(connection) as queries:
            load(shop, export(shop, "csv"), by=clerk)
        asked.append(len(queries))
    assert asked[0] == asked[1]
