"""Sheet, headings and columns of a file are found; what is not certain is left to the person."""

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.spreadsheets.columns import heading_key
from backoffice.spreadsheets.mapping import Guess, guess_table
from inventory.resources import ProductResource

COLUMNS = {name: ProductResource.fields[name] for name in ProductResource._meta.fields}
HEADINGS = ["SKU", "Name", "Category", "Price"]
ROWS = [
    ["FLR-JOG-2KG", "Jogoo maize flour, 2 kg", "Groceries > Flour", "170.00"],
    ["SUG-KAB-1KG", "Kabras white sugar, 1 kg", "Groceries > Sugar", "168.00"],
    ["MLK-BRO-500", "Brookside fresh milk, 500 ml", "Dairy and eggs", "62.00"],
]


@dataclass
class Sheet:
    name: str
    rows: list


@dataclass
class Look:
    sheets: list
    kind: str = "csv"
    encoding: str = "utf-8"
    delimiter: str = ","
    more: dict = field(default_factory=dict)


def guess(*rows, remembered=None, sheets=()):
    return guess_table(Look([Sheet("", list(rows)), *sheets]), COLUMNS, remembered)


def read(found):
    """Return {heading: (target, how)} of the columns of a guess."""
    return {each.heading: (each.target, each.how) for each in found.columns}


# The row of headings


def test_an_ordinary_file_is_certain():
    found = guess(HEADINGS, *ROWS)
    assert (found.header_row, found.certain, found.missing, found.decimal_comma) == (1, True, [], False)
    assert found.targets == {0: "sku", 1: "name", 2: "category", 3: "price"}
    assert found.columns[3].samples == ["170.00", "168.00", "62.00"]


def test_titles_logos_totals_and_empty_rows_above_the_headings_do_not_disturb():
    above = [
        ["Duka Bora Wholesalers"],
        [],
        ["Price list", "", "", "November 2026"],
        ["Total", "", "", "400.00"],
    ]
    found = guess(*above, HEADINGS, *ROWS)
    assert (found.header_row, found.certain) == (5, True)
    assert found.columns[3].samples == ["170.00", "168.00", "62.00"]


def test_a_title_that_is_also_a_name_of_a_column_is_not_the_row_of_headings():
    assert guess(["Stock"], HEADINGS, *ROWS).header_row == 2


def test_headings_that_are_printed_again_on_each_page_are_found_once():
    assert guess(HEADINGS, *ROWS, HEADINGS, *ROWS).header_row == 1


def test_the_sheet_with_the_products_is_found():
    notes = Sheet("Notes", [["Prices are valid until Friday"], ["Name", "Phone"], ["Otieno", "0712"]])
    products = Sheet("Products", [HEADINGS, *ROWS])
    found = guess_table(Look([notes, products]), COLUMNS)
    assert (found.sheet, found.header_row, found.certain) == ("Products", 1, True)


def test_of_two_sheets_alike_the_person_chooses():
    sheets = [Sheet("Drinks", [HEADINGS, ROWS[0]]), Sheet("Food", [HEADINGS, *ROWS])]
    found = guess_table(Look(sheets), COLUMNS)
    assert (found.sheet, found.certain) == ("Food", False)


def test_a_sheet_without_rows_below_its_headings_is_the_last_choice():
    sheets = [Sheet("Template", [HEADINGS]), Sheet("Mine", [HEADINGS, *ROWS])]
    found = guess_table(Look(sheets), COLUMNS)
    assert (found.sheet, found.certain) == ("Mine", True)


def test_an_empty_file_has_nothing_to_find():
    found = guess()
    assert (found.header_row, found.columns, found.certain) == (0, [], False)
    assert found.missing == ["sku", "name", "category", "price"]


def test_the_person_may_say_which_sheet_and_which_row_it_is():
    drinks, food = Sheet("Drinks", [HEADINGS, ROWS[0]]), Sheet("Food", [["Food"], HEADINGS, *ROWS])
    found = guess_table(Look([food, drinks]), COLUMNS, sheet="Drinks")
    assert (found.sheet, found.header_row, found.certain) == ("Drinks", 1, True)
    found = guess_table(Look([drinks, food]), COLUMNS, sheet="Food", header_row=2)
    assert (found.header_row, found.certain, len(found.columns)) == (2, True, 4)
    found = guess_table(Look([drinks]), COLUMNS, sheet="Drinks", header_row=0)
    assert (found.header_row, found.certain, found.columns[0].samples) == (0, False, ["SKU", "FLR-JOG-2KG"])


# Names


