"""Text files: rows of cells between commas, semicolons, tabs or bars."""

import csv
import io
from collections import Counter
from functools import partial
from itertools import islice

from backoffice.spreadsheets.child.letters import MIXED, find_encoding
from backoffice.spreadsheets.child.limits import LAST_ROW, LONGEST_ROW
from backoffice.spreadsheets.child.refused import Refused

DELIMITERS = ",;\t|"
# Enough lines to see past a title above the table.
LOOKED_AT = 30
# Some shops send a page of the web under the name .xls or .csv.
PAGES = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<style")


class Text:
    """A text file, whatever its name. Raises Refused."""

    kind = "csv"
    sheets = [""]

    def __init__(self, file, head):
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(PAGES):
            raise Refused("web_page")
        self.encoding = find_encoding(file)
        file.seek(0)
        self.file = opened(file, self.encoding)
        start = list(islice(read_lines(self.file), LOOKED_AT))
        self.hinted = is_hint(start[0]) if start else False
        self.delimiter = start[0][4] if self.hinted else find_delimiter(start)

    def rows(self, name):
        """Yield (number, values) of each row that is not blank; `sep=;` in the first line is not a row."""
        if name:
            raise Refused("no_sheet", sheet=name)
        self.file.seek(0)
        lines = islice(read_lines(self.file), int(self.hinted), None)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        line = 1 + self.hinted  # where the row began: an open quote runs on to the end
        try:
            for number, values in enumerate(reader, start=1):
                if any(values):  # a million blank lines cost nothing
                    yield number, values
                line = reader.line_num + 1 + self.hinted
        except csv.Error as error:
            raise Refused("quotes", line=line) from error


def opened(file, encoding):
    if encoding == MIXED:
        return io.TextIOWrapper(file, encoding="utf-8", errors="western", newline="")
    return io.TextIOWrapper(file, encoding=encoding, newline="")


def read_lines(file):
    """Yield lines. Raises Refused at one that is too long, and at more lines than a spreadsheet holds."""
    for number, line in enumerate(iter(partial(file.readline, LONGEST_ROW), ""), start=1):
        if len(line) == LONGEST_ROW:
            raise Refused("long_line", line=number)
        if number > LAST_ROW:
            raise Refused("many_lines")
        yield line


def is_hint(line):
    """Whether a line is `sep=;`, which some programs write above the table for Excel."""
    line = line.strip("\r\n\ufeff")
    return len(line) == 5 and line.lower().startswith("sep=") and line[4] in DELIMITERS


def find_delimiter(lines):
    """Return the sign that occurs equally often in most lines, quoted text aside."""
    bare = ["".join(line.split('"')[::2]) for line in lines if line.strip()]
    return max(DELIMITERS, key=lambda sign: agreement(line.count(sign) for line in bare))


def agreement(counts):
    """Return (lines with the commonest count, that count)."""
    common = Counter(count for count in counts if count)
    return max(((lines, count) for count, lines in common.items()), default=(0, 0))
