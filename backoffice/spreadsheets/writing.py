"""Rows become the bytes of a CSV file or an Excel workbook, piece by piece, whatever their number.

Numbers stay numbers, texts stay texts, and nothing runs when a spreadsheet program opens the file.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, count, islice

from django.utils.translation import gettext_lazy as _
from import_export.formats import base_formats

from backoffice.spreadsheets.cells import LONGEST_CELL, protect
from backoffice.spreadsheets.workbook import (
    DATE,
    HEADING,
    MOMENT,
    MONEY,
    column_letters,
    days,
    sheet_title,
    text_cell,
    workbook_pieces,
)

# How many rows are in memory at a time.
CHUNK = 1_000
# What is told as str() has it; None is an empty cell.
PLAIN = frozenset([int, Decimal, type(None)])
# Lines of Latin text that begin with a letter or digit and do not end in a space, or are empty.
LINE = r"(?:[A-Za-z0-9][ -~]*(?<! ))?"
TIDY = re.compile(rf"{LINE}(?:\n{LINE})*").fullmatch
# What a cell of a CSV file has only between quotes.
SIGNS = ',"\r\n'
# The only cell of a row, when it is empty: a blank line is no row.
NOTHING = '""'
# The narrowest and the widest column of a workbook, in characters.
WIDTHS = (10, 48)


def csv_pieces(headings, rows):
    """Yield a CSV file of the rows as bytes: UTF-8, after a mark by which Excel knows the letters."""
    chunks = chain([[headings]], in_chunks(rows))
    texts = (csv_lines(map(csv_column, zip(*chunk, strict=True))) for chunk in chunks)
    yield f"\ufeff{next(texts)}".encode()
    yield from map(str.encode, texts)


def csv_lines(columns):
    """Return the lines of some columns of cells, as csv writes them; it looks at every letter for that."""
    lines = map(",".join, zip(*columns, strict=True))
    return "".join([f"{line or NOTHING}\r\n" for line in lines])


def csv_column(values):
    """Return some values of one column as the cells of a CSV file."""
    kinds = set(map(type, values))
    if kinds <= PLAIN:
        return ["" if each is None else str(each) for each in values]
    texts = values if is_tidy(kinds, values) else [csv_text(each) for each in values]
    # One look at all of them is faster than one at each.
    return [in_quotes(text) for text in texts] if needs_quotes("".join(texts)) else texts


def csv_text(value):
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return "" if value is None else str(value) if type(value) in PLAIN else safe_text(str(value))


def needs_quotes(text):
    return any(sign in text for sign in SIGNS)


def in_quotes(text):
    """Return a text as a cell of a CSV file has it."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if needs_quotes(text) else text


def xlsx_pieces(headings, rows, *, title):
    """Yield an Excel workbook of the rows as bytes: one sheet, its headings bold and fixed in place."""
    headings = [safe_text(str(heading)) for heading in headings]
    letters = [column_letters(n) for n in range(1, len(headings) + 1)]
    chunks = in_chunks(rows)
    first = next(chunks, [])
    head = [text_cell(f"{letter}1", text, HEADING) for letter, text in zip(letters, headings, strict=True)]
    body = (rows_xml(letters, chunk, 2 + CHUNK * n) for n, chunk in enumerate(chain([first], chunks)))
    widths = [width_of(texts) for texts in zip(headings, *first, strict=True)]
    return workbook_pieces(sheet_title(title), widths, chain([row_xml(1, head)], body))


def rows_xml(letters, rows, start):
    """Return rows as XML; `start` is the number of the first."""
    columns = [
        [excel_cell(f"{letter}{number}", value) for number, value in enumerate(values, start)]
        for letter, values in zip(letters, zip(*rows, strict=True), strict=bool(rows))
    ]
    return "".join(map(row_xml, count(start), zip(*columns, strict=True)))


def row_xml(number, cells):
    return f'<row r="{number}">{"".join(cells)}</row>'


def excel_cell(place, value):
    """Return a cell whose type says text, number or date, so that Excel does not have to guess."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return text_cell(place, safe_text(value)[:LONGEST_CELL])
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    if isinstance(value, Decimal):
        return f'<c r="{place}" s="{MONEY}"><v>{value}</v></c>'
    if isinstance(value, date):
        style = MOMENT if isinstance(value, datetime) else DATE
        return f'<c r="{place}" s="{style}"><v>{days(value)}</v></c>'
    return text_cell(place, safe_text(str(value))[:LONGEST_CELL])


def width_of(values):
    """Return how wide a column is, by its heading and the rows that are read first."""
    longest = max(len(str(value)) for value in values if value is not None)
    return min(max(longest + 3, WIDTHS[0]), WIDTHS[1])


def in_chunks(rows):
    """Return an iterator of lists of rows."""
    rows = iter(rows)
    return iter(lambda: list(islice(rows, CHUNK)), [])


def is_tidy(kinds, values):
    """Whether protect() would leave all of these texts as they are, seen at one glance."""
    return kinds == {str} and max(map(len, values)) <= LONGEST_CELL and TIDY("\n".join(values)) is not None


def safe_text(text):
    """Return what protect() makes of a text.

    Most texts stay as they are: those that begin with a letter or digit, can be printed, and have no space
    or line break at their end.
    """
    if text[:1].isalnum() and text[-1] not in " \n" and len(text) <= LONGEST_CELL:
        printed = text if text.isprintable() else text.replace("\n", "")
        return text if printed.isprintable() else protect(text)
    return protect(text) if text else ""


class SafeCSV(base_formats.CSV):
    """The format as django-import-export asks for it."""

    CONTENT_TYPE = "text/csv; charset=utf-8"

    def get_title(self):
        return _("CSV, for other programs")

    def export_data(self, dataset, **kwargs):
        return b"".join(csv_pieces(dataset.headers, dataset))


class SafeXLSX(base_formats.XLSX):
    """The format as django-import-export asks for it."""

    def get_title(self):
        return _("Excel")

    def export_data(self, dataset, **kwargs):
        return b"".join(xlsx_pieces(dataset.headers, dataset, title=str(dataset.title or "")))


FORMATS = [SafeXLSX, SafeCSV]
