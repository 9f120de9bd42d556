"""Exports of web shops are recognised, and read as if they had been written with our columns."""

import csv
import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.spreadsheets.cells import cell_text
from inventory.resources import ProductResource, shopify, woocommerce
from inventory.resources.markup import text_of_html
from tests.inventory.sheets import FIXTURES

OURS = {column.column_name for column in ProductResource.fields.values()}
NEWER_SHOPIFY = [
    "Title",
    "URL handle",
    "Description",
    "Product category",
    "Type",
    "Published on online store",
    "Status",
    "SKU",
    "Barcode",
    "Option1 name",
    "Option1 value",
    "Price",
    "Cost per item",
    "Inventory tracker",
    "Inventory quantity",
]


def read_export(name):
    """Return (headings, [(number, cells)]) of a sample file, as the reader gives them."""
    with open(FIXTURES / name, newline="", encoding="utf-8-sig") as file:
        headings, *rows = csv.reader(file)
    return headings, [(n, [cell_text(cell) for cell in row]) for n, row in enumerate(rows, start=2)]


def adapted(dialect, headings, *rows):
    """Return {row number: {our column: text}} of what a dialect makes of some rows."""
    rows = [row if isinstance(row, tuple) else (n, row) for n, row in enumerate(rows, start=2)]
    ours, made = dialect.adapt(headings, iter(rows))
    return {number: dict(zip(ours, cells, strict=True)) for number, cells in made}


def by_sku(dialect, name):
    headings, rows = read_export(name)
    assert dialect.recognises(headings)
    return {row["SKU"]: row for row in adapted(dialect, headings, *rows).values()}


def row_of(headings, **values):
    return [values.get(heading, "") for heading in headings]


# The sample files


@pytest.mark.parametrize(
    ("dialect", "name", "lines", "products"),
    [(shopify, "shopify_products.csv", 37, 31), (woocommerce, "woocommerce_products.csv", 35, 31)],
)
def test_every_product_of_an_export_can_be_imported(dialect, name, lines, products):
    headings, rows = read_export(name)
    found = adapted(dialect, headings, *rows)
    assert (len(rows), len(found)) == (lines, products)
    columns = {each.column_name: each for each in ProductResource.fields.values()}
    for row in found.values():
        assert set(row) <= OURS
        assert all(row[each] for each in ("SKU", "Name", "Category", "Price"))
        for column, text in row.items():
            columns[column].widget.clean(text)  # nothing is refused


def test_both_shops_sell_the_same_goods():
    ours, theirs = (
        by_sku(shopify, "shopify_products.csv"),
        by_sku(woocommerce, "woocommerce_products.csv"),
    )
    assert ours.keys() == theirs.keys()
    for sku, row in ours.items():
        for column in ("Category", "Price", "Cost", "Barcode", "Description"):
            assert row[column] == theirs[sku][column], (sku, column)


def test_row_numbers_stay_those_of_the_file():
    headings, rows = read_export("shopify_products.csv")
    made = dict(shopify.adapt(headings, iter(rows))[1])
    lines = dict(rows)
    sku = headings.index("Variant SKU")
    assert all(cells[0] == lines[number][sku] for number, cells in made.items())
    assert 3 not in made  # only a picture


def test_the_samples_are_what_their_maker_makes():
    spec = importlib.util.spec_from_file_location("make_shop_exports", FIXTURES / "make_shop_exports.py")
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    for name, text in maker.exports().items():
        assert (FIXTURES / name).read_bytes() == text.encode()


def test_each_export_is_recognised_by_its_own_dialect_only():
    headings = {name: read_export(f"{name}_products.csv")[0] for name in ("shopify", "woocommerce")}
    assert shopify.recognises(headings["shopify"]) and shopify.recognises(NEWER_SHOPIFY)
    assert woocommerce.recognises(headings["woocommerce"])
    assert not shopify.recognises(headings["woocommerce"])
    assert not woocommerce.recognises(headings["shopify"])
    for dialect in (shopify, woocommerce):
        assert not dialect.recognises(sorted(OURS))
        assert dialect.recognises(
            [each.upper() for each in reversed(headings[dialect.__name__.split(".")[-1]])]
        )


# Shopify


def test_variants_have_the_title_the_text_and_the_category_of_their_product():
    found = by_sku(shopify, "shopify_products.csv")
    assert found["KIT-BLU-L"] == {
        "SKU": "KIT-BLU-L",
        "Name": "Kitenge cloth - Blue / Lined",
        "Category": "Apparel & Accessories > Clothing",
        "Price": "1650.00",
        "Cost": "1120.00",
        "Barcode": "",
        "Stock": "0",
        "Active": "TRUE",
        "Description": "Cotton, wax printed.\nSold by the piece of 6 yards.",
    }
    assert found["COF-AA-1KG"]["Description"] == "Grown in Nyeri at 1,800 m.\nWashed\nSun dried"
    assert found["FLR-JOG-1KG"]["Name"] == "Jogoo maize flour, 1 kg"
    assert found["FLR-JOG-1KG"]["Category"] == "Groceries > Flour"
    assert found["FLR-JOG-1KG"]["Barcode"] == "6160012006118"


def test_drafts_and_archived_products_of_shopify_are_not_active():
    found = by_sku(shopify, "shopify_products.csv")
    assert [sku for sku, row in found.items() if row["Active"] == "FALSE"] == ["FLR-WIM-1KG", "NOO-IND-070"]


