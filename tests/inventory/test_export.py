"""Export gives what the list shows, in which nothing runs, and which imports again as "nothing changed"."""

from decimal import Decimal
from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from backoffice.scoping import every_business
from backoffice.spreadsheets.cells import cell_text, plain_text, protect, starts_like_formula
from backoffice.spreadsheets.listing import ListColumn
from inventory.exports import ProductListing
from inventory.models import Product, Warehouse
from inventory.services.stock import receive_stock
from tests.builders import make_business, make_category, make_product, make_user
from tests.imports.desk import confirm, counts, load, load_all, load_fixture, reasons
from tests.inventory.sheets import EXPORT, LIST, read_csv, read_xlsx
from tests.matrix.rows import snapshot
from tests.test_list_fuzz import queries

pytestmark = pytest.mark.django_db
XLSX, CSV = "xlsx", "csv"
HEADINGS = [
    "SKU",
    "Name",
    "Category",
    "Price",
    "Cost",
    "Barcode",
    "Reorder level",
    "Stock",
    "Active",
    "Description",
]
# Every way a cell may begin that a spreadsheet program could run.
DANGEROUS = [
    f"{start}{rest}"
    for start in (
        "=",
        "+",
        "-",
        "@",
        "\t=",
        "\r=",
        "\n=",
        "\x00=",
        "＝",
        "＋",
        "－",
        "＠",
        " =",
        "'=",
        "''@",
        "﹢",
        "\u200b=",
    )
    for rest in ("1+1", 'HYPERLINK("http://example.com/")', "cmd|' /C calc'!A0")
]


def export(client, file_format=XLSX, **query):
    """Ask for a file and take all of it, as a browser does: nobody leaves a query open."""
    answer = client.post(f"{reverse(EXPORT)}?{urlencode(query)}", {"format": file_format})
    if answer.streaming:
        answer.streaming_content = [answer.getvalue()]
    return answer


def rows_of(client, file_format=XLSX, **query):
    content = export(client, file_format, **query).getvalue()
    return read_xlsx(content) if file_format == XLSX else read_csv(content)


def test_the_page_says_how_many_and_offers_excel_and_csv_only(desk, shop):
    make_product(shop)
    page = desk.get(reverse(EXPORT))
    assert "Export 1 product" in page.text
    assert [value for value, _ in page.context["form"].fields["format"].choices] == [XLSX, CSV]
    again = export(desk, "ods")
    assert "Select a valid choice" in again.text, "another format is no file but the form again"
    assert export(desk, CSV).streaming


def test_numbers_are_numbers_and_codes_are_text(desk, shop):
    make_product(
        shop,
        sku="00123",
        name="Cup",
        price=Decimal("1234.50"),
        cost=Decimal("3.00"),
        barcode="0061234567890",
        stock=7,
        category=make_category(shop, "Kitchen > Cups"),
    )
    answer = export(desk)
    assert answer["Content-Disposition"].startswith('attachment; filename="products-duka-bora-')
    headings, row = load_workbook(BytesIO(answer.getvalue())).active.iter_rows()
    assert [cell.value for cell in headings] == HEADINGS
    assert [cell.value for cell in row] == [
        "00123", "Cup", "Kitchen > Cups", 1234.5, 3, "0061234567890", 5, 7, True, None,
    ]  # fmt: skip
    types = [cell.data_type for cell in row]
    assert types == ["s", "s", "s", "n", "n", "s", "n", "n", "b", "n"]
    assert row[3].number_format == "#,##0.00" and row[0].number_format == "@"
    assert rows_of(desk, CSV)[1] == [
        "00123", "Cup", "Kitchen > Cups", "1234.50", "3.00", "0061234567890", "5", "7", "TRUE", "",
    ]  # fmt: skip


