"""Spreadsheets for tests."""

import csv
from io import BytesIO, StringIO
from pathlib import Path

from openpyxl import Workbook, load_workbook

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LIST = "admin:inventory_product_changelist"
EXPORT = "admin:inventory_product_export"
HEADINGS = ["SKU", "Name", "Category", "Price"]


def csv_bytes(*rows, headings=HEADINGS, delimiter=",", encoding="utf-8"):
    text = StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def xlsx_bytes(*rows, headings=HEADINGS):
    book = Workbook()
    for row in [headings, *rows]:
        book.active.append(row)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def read_xlsx(data):
    return [list(row) for row in load_workbook(BytesIO(data)).active.iter_rows(values_only=True)]


def read_csv(data):
    return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))
