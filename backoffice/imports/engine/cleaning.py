"""Cells become values, a column of a thousand rows at a time; nothing of the rows they are about is read."""

import json
from itertools import islice, zip_longest

from django.utils.translation import gettext as _
from uuid_utils import uuid7

from backoffice.imports.engine.packing import packed

CHUNK = 1000


class Cleaner:
    """Cleans chunks of (number, cells).

    `positions` are those of the staged columns in a row, from 0; `width` is how many cells the headings fill.
    """

    def __init__(self, staged, positions, width, *, key, derived=(), delimited=False):
        self.staged, self.positions = staged, positions
        self.makers = [make for _name, _type, make in derived]
        self.width, self.delimited = width, delimited
        self.key = next(index for index, each in enumerate(staged) if each.name == key)
        self.longest = max(width, *(position + 1 for position in positions))

    def clean(self, chunk):
        """Return (columns of the stage, problems); a problem is [number, column, text of cell, reason]."""
        numbers, rows = zip(*chunk, strict=True)
        table = list(zip_longest(*rows, fillvalue=""))
        table += [("",) * len(rows)] * (self.longest - len(table))
        problems = []
        values = [
            self.read(each, numbers, table[position], problems)
            for each, position in zip(self.staged, self.positions, strict=True)
        ]
        if self.delimited and len(table) > self.width:
            problems += self.torn(numbers, rows)
        bad = {number for number, *_what in problems}
        folded = [key.casefold() if isinstance(key, str) else key for key in values[self.key]]
        new_keys = [uuid7().hex for _number in numbers]
        made = [make(new_keys, values) for make in self.makers]
        return [numbers, new_keys, [number in bad for number in numbers], folded, *values, *made], problems

    def read(self, each, numbers, cells, problems):
        """Return the values of a column, None for a refused cell, and note what is wrong."""
        values, reasons = each.read_all(cells)
        for place, text in enumerate(cells) if reasons else ():
            if text in reasons:
                problems += [[numbers[place], each.name, text, reason] for reason in reasons[text]]
                if each is self.staged[self.key] and each.is_text:
                    # The row may be there from before a rule was made.
                    values[place] = text or None
        return values

    def torn(self, numbers, rows):
        """Yield the problems of rows with more cells than headings."""
        reason = _("This row has more cells than headings. A text with a comma needs quotes around it.")
        for number, cells in zip(numbers, rows, strict=True):
            if any(cells[self.width :]):
                yield [number, self.staged[self.key].name, "", reason]


def clean_rows(cleaner, rows, out, problems_out, *, progress):
    """Write the cleaned rows of an iterator to `out`, packed, and what is wrong to `problems_out` as JSON.

    `progress` is told how many rows are done. Returns how many there were.
    """
    done = 0
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        columns, problems = cleaner.clean(chunk)
        out.write(packed(columns))
        if problems:
            problems_out.write(json.dumps(problems) + "\n")
        done += len(chunk)
        progress(done)
    return done
