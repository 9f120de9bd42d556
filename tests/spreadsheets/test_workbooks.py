"""Workbooks become rows of text: of Excel, old and new, and of LibreOffice."""

from datetime import datetime

import pytest
from openpyxl import Workbook

from backoffice.errors import RuleBroken
from backoffice.spreadsheets.tables import look_at
from tests.spreadsheets.files import (
    cell,
    ods,
    ods_cell,
    ods_row,
    word,
    xls,
    xls_number,
    xls_text,
    xlsx,
    xlsx_parts,
    zipped,
)
from tests.spreadsheets.reading import rows_of, texts_of

DAY = cell("A1", 40909, ' s="1"')


def test_values_of_a_workbook_read_as_a_person_sees_them(file, tmp_path):
    book = Workbook()
    book.active.append(["SKU", 12345, 10.5, True, datetime(2026, 3, 1), datetime(2026, 3, 1, 13, 30), None])  # noqa: DTZ001
    book.active["C4"] = "'=not a formula"
    book.active["D4"] = 12345678901234567
    book.save(tmp_path / "book.xlsx")
    assert rows_of(tmp_path / "book.xlsx") == [
        (1, ["SKU", "12345", "10.5", "TRUE", "2026-03-01", "2026-03-01 13:30:00"]),
        (4, ["", "", "=not a formula", "1.23456789012346e+16"]),
    ]


def test_a_row_of_nothing_but_zero_or_false_is_a_row(file):
    zero, false = cell("A2", 0), cell("A4", 0, ' t="b"')
    path = file(xlsx(f'<row r="2">{zero}</row><row r="3"/><row r="4">{false}</row>'))
    assert rows_of(path) == [(2, ["0"]), (4, ["FALSE"])]


def test_a_table_that_begins_to_the_right_keeps_its_columns_and_rows(file):
    path = file(xlsx(f'<row r="5">{word("C5", "SKU")}{word("D5", "Name")}</row>'))
    assert rows_of(path) == [(5, ["", "", "SKU", "Name"])]
    assert look_at(path).sheets[0].rows == [[], [], [], [], ["", "", "SKU", "Name"]]


def test_formulas_give_the_value_that_was_kept_and_macros_are_not_read(file):
    formulas = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c><c r="C1"><v>3</v></c></row>'
    )
    parts = xlsx_parts(formulas)
    path = file(zipped({**parts, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(600)}))
    assert texts_of(path) == [["2", "", "3"]]


@pytest.mark.parametrize(
    "properties, day", [("", "2012-01-01"), ('<workbookPr date1904="1"/>', "2016-01-02")]
)
def test_days_are_counted_from_the_year_that_the_workbook_says(file, properties, day):
    path = file(xlsx(f'<row r="1">{DAY}</row>', properties=properties))
    assert texts_of(path) == [[day]]


def test_hidden_sheets_stand_behind_the_others_and_can_be_read(file):
    sheets = [f'<row r="1">{word("A1", text)}</row>' for text in ("secret", "first", "second")]
    path = file(xlsx(*sheets, states=["hidden"]))
    look = look_at(path)
    assert [(sheet.name, sheet.rows) for sheet in look.sheets] == [
        ("Sheet2", [["first"]]),
        ("Sheet3", [["second"]]),
        ("Sheet1", [["secret"]]),
    ]
    assert texts_of(path) == [["first"]]
    assert texts_of(path, sheet="Sheet1") == [["secret"]]
    with pytest.raises(RuleBroken, match="no sheet “Prices”"):
        texts_of(path, sheet="Prices")


def test_a_libreoffice_workbook_is_read_with_its_repeated_cells_and_dates(file):
    day = ods_cell("", "date", 'office:date-value="2026-03-01"')
    row = ods_cell("SKU") + ods_cell("10.5", "float", 'office:value="10.5"') + day
    repeated = ods_cell("x", more='table:number-columns-repeated="3"')
    nothing = '<table:table-cell table:number-columns-repeated="16384"/>'
    path = file(ods(ods_row(row) + ods_row(repeated, times=2) + ods_row(nothing, times=1_048_000)))
    assert look_at(path).kind == "ods"
    assert rows_of(path) == [(1, ["SKU", "10.5", "2026-03-01"]), (2, ["x"] * 3), (3, ["x"] * 3)]


def test_an_old_excel_workbook_is_read(file):
    path = file(
        xls(xls_text(0, 0, "SKU") + xls_text(0, 1, "Price") + xls_text(2, 0, "A") + xls_number(2, 1, 10.5))
    )
    assert look_at(path).kind == "xls"
    assert rows_of(path) == [(1, ["SKU", "Price"]), (3, ["A", "10.5"])]
