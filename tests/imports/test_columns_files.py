"""Files as they come from people: read by their content, their columns found or asked for."""

import codecs
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from backoffice.errors import RuleBroken
from backoffice.imports.services.jobs import ask_columns, open_job
from inventory.models import Product
from tests.imports.desk import (
    choose,
    confirm,
    counts,
    csv_bytes,
    load,
    load_all,
    load_fixture,
    xlsx_bytes,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_order")]
HEADS = ["SKU", "Name", "Category", "Price"]
ROW = ["A", "Café", "Kitchen", "10.50"]
GOOD = csv_bytes(ROW)
BOOK = xlsx_bytes([*ROW[:3], 10.5])


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + GOOD,
        csv_bytes(ROW, encoding="latin-1"),
        csv_bytes(ROW, encoding="utf-16"),
        csv_bytes(ROW, delimiter=";"),
        csv_bytes([*ROW[:3], "10,50"], delimiter=";"),
        csv_bytes(ROW, delimiter="\t", encoding="utf-16"),
        b"sep=;\n" + csv_bytes(ROW, delimiter=";"),
        GOOD.replace(b"\r\n", b"\n"),
        GOOD.replace(b"\r\n", b"\r"),
        b"\n\n" + GOOD,
    ],
    ids=[
        "BOM",
        "latin-1",
        "UTF-16",
        "semicolons",
        "decimal commas",
        "tabs",
        "sep",
        "unix",
        "old mac",
        "blank lines first",
    ],
)
def test_the_dialects_of_csv_are_understood(shop, clerk, data):
    load_all(shop, data, by=clerk)
    cup = Product._base_manager.get()
    assert (cup.name, str(cup.price)) == ("Café", "10.50")


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.csv", BOOK), ("a.xlsx", GOOD), ("products", GOOD), ("a.txt", GOOD), ("a.exe", BOOK)],
)
def test_what_a_file_is_says_its_content_and_not_its_name(shop, clerk, name, data):
    load_all(shop, data, by=clerk, name=name)
    assert Product._base_manager.get().name == "Café"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (csv_bytes(), "headings but no rows"),
        (b"\n\n ,,\n", "nothing in this file"),
        (BOOK[: len(BOOK) // 2], "cannot be read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "neither a workbook nor a text file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ""),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(shop, clerk, data, sentence):
    job = load(shop, data, by=clerk)
    assert job.status == "refused"
    assert sentence in job.error and job.error.endswith(".")
    assert not Product._base_manager.exists()


def test_an_empty_file_is_not_even_kept(shop, clerk):
    with pytest.raises(RuleBroken, match="This file is empty"):
        open_job(shop, resource="products", file=BytesIO(), name="a.csv", by=clerk)


@pytest.mark.parametrize("resource", ["", "users", "../products", "backoffice.people.models.User"])
def test_only_what_can_be_imported_is(shop, clerk, resource):
    job = load(shop, GOOD, by=clerk, resource=resource)
    assert (job.status, job.error) == ("refused", f"Nothing called “{resource}” can be imported.")


def test_columns_nobody_knows_are_asked_for(shop, clerk):
    job = load(shop, csv_bytes(["1", "2"], headings=["Student", "Mark"]), by=clerk)
    assert job.status == "columns"
    assert [*job.report["guess"]["headings"].values()] == ["Student", "Mark"]
    assert not Product._base_manager.exists()


def test_two_columns_of_the_same_thing_are_asked_about_and_one_is_taken(shop, clerk):
    job = load(shop, csv_bytes([*ROW, "2"], headings=[*HEADS, "unit_price"]), by=clerk)
    assert job.status == "columns"
    job = choose(job, ["sku", "name", "category", "", "price"])
    assert (counts(job), job.report["ignored"]) == ((1, 0, 0, 0), ["Price"])
    confirm(job)
    assert Product._base_manager.get().price == 2


def test_without_a_column_that_every_row_needs_nothing_is_checked(shop, clerk):
    job = load(shop, csv_bytes(ROW, headings=["Q", *HEADS[1:]]), by=clerk)
    job = choose(job, ["", "name", "category", "price"])
    assert (job.status, job.error) == ("refused", "No column of this file is the SKU.")


def test_a_file_without_headings_is_read_from_its_first_row(shop, clerk):
    job = load(shop, b"A,Cup,Kitchen,10\nB,Tin,Kitchen,5\n", by=clerk)
    job = choose(job, ["sku", "name", "category", "price"], header=0)
    assert counts(job) == (2, 0, 0, 0)


def test_headings_below_a_title_are_found(shop, clerk):
    file = b"Price list of November,,,\n,,,\n" + GOOD
    job = load(shop, file, by=clerk)
    assert (job.report["guess"]["header"], counts(job)) == (3, (1, 0, 0, 0))
    assert job.report["sections"]["new"][0]["number"] == 4


def test_the_sheet_with_the_table_is_found_and_another_can_be_chosen(shop, clerk):
    book = Workbook()
    book.active.title = "Notes"
    book.active.append(["Prices are without tax."])
    for title, price in (("Old", 1), ("Prices", 2)):
        sheet = book.create_sheet(title)
        sheet.append(HEADS)
        sheet.append(["A", "Cup", "Kitchen", price])
    out = BytesIO()
    book.save(out)
    job = load(shop, out.getvalue(), by=clerk)
    assert job.report["guess"]["sheets"] == ["Notes", "Old", "Prices"]
    job = choose(job, ["sku", "name", "category", "price"], sheet="Prices")
    confirm(job)
    assert Product._base_manager.get().price == 2


def test_the_template_is_a_file_that_can_be_imported(shop, clerk):
    from inventory.resources import ProductResource

    headings, rows = ProductResource().template
    for file in (csv_bytes(*rows, headings=headings), xlsx_bytes(*rows, headings=headings)):
        assert counts(load(shop, file, by=clerk)) == (2, 0, 0, 0)


cells = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.sampled_from(["1", "1.5", "-1", "=1", "A > B", "'", "#REF!", "1e99", "\x00", "\\N", "\\."]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(cells, min_size=10, max_size=11), min_size=1, max_size=8))
def test_any_text_in_any_cell_gets_an_answer_and_good_rows_are_written(shop, clerk, rows):
    headings = [*HEADS, "Cost", "Barcode", "Reorder level", "Stock", "Active", "Slug"]
    job = load(shop, csv_bytes(*rows, headings=headings), by=clerk)
    assert (job.status, "unexpected" in job.error) in (
        ("ready", False),
        ("refused", False),
        ("columns", False),
    )
    if job.status == "ready" and job.new_rows + job.changed_rows:
        assert confirm(job, leave_out=True).status == "done"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8))