def test_the_newer_headings_of_shopify_are_read_too():
    first = ["Mug", "mug", "<p>Tin</p>", "Home > Kitchen", "", "TRUE", "Active"]
    found = adapted(
        shopify,
        NEWER_SHOPIFY,
        [*first, "MUG-R", "'12345670", "Colour", "Red", "350", "200", "shopify", "4"],
        ["", "mug", "", "", "", "", "", "MUG-B", "", "", "Blue", "360", "", "", "0"],
    )
    assert found[2]["Name"] == "Mug - Red" and found[2]["Barcode"] == "12345670"
    assert found[3] == {
        "SKU": "MUG-B",
        "Name": "Mug - Blue",
        "Category": "Home > Kitchen",
        "Price": "360",
        "Cost": "",
        "Barcode": "",
        "Stock": "",
        "Active": "TRUE",
        "Description": "Tin",
    }


@pytest.mark.parametrize(
    ("status", "published", "active"),
    [
        ("active", "false", "TRUE"),
        ("Draft", "TRUE", "FALSE"),
        ("archived", "true", "FALSE"),
        ("", "FALSE", "FALSE"),
        ("", "true", "TRUE"),
        ("", "", ""),
        ("sold out", "true", "sold out"),
    ],
)
def test_status_and_published_say_whether_a_product_is_active(status, published, active):
    headings = ["Handle", "Title", "Variant SKU", "Variant Price", "Status", "Published"]
    assert adapted(shopify, headings, ["a", "A", "A-1", "5", status, published])[2]["Active"] == active


def test_columns_that_an_export_lacks_are_not_cleared():
    headings = ["Handle", "Title", "Variant SKU", "Variant Price"]
    assert adapted(shopify, headings, ["a", "A", "A-1", "5"])[2] == {"SKU": "A-1", "Name": "A", "Price": "5"}


def test_what_cannot_be_adapted_stays_for_its_refusal():
    headings = ["Handle", "Title", "Variant SKU", "Variant Price", "Variant Inventory Qty"]
    found = adapted(shopify, headings, ["a", "A", "", "on request", "-3"], ["a"], ["b"])
    assert found[2] == {"SKU": "", "Name": "A", "Price": "on request", "Stock": "-3"}
    assert set(found) == {2, 4}  # the second row of a is a picture, a first row never is


# WooCommerce


def test_variations_are_named_after_their_product_and_their_choice():
    found = by_sku(woocommerce, "woocommerce_products.csv")
    assert found["KIT-RED-P"]["Name"] == "Kitenge cloth - Red / Plain"
    assert found["COF-AA-500"]["Name"] == "Kenyan AA coffee - 500 g"
    assert found["SHU-PUR"]["Name"] == "Maasai shuka - Purple check"
    assert found["COF-AA-500"]["Category"] == "Food, Beverages & Tobacco > Beverages > Coffee"
    assert "KIND-1" not in found and "BREAKFAST" not in found


def test_of_several_categories_the_deepest_is_taken():
    assert woocommerce.category("Groceries, Groceries > Flour, Offers") == "Groceries > Flour"
    assert woocommerce.category("Tools &amp; Paint") == "Tools & Paint"
    assert woocommerce.category("") == ""


def test_stock_is_counted_where_woocommerce_counts_it_and_nothing_where_it_is_sold_out():
    found = by_sku(woocommerce, "woocommerce_products.csv")
    assert found["FLR-JOG-1KG"]["Stock"] == "96"
    assert [sku for sku, row in found.items() if not row["Stock"]] == ["SUG-KAB-2KG"]
    assert found["SAL-KEN-500"]["Stock"] == "0"


def test_private_products_and_drafts_of_woocommerce_are_not_active():
    found = by_sku(woocommerce, "woocommerce_products.csv")
    assert len([row for row in found.values() if row["Active"] == "FALSE"]) == 2


def test_a_variation_of_a_draft_is_not_active():
    headings = ["ID", "Type", "SKU", "Name", "Published", "Regular price", "Categories", "Parent"]
    rows = [
        ["1", "variable", "P", "Cup", "-1", "", "Kitchen", ""],
        ["2", "variation", "P-1", "Cup - Red", "1", "5", "", "id:1"],
        ["3", "variation, virtual", "P-2", "Cup", "yes", "5", "", "P"],
        ["4", "variation", "Q-1", "Tin", "1", "5", "", "gone"],
    ]
    found = adapted(woocommerce, headings, *rows)
    assert [found[n]["Active"] for n in (3, 4, 5)] == ["FALSE", "yes", "TRUE"]
    assert found[3]["Category"] == "Kitchen"
    assert "Stock" not in found[3]


# Descriptions


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Plain, 5 < 6 kg", "Plain, 5 < 6 kg"),
        ("<p>One</p>\n<p>Two&nbsp;&amp; three</p>", "One\nTwo & three"),
        ("<style>p {color: red}</style><p>Seen</p><!-- not <b>this</b> -->", "Seen"),
        ("<script>alert('x')</script >Seen", "Seen"),
        ("a<br/>b<BR>c", "a\nb\nc"),
        ("  spaced   out ", "spaced   out"),
        ("<p>unclosed <b", "unclosed <b"),
    ],
)
def test_a_description_becomes_plain_text(html, text):
    assert text_of_html(html) == text


@given(st.text(alphabet="<>/!-&;abrp scriptyle\n", max_size=60))
def test_no_description_breaks_the_import(html):
    assert isinstance(text_of_html(html), str)


@given(
    st.lists(st.lists(st.text(max_size=8), max_size=40), max_size=6), st.sampled_from([shopify, woocommerce])
)
def test_no_row_breaks_an_export(rows, dialect):
    name = dialect.__name__.split(".")[-1]
    headings, _rows = read_export(f"{name}_products.csv")
    for row in adapted(dialect, headings, *rows).values():
        assert all(isinstance(text, str) for text in row.values())