def test_filters_and_search_of_the_list_are_honoured(desk, shop):
    make_product(shop, sku="MILK", name="Milk", stock=5)
    make_product(shop, sku="TEA", name="Tea", stock=0)
    make_product(shop, sku="OLD", name="Old milk", stock=0, is_active=False)
    assert {row[0] for row in rows_of(desk)[1:]} == {"MILK", "TEA", "OLD"}
    assert {row[0] for row in rows_of(desk, q="milk")[1:]} == {"MILK", "OLD"}
    assert {row[0] for row in rows_of(desk, q="milk", is_active__exact="1")[1:]} == {"MILK"}
    assert rows_of(desk, q="nothing like it") == [HEADINGS]
    assert "Only those that the list shows now" in desk.get(reverse(EXPORT), {"q": "milk"}).text


def test_a_filter_that_makes_no_sense_leads_back_to_the_list(desk, shop):
    for query in ({"price__gte": "x"}, {"no_such_field": "1"}, {"id__exact": "9"}):
        for answer in (desk.get(reverse(EXPORT), query), export(desk, **query)):
            assert answer.status_code in (200, 302)
            assert "attachment" not in answer.headers.get("Content-Disposition", "")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries)
def test_the_export_survives_any_address(desk, shop, query):
    desk.raise_request_exception = False
    params = {key: value.encode("utf-8", "replace") for key, value in query}
    assert desk.get(reverse(EXPORT), params).status_code < 500
    assert export(desk, **{key.replace("\x00", ""): value for key, value in params.items()}).status_code < 500


@pytest.mark.parametrize("rows", [1, 60])
def test_the_number_of_queries_does_not_grow_with_the_rows(desk, shop, rows, django_assert_max_num_queries):
    for n in range(rows):
        make_product(shop, category=make_category(shop, f"Category {n % 7}"), stock=1)
    with django_assert_max_num_queries(12):
        assert len(rows_of(desk)) == rows + 1


# Whose rows


def test_only_rows_of_businesses_where_one_may_export_are_sent(client, shop):
    make_product(shop, sku="HERE")
    there, elsewhere = make_business("There"), make_business("Elsewhere")
    make_product(there, sku="THERE")
    make_product(elsewhere, sku="ELSEWHERE")
    client.force_login(make_user((shop, STAFF), (there, ACCOUNTANT)))
    rows = rows_of(client)
    assert rows[0][-1] == "Business"
    assert {(row[0], row[-1]) for row in rows[1:]} == {("HERE", "Duka Bora"), ("THERE", "There")}


@pytest.mark.parametrize("role", [STAFF, ACCOUNTANT, OWNER])
def test_the_chosen_rows_of_the_list_can_be_exported(client, shop, role):
    mine = make_product(shop, sku="MINE")
    make_product(shop, sku="OTHER")
    theirs = make_product(make_business(), sku="THEIRS")
    client.force_login(make_user((shop, role)))
    chosen = {"action": "export_selected", "_selected_action": [str(mine.pk), str(theirs.pk)]}
    answer = client.post(reverse(LIST), chosen)
    assert [row[0] for row in read_xlsx(answer.getvalue())[1:]] == ["MINE"]


def test_export_is_shut_to_those_without_the_right(client, shop):
    product = make_product(shop)
    client.force_login(make_user())
    assert client.get(reverse(EXPORT)).status_code == 403
    assert export(client).status_code == 403
    chosen = {"action": "export_selected", "_selected_action": [str(product.pk)]}
    assert client.post(reverse(LIST), chosen).status_code == 403


# Nothing runs