@pytest.mark.parametrize(
    ("heading", "target", "how"),
    [
        ("sku", "sku", "name"),
        ("Unit price (KES)", "price", "alias"),
        ("Unit Price KES", "price", "alias"),
        ("Selling Price incl VAT", "price", "alias"),
        ("Retail price", "price", "alias"),
        ("BUYING_PRICE", "cost", "alias"),
        ("Item description", "name", "alias"),
        ("Item name", "name", "alias"),
        ("Qty on hand", "stock", "alias"),
        ("Item code", "sku", "alias"),
        ("Art. no.", "sku", "alias"),
        ("EAN", "barcode", "alias"),
        ("Barcode (EAN13)", "barcode", "name"),
        ("Barcode EAN13", "barcode", "alias"),
        ("Catagory", "category", "alike"),
        ("New retail price", "price", "alike"),
        ("Opening stock", "stock", "alike"),
        ("Supplier name", "", ""),
        ("Total cost", "", ""),
        ("Stock value", "", ""),
        ("Wholesale price", "", ""),
        ("Price date", "", ""),
        ("Weight", "", ""),
        ("Remarks", "", ""),
        ("n" * 300, "", ""),
    ],
)
def test_suppliers_call_columns_by_other_names(heading, target, how):
    others = [each for each in HEADINGS if each.casefold() != target]
    found = guess([*others, heading], ["A", "B", "C", "D", "E"], ["F", "G", "H", "I", "J"])
    assert found.header_row == 1
    assert read(found)[heading] == (target, how)


def test_the_better_of_two_columns_for_one_thing_is_taken_and_the_other_ignored():
    found = guess(["SKU", "Item name", "Name", "Category", "Price", "Unit price"], ["A"] * 6)
    assert read(found)["Item name"] == ("", "")
    assert read(found)["Name"] == ("name", "name")
    assert found.targets[4] == "price" and 5 not in found.targets
    assert not found.certain


def test_a_likeness_is_never_certain_and_an_unknown_extra_column_is_no_hindrance():
    assert not guess(["SKU", "Name", "Category", "New price"], *ROWS).certain
    assert guess([*HEADINGS, "Remarks"], [*ROWS[0], "fresh"]).certain


def test_a_count_of_known_columns_is_certain_though_new_products_would_need_more():
    found = guess(["SKU", "Stock"], ["A", "4"], ["B", "5"])
    assert (found.certain, found.missing) == (True, ["name", "category", "price"])
    assert not guess(["SKU", "Stock", "Benennung"], ["A", "4", "Cup"], ["B", "5", "Tin"]).certain


# Memory


def test_what_was_chosen_before_wins_over_every_guess():
    remembered = {"description": "name", "name": "", "lastprice": "price"}
    headings = ["SKU", "Name", "Description", "Category", "Last Price", "Price"]
    found = guess(headings, ["A", "x", "Cup", "Kitchen", "10.00", "9.00"], remembered=remembered)
    assert read(found) == {
        "SKU": ("sku", "name"),
        "Name": ("", "remembered"),
        "Description": ("name", "remembered"),
        "Category": ("category", "name"),
        "Last Price": ("price", "remembered"),
        "Price": ("", ""),
    }


def test_remembered_columns_are_certain_and_lead_to_the_headings():
    remembered = {"artikel": "sku", "benennung": "name", "gruppe": "category", "preis": "price", "lager": ""}
    headings = ["Artikel", "Benennung", "Gruppe", "Preis", "Lager"]
    found = guess(["Preisliste"], headings, *([*row, "5"] for row in ROWS), remembered=remembered)
    assert (found.header_row, found.certain, found.missing) == (2, True, [])


def test_a_memory_of_a_column_that_is_gone_is_forgotten():
    assert guess(HEADINGS, *ROWS, remembered={"price": "rebate"}).targets[3] == "price"


# Content


def test_a_file_without_headings_is_read_by_what_its_cells_look_like():
    rows = [
        [
            "1",
            "FLR-JOG-2KG",
            "Jogoo maize flour, 2 kg",
            "Groceries > Flour",
            "170.00",
            "40",
            "6165242749873",
            "yes",
        ],
        [
            "2",
            "SUG-KAB-1KG",
            "Kabras white sugar, 1 kg",
            "Groceries > Sugar",
            "168.00",
            "12",
            "6168417699614",
            "no",
        ],
        ["3", "MLK-BRO-500", "Brookside milk, 500 ml", "Dairy > Milk", "62.50", "7", "6166332199042", "yes"],
    ]
    found = guess(*rows)
    assert (found.header_row, found.certain) == (0, False)
    assert found.targets == {
        1: "sku",
        2: "name",
        3: "category",
        4: "price",
        5: "stock",
        6: "barcode",
        7: "is_active",
    }
    assert {each.how for each in found.columns if each.target} == {"content"}


def test_two_columns_of_amounts_are_cost_and_price_when_there_are_no_headings():
    found = guess(["A-1", "Cup of tin", "12.50", "10.00"], ["B-2", "Bowl of tin", "30.50", "25.00"])
    assert found.targets == {0: "sku", 1: "name", 2: "price", 3: "cost"}


