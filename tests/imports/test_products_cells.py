"""Wrong cells: each is named with its row and its reason, in words; good rows stay good."""

import pytest

from inventory.models import Product
from tests.builders import make_product
from tests.imports.desk import (
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
MISTAKES = {
    3: ["Price"],
    4: ["Price"],
    5: ["Price"],
    6: ["Name"],
    7: ["SKU"],
    8: ["SKU"],
    9: ["SKU"],
    10: ["Stock"],
    11: ["Stock"],
    12: ["SKU"],
    13: ["Barcode"],
    14: ["Category"],
    16: ["Reorder level"],
}


@pytest.mark.parametrize("name", ["products_with_mistakes.xlsx", "products_with_mistakes.csv"])
def test_every_mistake_of_the_sample_file_is_named_beside_its_cell(shop, clerk, name):
    before = office()
    job = load_fixture(shop, name, by=clerk)
    assert counts(job) == (2, 0, 0, 13)
    found = reasons(job)
    assert {row: list(columns) for row, columns in found.items()} == MISTAKES
    said = {row: next(iter(columns.values()))[0] for row, columns in found.items()}
    assert said[5] == "“120.505” has more than two decimals."
    assert said[8] == "This SKU is also in row 9."
    assert said[9] == "This SKU is also in row 8."
    assert said[12] == "This has 65 characters; at most 64 fit."
    assert office() == before
    confirm(job, leave_out=True)
    assert Product._base_manager.count() == 2


def test_all_mistakes_of_a_row_are_told_at_once(shop, clerk):
    headings = [*HEADS, "Cost", "Stock", "Active", "Barcode"]
    row = ["A", "", "", "abc", "-1", "1.5", "perhaps", "12"]
    job = load(shop, csv_bytes(row, headings=headings), by=clerk)
    assert set(reasons(job)[2]) == {"Name", "Category", "Price", "Cost", "Stock", "Active", "Barcode"}


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("Price", "NaN", "“NaN” is not a number."),
        ("Price", "Infinity", "“Infinity” is not a number."),
        ("Price", "1e3", "“1e3” is not a number."),
        ("Price", "٣", "“٣” is not a number."),
        ("Price", "16%", "“16%” is a percentage. Write the number itself."),
        ("Price", "10000000000", "“10000000000” is too large."),
        ("Price", "9" * 400, f"“{'9' * 39}…” is too large."),
        ("Price", "#N/A", "This cell holds an Excel error (#N/A). Type the value itself."),
        ("Price", "GHS 5", "“GHS 5” is in GHS, and amounts here are in KES."),
        ("Stock", "1000001", "“1000001” is too large."),
        ("Stock", "1.5", "“1.5” is not a whole number."),
        (
            "Stock",
            "1.000",
            "“1.000” can be read in two ways. Write the pieces without a point or comma.",
        ),
        ("Stock", "-1", "“-1” is negative."),
        ("Reorder level", "ten", "“ten” is not a number."),
        ("Barcode", "6.16E+12", "Excel has shortened this barcode to 6.16E+12."),
        ("Barcode", "12345", "A barcode has 6 to 32 digits."),
        ("Active", "maybe", "“maybe” is neither yes nor no."),
        ("Name", "n" * 256, "This has 256 characters; at most 255 fit."),
        ("Category", ">", "“>” is not a category."),
        ("Category", "c" * 201, "The name of a category has at most 200 characters."),
        ("Category", " > ".join(["c" * 190] * 6), "This category lies too deep in the tree."),
        ("Slug", "no spaces!", "Enter a valid “slug”"),
        ("SKU", "=1+1", "Use letters, digits, spaces and . / - _ only."),
    ],
)
def test_a_cell_that_cannot_be_is_refused_with_its_reason(shop, clerk, column, cell, reason):
    row = {"SKU": "A", "Name": "Cup", "Category": "Kitchen", "Price": "10", column: cell}
    job = load(shop, csv_bytes(list(row.values()), headings=list(row)), by=clerk)
    assert reasons(job)[2][column][0].startswith(reason)


@pytest.mark.parametrize("cell", ["1,234.50", "1234.5", "1234.500", " 1234.50 ", "+1234.50", "KSh 1,234.50"])
def test_amounts_may_be_written_as_people_write_them(shop, clerk, cell):
    load_all(shop, csv_bytes(["A", "Cup", "Kitchen", cell]), by=clerk)
    assert str(Product._base_manager.get().price) == "1234.50"


@pytest.mark.parametrize("cell", ["1234,5", "1.234,50", "1 234,50"])
def test_a_file_with_decimal_commas_is_read_with_them_and_says_so(shop, clerk, cell):
    job = load_all(shop, csv_bytes(["A", "Cup", "Kitchen", cell]), by=clerk)
    assert str(Product._base_manager.get().price) == "1234.50"
    assert job.report["notes"] == ["Numbers are read with a decimal comma."]


