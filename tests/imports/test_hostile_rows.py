"""Files made to keep the worker busy: what a row costs does not grow with the number of rows like it."""

import json
from datetime import date, timedelta
from io import BytesIO
from itertools import product
from time import monotonic
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.roles import OWNER
from inventory.models import Product
from tests.builders import make_user
from tests.imports.desk import confirm, counts, load, reasons

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("in_order")]


def rows(*lines):
    return "\n".join(lines).encode()


def same_but_for_signs(number):
    """Products whose SKUs differ only in signs that no slug keeps."""
    skus = ["a" + "".join(signs) for signs in product("./", repeat=10)][:number]
    return rows("SKU,Name,Category,Price", *(f"{sku},Cup,Pots,1" for sku in skus))


@pytest.mark.parametrize(
    ("resource", "head", "line"),
    [
        ("products", "SKU,Name,Category,Price,Slug", "S{0},Cup,Pots,1,same"),
        ("categories", "Category,Slug", "C{0},same"),
    ],
)
def test_one_slug_in_every_row_is_refused_with_one_reason_a_row(shop, clerk, resource, head, line):
    job = load(shop, rows(head, *(line.format(n) for n in range(40))), by=clerk, resource=resource)
    assert counts(job) == (1, 0, 0, 39)
    assert {len(told) for row in reasons(job).values() for told in row.values()} == {1}


def test_new_products_of_one_name_get_their_slugs_together(shop, clerk):
    asked = []
    for number in (3, 300):
        Product._base_manager.filter(business=shop).delete()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert confirm(load(shop, same_but_for_signs(number), by=clerk)).status == "done"
        asked.append(len(queries))
        slugs = set(Product._base_manager.filter(business=shop).values_list("slug", flat=True))
        assert slugs == {"cup-a", *(f"cup-a-{n}" for n in range(2, number + 1))}
    assert asked[1] < asked[0] + 20


def test_five_thousand_rows_of_one_slug_are_checked_in_seconds(shop, clerk):
    began = monotonic()
    lines = (f"S{n},Cup,Pots,1,same" for n in range(5000))
    assert counts(load(shop, rows("SKU,Name,Category,Price,Slug", *lines), by=clerk)) == (1, 0, 0, 4999)
    assert monotonic() - began < 20


def test_prices_from_a_thousand_days_on_are_no_column_of_days(shop):
    owner = make_user((shop, OWNER))
    assert confirm(load(shop, rows("SKU,Name,Category,Price", "A,Cup,Pots,1"), by=owner)).status == "done"
    first = date(2100, 1, 1)
    days = ((first + timedelta(days=n)).isoformat() for n in range(1000))
    job = load(shop, rows("SKU,Price,From", *(f"A,2,{day}" for day in days)), by=owner, resource="prices")
    assert job.status == "refused" and "more than 366 days" in job.error


def test_what_a_page_is_told_stays_small_whatever_the_cells_hold(shop, clerk):
    long = "x" * 30_000
    head = "SKU,Name,Category,Price,Description"
    refused = load(shop, rows(head, *([",".join([long] * 5)] * 60)), by=clerk)
    new = load(shop, rows(head, *(f"S{n},Cup,Pots,1,{long}" for n in range(60))), by=clerk)
    assert (counts(refused)[3], counts(new)[0]) == (60, 60)
    assert max(len(json.dumps(job.report)) for job in (refused, new)) < 300_000


SPACES = " ".join(
    f'xmlns:{each}="urn:oasis:names:tc:opendocument:xmlns:{each}:1.0"' for each in ("office", "table", "text")
)
ROW = "".join(
    f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    for text in ("Old", "Rest")
)
SHEET = '<table:table table:name="%s"><table:table-row>' + ROW + "</table:table-row></table:table>"


def workbook_of_sheets(names):
    """An OpenDocument workbook: one part however many sheets."""
    sheets = "".join(SHEET % name for name in names)
    body = f"<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body>"
    out = BytesIO()
    with ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        book.writestr("content.xml", f"<office:document-content {SPACES}>{body}</office:document-content>")
    return out.getvalue()


def test_of_thousands_of_sheets_and_names_without_end_only_some_are_offered(shop, clerk):
    names = ["First", "y" * 200_000, *(f"Sheet {n}" for n in range(3000))]
    job = load(shop, workbook_of_sheets(names), by=clerk, name="list.ods")
    sheets = job.report["guess"]["sheets"]
    assert (job.status, len(sheets), sheets[:2]) == ("columns", 100, ["First", "Sheet 0"])
