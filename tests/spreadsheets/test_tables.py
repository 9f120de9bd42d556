"""Text files become rows of text, whatever program wrote them."""

import codecs

import pytest

from backoffice.spreadsheets.tables import look_at, read_rows
from tests.spreadsheets.files import xlsx
from tests.spreadsheets.reading import rows_of, texts_of

pytestmark = pytest.mark.once
CSV = "SKU,Name,Price\nA,Café crème,10.50\nB,Tea “black”,3\n"
CSV_ROWS = [["SKU", "Name", "Price"], ["A", "Café crème", "10.50"], ["B", "Tea “black”", "3"]]


ENCODINGS = {
    "UTF-8": (CSV.encode(), "utf-8"),
    "UTF-8 with a mark": (codecs.BOM_UTF8 + CSV.encode(), "utf-8-sig"),
    "UTF-16": (CSV.encode("utf-16"), "utf-16"),
    "UTF-16, big end first": (codecs.BOM_UTF16_BE + CSV.encode("utf-16-be"), "utf-16"),
    "Windows": (CSV.encode("cp1252"), "cp1252"),
    "mixed": (CSV[:30].encode("utf-8") + CSV[30:].encode("cp1252"), "utf-8, in parts cp1252"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_letters_are_read_in_the_encoding_of_the_file(file, name):
    data, encoding = ENCODINGS[name]
    look = look_at(file(data))
    assert (look.kind, look.encoding, look.delimiter) == ("csv", encoding, ",")
    assert look.sheets[0].rows == texts_of(file(data)) == CSV_ROWS


FRENCH = "Désignation;Prix\nCafé moulu, déjà torréfié;12,50\nThé à la menthe fraîche;3,20\nGâteau sablé;5\n"
SIGNS = "Item;Price\nMen’s shirt;£10\n“Big” cup – blue;£3\nTea…;£5\n"
CAPITALS = "PRODUIT;PRIX\nCAFÉ;10\nTHÉ GLACÉ;3\nÉCHARPE;5\n"
RUSSIAN = "Товар;Цена\nЧайник электрический;12,50\nЧашка фарфоровая белая;3,20\nЛожка столовая;5\n"


@pytest.mark.parametrize(
    "text, encoding",
    [
        (SIGNS, "cp1252"),
        (SIGNS, "mac_roman"),
        (CAPITALS, "cp1252"),
        (CAPITALS, "cp850"),
        (FRENCH, "latin-1"),
        (FRENCH, "mac_roman"),
        (FRENCH, "cp850"),
        (RUSSIAN, "cp1251"),
    ],
)
def test_old_encodings_are_told_by_what_they_make_of_the_letters(file, text, encoding):
    lines = [line.split(";") for line in text.splitlines()]
    assert texts_of(file(text.encode(encoding))) == lines


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_any_delimiter_is_found_also_below_a_title_and_beside_decimal_commas(file, delimiter):
    text = f'Prices, 2026\n\nSKU{delimiter}Name{delimiter}Price\nA{delimiter}Cup, big{delimiter}"10,50"\n'
    look = look_at(file(text.encode()))
    assert look.delimiter == delimiter
    assert look.sheets[0].rows[1] == []
    assert texts_of(file(text.encode()), after=3) == (
        [["A", "Cup", " big".strip(), "10,50"]] if delimiter == "," else [["A", "Cup, big", "10,50"]]
    )


def test_a_hint_above_the_table_names_the_delimiter_and_is_no_row(file):
    path = file(b"sep=|\r\nSKU|Name\r\nA|Cup; a, b; c, d\r\n")
    assert look_at(path).delimiter == "|"
    assert rows_of(path) == [(1, ["SKU", "Name"]), (2, ["A", "Cup; a, b; c, d"])]


def test_rows_have_the_numbers_that_a_spreadsheet_program_shows(file):
    path = file(b'\nSKU,Name\n,\nA,"two\nlines"\n\nB,Cup,,\n')
    assert rows_of(path) == [(2, ["SKU", "Name"]), (4, ["A", "two\nlines"]), (6, ["B", "Cup"])]
    assert rows_of(path, after=4) == [(6, ["B", "Cup"])]
    assert look_at(path).sheets[0].rows == [[], ["SKU", "Name"], [], ["A", "two\nlines"], [], ["B", "Cup"]]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_machine(file, ending):
    assert texts_of(file(ending.join(["A,B", "1,2"]).encode())) == [["A", "B"], ["1", "2"]]


def test_rows_come_in_chunks_of_a_thousand(file):
    path = file(b"SKU\n" + b"".join(b"%d\n" % n for n in range(2_500)))
    with read_rows(path) as chunks:
        assert [len(chunk) for chunk in chunks] == [1000, 1000, 500]
    assert rows_of(path)[-1] == (2501, ["2499"])


def test_a_workbook_is_known_by_its_content_and_a_text_too(file):
    assert look_at(file(xlsx(), "list.csv")).kind == "xlsx"
    assert look_at(file(CSV.encode(), "list.xlsx")).kind == "csv"