def test_below_headings_the_person_says_which_of_two_amounts_is_the_price():
    found = guess(
        ["SKU", "Name", "Net", "Gross"], ["A-1", "Cup", "10.00", "12.50"], ["B-2", "Tin", "2.50", "3.00"]
    )
    assert found.targets == {0: "sku", 1: "name"}


def test_headings_nobody_knows_are_still_headings():
    found = guess(["Artikel", "Benennung", "Preis"], *([a, b, d] for a, b, c, d in ROWS))
    assert found.header_row == 1
    assert read(found)["Benennung"] == ("name", "content")
    assert not found.certain


def test_below_headings_only_what_is_needed_is_looked_for_by_content():
    found = guess([*HEADINGS, "Pieces per carton"], *([*row, "12"] for row in ROWS))
    assert read(found)["Pieces per carton"] == ("", "")
    assert found.certain


def test_what_stands_to_the_right_of_the_last_heading_is_no_column():
    found = guess(HEADINGS, [*ROWS[0], "00"], [*ROWS[1], "", "fresh on Mondays"])
    assert len(found.columns) == 4


def test_a_column_without_a_heading_between_others_may_be_the_one_that_is_missing():
    found = guess(["", "Name", "Category", "Price"], *ROWS)
    assert found.columns[0].target == "sku"
    assert not found.certain


def test_telephone_numbers_are_no_prices():
    found = guess(["Contact", "Phone"], ["Otieno", "+254712000001"], ["Wanjiru", "+254712000002"])
    assert "price" not in found.targets.values()


# Decimals


@pytest.mark.parametrize(
    ("prices", "comma"),
    [
        (["1.234,50", "12,5"], True),
        (["KSh 1.234,50", "7"], True),
        (["1.234", "350"], False),
        (["1,234", "350"], False),
        (["12,50", "12.50"], False),
        (["12,50", "1,234.50"], False),
        ([], False),
    ],
)
def test_decimal_commas_are_noticed_when_nothing_speaks_against_them(prices, comma):
    rows = [[f"A-{n}", "x", "y", price] for n, price in enumerate(prices)]
    assert guess(HEADINGS, *rows).decimal_comma is comma


def test_commas_in_other_columns_say_nothing_about_decimals():
    assert not guess(HEADINGS, ["A-1", "12,5", "10,50", "7"]).decimal_comma


# Kept with the job


def test_a_guess_survives_json():
    found = guess(["Price list"], HEADINGS, *ROWS)
    assert Guess.from_json(json.loads(json.dumps(asdict(found)))) == found


# Whatever people do to their headings

spellings = st.sampled_from([str.upper, str.lower, str.title, lambda text: text.replace(" ", "_")])
signs = st.sampled_from(["", " ", ":", " *", ".", " (KES)", " (required)"])
titles = st.lists(
    st.sampled_from(
        [[], ["Duka Bora"], ["", "Price list", "2026"], ["Total:", "", "12,000.00"], ["P.O. Box 7"]]
    ),
    max_size=6,
)
extras = st.lists(st.sampled_from(["Remarks", "Supplier", "Colour", "Weight kg", "Ref"]), unique=True)


@st.composite
def disguised(draw):
    """A file of ours after somebody worked on it: (rows, {position: target}, number of the heading row)."""
    written = {
        draw(spellings)(draw(st.sampled_from([each.column_name, *each.aliases]))) + draw(signs): name
        for name, each in COLUMNS.items()
    }
    headings = draw(st.permutations([*written, *draw(extras)]))
    above = draw(titles)
    rows = [[f"{row}-{at}" for at in range(len(headings))] for row in range(3)]
    targets = {at: written[heading] for at, heading in enumerate(headings) if heading in written}
    return [*above, list(headings), *rows], targets, len(above) + 1


@given(disguised())
def test_headings_are_found_in_any_order_case_and_company(file):
    rows, targets, header_row = file
    found = guess(*rows)
    assert (found.header_row, found.targets, found.certain) == (header_row, targets, True)


@given(st.lists(st.lists(st.text(max_size=12), max_size=6), max_size=8))
def test_no_file_is_too_strange_to_guess(rows):
    found = guess(*rows)
    assert 0 <= found.header_row <= len(rows)
    assert len(found.targets) == len(set(found.targets.values()))


@pytest.mark.parametrize("piece", ["1 ", "1.1", "(", "1", "0", " ", "a", "-", "KES ", "<", "1,", "item "])
def test_long_cells_are_not_looked_at_for_long(piece):
    cells = [(piece * 32_000)[:32_000]] * 20
    started = time.perf_counter()
    guess(*[cells] * 10)
    guess(HEADINGS, *[cells] * 10)
    for name in ("price", "stock"):
        with suppress(ValueError):
            COLUMNS[name].widget.clean(cells[0])
    assert time.perf_counter() - started < 2


def test_every_name_of_a_column_is_its_own():
    keys = [key for column in COLUMNS.values() for key in column.keys]
    assert len(keys) == len(set(keys)), "two columns go by one name"
    assert all(heading_key(key) == key for key in keys)