def test_what_a_preview_accepts_is_imported(shop, clerk, rows):
    """The database has rules of its own; none of them may come as a surprise after the preview."""
    numbered = [[f"S-{n}", name, path, "1", text] for n, (name, path, text) in enumerate(rows)]
    job = load(shop, csv_bytes(*numbered, headings=[*HEADS, "Description"]), by=clerk)
    if job.new_rows + job.changed_rows:
        job = confirm(job, leave_out=True)
        assert (job.status, job.error) == ("done", "")


def test_a_torn_row_is_refused_whoever_chose_the_columns(shop, clerk):
    """An amount with a comma and without quotation marks is two cells, and all after it are beside theirs."""
    torn = b"Item code,Name,Category,Best sell at,Qty\nA,Cup,Kitchen,1,200,7\n"
    job = choose(load(shop, torn, by=clerk), ["sku", "name", "category", "price", "stock"])
    assert counts(job) == (0, 0, 0, 1)
    assert counts(load(shop, torn.replace(b"1,200", b'"1,200"'), by=clerk)) == (0, 0, 0, 0)


def test_chosen_columns_take_the_place_of_what_is_known_of_another_shop(shop, clerk):
    job = load_fixture(shop, "shopify_products.csv", by=clerk)
    assert job.options["dialect"]
    wanted = {"Variant SKU": "sku", "Title": "name", "Vendor": "category", "Variant Price": "cost"}
    headings = job.report["guess"]["headings"]
    columns = [wanted.get(headings[str(place)], "") for place in range(1, len(headings) + 1)]
    job = choose(ask_columns(job, by=clerk), columns)
    shown = {name for row in job.report["sections"]["new"] for name in row["values"]}
    assert job.status == "ready" and not {"Price", "Stock", "Barcode"} & shown
