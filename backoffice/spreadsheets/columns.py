"""The columns of a spreadsheet that people send: found by friendly names, whatever their case and spacing."""

import re

from import_export.fields import Field

from backoffice.spreadsheets.cells import unprotect


class Column(Field):
    """A field of a resource with the other names it goes by.

    `needed` is what a row without it lacks: "always", for "new" rows only, or "" for nothing.
    `when_empty` tells staff what an empty cell means; with `keeps` it leaves the row as it is.
    `examples` fill the rows of the template to download.
    """

    def __init__(self, *args, aliases=(), needed="", keeps=False, when_empty="", examples=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.aliases = aliases
        self.needed = needed
        self.keeps = keeps
        self.when_empty = when_empty
        self.examples = examples

    @property
    def keys(self):
        return {heading_key(name) for name in (self.column_name, *self.aliases)}


# What is longer is no heading, and would only take long to compare.
LONGEST_HEADING = 255


def heading_key(text):
    """Return what is compared: `Unit price (KES)`, `unit_price` and `UNIT-PRICE` are one heading."""
    return re.sub(r"[\W_]+", "", re.sub(r"\(.*?\)", "", unprotect(text[:LONGEST_HEADING])).casefold())


def quoted(names):
    """Return names as they stand in a sentence: “Price”, “Cost”."""
    return ", ".join(f"“{name}”" for name in names)
