"""Set by set or row by row: one file gives the same data, the same history and the same movements."""

from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backoffice.roles import STAFF
from backoffice.scoping import business_scope
from inventory.models import Category, Product, StockLevel, StockMovement, Warehouse
from inventory.services.stock import receive_stock, reserve_stock
from tests.builders import make_business, make_category, make_product, make_user
from tests.imports.desk import choose, confirm, csv_bytes, load, reasons
from tests.imports.rowwise import import_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_order")]
KEYS = {"id", "product", "category", "warehouse", "business", "by", "reverses", "parent", "image"}
TIMES = {"created_at", "updated_at", "last_counted", "history_date"}
GOOD = {
    "SKU": st.sampled_from(["A-1", "A-2", "B 1", "C.1", "NEW-1", "NEW-2", "N 3", "n-4", "x_5", "Ü-6"]),
    "Name": st.sampled_from(["Cup", "Cup 1", "Tea, green", "=1+1", "Ä\u200bb", "a b", "12", "x" * 255]),
    "Category": st.sampled_from(["Food", "food", "Food > Tea", "FOOD>tea > Green", "New", "new>Er"]),
    "Price": st.sampled_from(["100", "100.00", "5", "0", "1,234.50", "9999999999.99", "KES 7"]),
    "Cost": st.sampled_from(["", "1.5", "80", "0"]),
    "Barcode": st.sampled_from(["", "123456", "0061234567890"]),
    "Reorder level": st.sampled_from(["", "0", "5", "7", "1000000"]),
    "Stock": st.sampled_from(["", "0", "4", "7", "10", "14", "250"]),
    "Active": st.sampled_from(["", "TRUE", "no", "1"]),
    "Description": st.sampled_from(["", "Blue", "two\nlines", "'=odd"]),
    "Slug": st.sampled_from(["", "", "", "tea", "mine-1", "mine-2"]),
}
BAD = {
    "SKU": ["", "a-1", "new-1", "!", "s" * 65],
    "Name": ["", "n" * 256],
    "Category": ["", ">", "c" * 201],
    "Price": ["", "-1", "abc", "1.234", "10000000000", "GHS 5"],
    "Cost": ["-1", "free"],
    "Barcode": ["12", "code", "1" * 33],
    "Reorder level": ["-1", "1.5", "1000001"],
    "Stock": ["-1", "2", "x", "1000001"],
    "Active": ["perhaps"],
    "Description": [],
    "Slug": ["no spaces!", "taken"],
}


def cell(heading):
    bad = BAD[heading]
    return st.one_of(*[GOOD[heading]] * 6, st.sampled_from(bad)) if bad else GOOD[heading]


@st.composite
def files(draw):
    """A file: all columns or some of them, up to twelve rows, most of which can be imported."""
    optional = draw(st.sets(st.sampled_from([*GOOD][1:]))) if draw(st.booleans()) else [*GOOD][1:]
    headings = [each for each in GOOD if each == "SKU" or each in optional]
    row = st.tuples(*map(cell, headings)).filter(any)
    rows = draw(st.lists(row, min_size=1, max_size=12))
    return headings, [list(row) for row in rows]


def furnish(business):
    """The catalogue before the file: plain, reserved, in two warehouses, never counted."""
    food, tea = make_category(business, "Food"), make_category(business, "Food > Tea")
    second = Warehouse._base_manager.create(business=business, name="Second")
    make_product(business, sku="A-1", name="Cup", category=food, stock=10, cost=Decimal("80"))
    reserved = make_product(business, sku="A-2", name="Tea, green", category=tea, stock=10, barcode="123456")
    reserve_stock(reserved, quantity=4, by=None)
    spread = make_product(business, sku="B 1", name="=1+1", category=tea, stock=4, description="Blue")
    receive_stock(spread, quantity=10, warehouse=second, by=None)
    make_product(business, sku="C.1", name="a b", category=food, stock=0, slug="taken", is_active=False)


def told(row):
    """A row without its keys and its times."""
    names = [f.name for f in row._meta.concrete_fields if f.name not in KEYS | TIMES | {"history_id"}]
    return {name: getattr(row, name) for name in names}


def everything(business, since):
    """What a business says, row for row, with all history and movements that are younger than `since`."""
    past = {"business": business, "history_date__gt": since}
    return {
        "products": [
            (each.category.path, told(each))
            for each in Product._base_manager.filter(business=business)
            .select_related("category")
            .order_by("sku")
        ],
        "categories": [told(c) for c in Category._base_manager.filter(business=business).order_by("path")],
        "levels": [
            (each.product.sku, each.warehouse.name, each.last_counted is not None, told(each))
            for each in StockLevel._base_manager.filter(business=business)
            .select_related("product", "warehouse")
            .order_by("product__sku", "warehouse__name")
        ],
        "movements": [
            (each.product.sku, each.warehouse.name, each.by, told(each))
            for each in StockMovement._base_manager.filter(business=business, created_at__gt=since)
            .select_related("product", "warehouse", "by")
            .order_by("product__sku")
        ],
        "past products": [
            (each.category.path, told(each))
            for each in Product.history.filter(**past).order_by("sku", "history_id")
        ],
        "past levels": [
            (each.product.sku, told(each))
            for each in StockLevel.history.filter(**past).order_by("product__sku", "history_id")
        ],
        "past categories": [told(each) for each in Category.history.filter(**past).order_by("slug")],
    }


def same_in_both(headings, rows):
    """Import a file here with the engine and there row by row; return both, and what either refused."""
    here, there = make_business(), make_business()
    clerk = make_user((here, STAFF), (there, STAFF))
    furnish(here)
    furnish(there)
    since = timezone.now()
    columns = [each.lower().replace(" ", "_").replace("active", "is_active") for each in headings]
    job = load(here, csv_bytes(*rows, headings=headings), by=clerk)
    if job.status == "columns":
        job = choose(job, columns)
    assert job.status == "ready", job.error
    if job.new_rows + job.changed_rows:
        job = confirm(job, leave_out=True)
        assert job.status == "done", job.error
    by_number = {
        number: dict(zip(headings, row, strict=True)) for number, row in enumerate(rows, start=2) if any(row)
    }
    told = {"reason": "import list.csv", "reference": f"import:{job.sha256[:16]}:"}
    with business_scope(there):
        refused = import_rows(there, by_number, by=clerk, **told)
    return (set(reasons(job)), everything(here, since)), (refused, everything(there, since)), job


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(file=files())
@example((["SKU", "Name", "Category", "Price"], [["NEW-1", "Cup", "New > Er", "5"], ["N", "x", "Gone", "x"]]))
@example((["SKU", "Price"], [["A-1", "100"], ["A-2", "5"], ["C.1", "abc"], ["NEW-1", "5"]]))
@example((["SKU", "Stock"], [["A-2", "4"], ["B 1", "250"], ["C.1", "7"], ["A-1", "10"]]))
def test_a_file_does_what_its_rows_do_one_by_one(file):
    headings, rows = file
    (refused, engine), (refused_by_rows, rowwise), job = same_in_both(headings, rows)
    assert refused == refused_by_rows, (reasons(job), rows)
    for what in engine:
        assert engine[what] == rowwise[what], what
