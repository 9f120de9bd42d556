"""A file that is no table is answered with a sentence that says what to do."""

import codecs

import pytest

from tests.spreadsheets.files import ods, ole, record, xls, xlsx, xlsx_parts, zipped
from tests.spreadsheets.reading import refusal_of

BAD = {
    "empty": (b"", "This file is empty"),
    "blank": (b"\n\n , ,\n", "nothing in this file"),
    "no cells": (xlsx(""), "nothing in this file"),
    "NUL": (b"SKU,Name\nA,\0\n", "neither a workbook nor a text file"),
    "NUL in UTF-16": ("SKU,\0".encode("utf-16"), "neither a workbook"),
    "uncertain letters": ("Café,".encode() + b"\x81\x8d\xe9\n", "letters in this file are not certain"),
    "half a letter": (codecs.BOM_UTF16_LE + b"a\0,", "letters in this file are not certain"),
    "an open quote": (b'SKU,Name\nA,Cup\nB,"Tea\nC,Pot\n', "quotes around line 3"),
    "a quote too many": (b'SKU,Name\nA,"Cup" x\n', "quotes around line 2"),
    "an open quote in a long file": (b'SKU\n"' + b"A,Cup\n" * 50_000, "quotes around line 2"),
    "an endless line": (b"SKU\n" + b"x" * 2_000_000, "Line 2 is too long"),
    "lines without end": (b"\n" * 1_100_000 + b"A\n", "more lines than a spreadsheet"),
    "too many rows": (b"A\n" * 200_001, "more than 200,000 rows"),
    "too many columns": (b"A\n" + b"x," * 300 + b"x\n", "Row 2 has more than 300 columns"),
    "too many cells": ((b"x" + b",x" * 299 + b"\n") * 13_334, "more than 4,000,000 cells"),
    "a page of the web": (b"<html><table><tr><td>SKU", "page of the web"),
    "another zip": (zipped({"list.csv": "A,B"}), "zip file without a workbook"),
    "a binary workbook": (zipped({"xl/workbook.bin": b"x"}), ".xlsb"),
    "a document type": (
        zipped({**xlsx_parts(""), "xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "b">]><workbook/>'}),
        "cannot be read",
    ),
    "a way out": (zipped({**xlsx_parts(""), "../../etc/passwd": "x"}), "cannot be read"),
    "too many parts": (zipped({**xlsx_parts(""), **{f"part{n}": "" for n in range(200)}}), "too large when"),
    "cut off": (xlsx()[:-300], "cannot be read"),
    "a password": (ole("EncryptedPackage", bytes(4096)), "has a password"),
    "a password in LibreOffice": (ods("", manifest="<manifest:encryption-data/>"), "has a password"),
    "a password in an old workbook": (xls(b"", before=record(0x2F, b"\1" + bytes(53))), "has a password"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(file, name):
    data, sentence = BAD[name]
    assert sentence in refusal_of(file(data))


def test_a_file_that_is_too_large_is_refused_before_it_is_opened(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024 + 1)
    assert "larger than 50 MB" in refusal_of(path)