def test_a_decimal_comma_among_points_is_refused_with_the_way_to_write_it(shop, clerk):
    job = load(shop, csv_bytes(["A", "a", "X", "1.50"], ["B", "b", "X", "1.234,50"]), by=clerk)
    assert reasons(job) == {3: {"Price": ["“1.234,50” has a decimal comma. Write 1234.50, with a point."]}}


def test_an_sku_in_other_letters_is_no_new_product(shop, clerk):
    make_product(shop, sku="WAT-1")
    rows = [["wat-1", "Water", "X", "1"], ["b", "b", "X", "1"], ["B", "b", "X", "1"]]
    job = load(shop, csv_bytes(*rows), by=clerk)
    assert reasons(job) == {
        2: {"SKU": ["There is a product with the SKU “WAT-1”. Write it the same way."]},
        3: {"SKU": ["This SKU is also in row 4."]},
        4: {"SKU": ["This SKU is also in row 3."]},
    }


def test_an_sku_in_other_letters_with_accents_is_no_new_product(shop, clerk):
    make_product(shop, sku="CAFÉ-1")
    job = load(shop, csv_bytes(["café-1", "Coffee", "X", "1"]), by=clerk)
    assert reasons(job) == {2: {"SKU": ["There is a product with the SKU “CAFÉ-1”. Write it the same way."]}}


def test_two_products_that_differ_only_in_capitals_stay_two(shop, clerk):
    """From before files were checked for it: each is found by its own letters."""
    make_product(shop, sku="wat-1", stock=0)
    make_product(shop, sku="WAT-1", stock=0)
    load_all(shop, csv_bytes(["wat-1", "5"], ["WAT-1", "7"], headings=["SKU", "Price"]), by=clerk)
    prices = dict(Product._base_manager.values_list("sku", "price"))
    assert prices == {"wat-1": 5, "WAT-1": 7}


def test_a_slug_belongs_to_one_product(shop, clerk):
    make_product(shop, sku="OLD", slug="cup")
    rows = [["A", "a", "X", "1", "cup"], ["B", "b", "X", "1", "tin"], ["C", "c", "X", "1", "tin"]]
    job = load(shop, csv_bytes(*rows, headings=[*HEADS, "Slug"]), by=clerk)
    assert reasons(job) == {
        2: {"Slug": ["The product OLD has this slug."]},
        4: {"Slug": ["The product B has this slug."]},
    }


def test_a_slug_made_from_a_name_gives_way_to_those_in_the_file(shop, clerk):
    rows = [["1", "a b", "X", "1", ""], ["b-1", "a", "X", "1", ""], ["3", "c", "X", "1", "a-b-1"]]
    load_all(shop, csv_bytes(*rows, headings=[*HEADS, "Slug"]), by=clerk)
    slugs = dict(Product._base_manager.values_list("sku", "slug"))
    assert slugs == {"1": "a-b-1-2", "b-1": "a-b-1-3", "3": "a-b-1"}


def test_a_comma_that_was_not_quoted_is_noticed(shop, clerk):
    job = load(shop, b"SKU,Name,Category,Price\nA,Cup,Kitchen,178,00\n", by=clerk)
    assert reasons(job)[2]["SKU"] == [
        "This row has more cells than headings. A text with a comma needs quotes around it."
    ]


def test_what_a_product_says_already_is_never_refused(shop, clerk):
    """Rows from before a rule was made: their export comes back, and is unchanged."""
    make_product(shop, sku="old sku!", name="Cup", barcode="12", stock=0)
    headings = ["SKU", "Name", "Barcode"]
    job = load(shop, csv_bytes(["old sku!", "Cup", "12"], headings=headings), by=clerk)
    assert counts(job) == (0, 0, 1, 0), reasons(job)
    job = load(shop, csv_bytes(["old sku!", "Mug", "12"], ["new sku!", "x", ""], headings=headings), by=clerk)
    assert (counts(job)[1], set(reasons(job))) == (1, {3})
    confirm(job, leave_out=True)
    changed = Product._base_manager.get()
    assert (changed.name, changed.barcode) == ("Mug", "12")


@pytest.mark.parametrize(
    "name", [" Cup\r\nblue ", "Cup\r\nblue", "Cup\nblue\u2003", "Cup\n\x07blue", "Cup\nbl\x85ue"]
)
def test_a_change_beside_an_oddly_written_name_leaves_the_name_as_it_is(shop, clerk, name):
    made = make_product(shop, sku="A", name=name, stock=0)
    load_all(shop, csv_bytes(["A", "Cup\nblue", "5"], headings=["SKU", "Name", "Price"]), by=clerk)
    made.refresh_from_db()
    assert (made.name, made.price) == (name, 5)


def test_a_column_without_a_heading_is_left_alone_in_excel(shop, clerk):
    job = load(shop, xlsx_bytes(["A", "a", "X", 1, "note"], headings=HEADS), by=clerk)
    assert counts(job) == (1, 0, 0, 0)