@pytest.mark.parametrize("file_format", [XLSX, CSV])
def test_no_cell_is_or_begins_like_a_formula(desk, shop, file_format):
    for n, text in enumerate(DANGEROUS):
        make_product(
            shop, sku=f"S-{n:03}", name=plain_text(text), description=text.replace("\x00", ""), stock=0
        )
    content = export(desk, file_format).getvalue()
    if file_format == XLSX:
        cells = [cell for row in load_workbook(BytesIO(content)).active.iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    else:
        texts = [text for row in read_csv(content) for text in row]
    assert len(texts) > len(DANGEROUS)
    wrong = [text for text in texts if text[:1] in set("=+-@\t\r\n\x00＝＋－＠") and text]
    assert not wrong
    assert not [text for text in texts if starts_like_formula(text) and not text.startswith("'")]


def test_a_heading_is_as_harmless_as_a_cell(desk, shop, monkeypatch):
    monkeypatch.setattr(ProductListing, "columns", (ListColumn("=1+1", "sku"), *ProductListing.columns[1:]))
    make_product(shop)
    assert rows_of(desk, XLSX)[0][0] == "'=1+1"
    assert rows_of(desk, CSV)[0][0] == "'=1+1"


def test_without_the_apostrophe_the_search_for_formulas_finds_them(desk, shop, monkeypatch):
    """The control."""
    make_product(shop, name="=1+1")
    monkeypatch.setattr("backoffice.spreadsheets.writing.protect", str)
    assert rows_of(desk, CSV)[1][1] == "=1+1"


# There and back


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
tricky = st.one_of(
    texts,
    st.builds(
        str.__add__,
        st.sampled_from(["=", "+", "-", "@", "'", "'=", "''=", "＝", '"', "\n", "\t", ",", ";"]),
        texts,
    ),
    st.sampled_from(
        ["#N/A", "TRUE", "1e5", "007", "_x000D_", "_x005F_", "1,5", "\x85", "\ufeff=1", "\uffff", "\r\n"]
    ),
)


@pytest.mark.parametrize("file_format", [XLSX, CSV])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=tricky, description=tricky)
@example(name='"; =1+1', description="a\r\nb\r\n=c")
def test_an_export_imports_again_as_nothing_changed(desk, shop, importer, file_format, name, description):
    product = Product._base_manager.filter(sku="A").first() or make_product(shop, sku="A", cost=None)
    Product._base_manager.filter(pk=product.pk).update(name=name, description=description)
    job = load(shop, export(desk, file_format).getvalue(), by=importer, name=f"a.{file_format}")
    assert counts(job) == (0, 0, 1, 0), job.report


def goods():
    """Return every row but those of the imports themselves, which are kept."""
    return {label: rows for label, rows in snapshot().items() if not label.startswith("imports.")}


def test_a_whole_catalogue_comes_back_unchanged_and_leaves_no_trace(desk, shop, importer):
    confirm(load_fixture(shop, "products.xlsx", by=importer))
    for n, text in enumerate(DANGEROUS):
        make_product(
            shop, sku=f"S-{n}", name=plain_text(text), cost=Decimal("2.50") if n % 2 else None, stock=n % 3
        )
    second = Warehouse._base_manager.create(business=shop, name="Second")
    receive_stock(Product._base_manager.get(sku="S-1"), quantity=4, warehouse=second, by=None)
    receive_stock(Product._base_manager.get(sku="S-3"), quantity=4, warehouse=second, by=None)
    before = goods()
    for file_format in (XLSX, CSV):
        job = load(shop, export(desk, file_format).getvalue(), by=importer, name=f"a.{file_format}")
        assert counts(job) == (0, 0, 20 + len(DANGEROUS), 0), job.report
    assert goods() == before


def test_stock_of_several_warehouses_goes_out_and_comes_in_as_one_sum(desk, shop, importer):
    product = make_product(shop, sku="A", stock=10)
    second = Warehouse._base_manager.create(business=shop, name="Second")
    receive_stock(product, quantity=4, warehouse=second, by=None)
    [row] = rows_of(desk)[1:]
    assert row[7] == 14
    load_all(shop, b"SKU,Stock\nA,12\n", by=importer)
    product.refresh_from_db()
    assert product.stock == 12
    with every_business():
        levels = dict(product.levels.values_list("warehouse__name", "quantity"))
    assert levels == {"Main store": 8, "Second": 4}
    job = load(shop, b"SKU,Stock\nA,3\n", by=importer)
    assert reasons(job)[2]["Stock"] == ["4 pieces lie in other warehouses, so there cannot be fewer."]


@given(texts)
def test_a_protected_text_reads_back_as_it_was(text):
    assert cell_text(protect(text)) == plain_text(text)
    assert cell_text(protect(f"'{text}")) == plain_text(f"'{text}")
