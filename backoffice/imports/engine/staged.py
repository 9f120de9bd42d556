"""A column of the file as the engine sees it: how a cell is read, where the value stands now."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from operator import attrgetter

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import connection
from django.db.models import DecimalField
from django.utils.translation import gettext as _

from backoffice.money import CENT
from backoffice.spreadsheets.cells import cell_text, plain_text
from backoffice.spreadsheets.columns import Column

# Ranges of signs, as GLOB and regular expressions know them; line breaks and tabs stay in a cell.
UNPRINTABLE = "\x01-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff"


@dataclass
class StagedColumn:
    """`name` is its column in the stage and, unless it is `extra`, in the table that the file is about.

    `read` turns a cell into a value or raises ValueError or ValidationError with a sentence; `now` is the
    SQL of the value that the row has now; `show` says a value as the cell of an export does. What a cell
    changes is what it says differently, unless `changes_when` is the SQL of something else. What passes all
    the tests `as_is` is read as the text that it is.
    """

    column: Column
    name: str
    db_type: str
    read: Callable
    now: str = ""
    extra: bool = False
    show: Callable = staticmethod(lambda value: as_text(value))
    changes_when: str = ""
    as_is: tuple[Callable, ...] = ()

    def __post_init__(self):
        self.now = self.now or f't."{self.name}"'
        self.staged = f's."{self.name}"'

    def read_all(self, cells):
        """Return (the values of cells, {text: its sentences}); a refused cell has None for a value."""
        if self.as_is and all(all(map(test, cells)) for test in self.as_is):
            return cells, {}
        known, reasons = {}, {}
        for text in dict.fromkeys(cells):
            try:
                known[text] = self.read(text)
            except (ValueError, ValidationError) as error:
                known[text], reasons[text] = None, sentences(error)
        return [known[text] for text in cells], reasons

    @property
    def is_text(self):
        return self.db_type.startswith(("varchar", "text"))

    @property
    def stage_type(self):
        """A text of any length: a key that is too long may be that of a row from before there was a limit."""
        return "text" if self.is_text else self.db_type

    @property
    def differs(self):
        """The SQL of whether the cell says something else; an empty one that keeps says nothing."""
        if self.changes_when:
            return f"({self.changes_when})"
        differs = f"{self.now} {distinct_from()} {self.staged}"
        return f"({self.staged} IS NOT NULL AND {differs})" if self.column.keeps else f"({differs})"

    @property
    def oddly_written(self):
        """The SQL of whether what the row says now may lose spaces or such on its way to the cell."""
        found = "instr" if connection.vendor == "sqlite" else "strpos"
        lost = f"{found}({self.now}, {self.staged}) > 0 OR {holds_unprintable(self.now)}"
        shorter = f"length({self.staged}) < length({self.now})"
        return f"({shorter} AND ({lost}) OR {self.now} <> replace({self.now}, '\r', ''))"

    @property
    def written(self):
        """The SQL of the value that an existing row gets."""
        return f"COALESCE({self.staged}, {self.now})" if self.column.keeps else self.staged


def distinct_from():
    # SQLite learnt IS DISTINCT FROM late; its own word for it is IS NOT.
    return "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"


def holds_unprintable(text):
    """Return the SQL of whether a text holds a sign that no cell has."""
    if connection.vendor == "sqlite":
        return f"{text} GLOB '*[{UNPRINTABLE}]*'"
    return f"{text} ~ '[{UNPRINTABLE}]'"


def staged_column(model, attribute, column, read, **values):
    """Return the StagedColumn of a model field, checked by the field's length and patterns."""
    field = model._meta.get_field(attribute)
    tests = field_tests(field)
    if isinstance(field, DecimalField):
        read, values = plain(read, str), {"show": as_money, **values}
    elif field.many_to_one:
        read = plain(read, attrgetter("hex"))
    if column.widget.as_is:
        values["as_is"] = (column.widget.as_is, *(test for test, _complain in tests))
    return StagedColumn(column, field.column, field.db_type(connection), checked(read, tests), **values)


def field_tests(field):
    """Return [(test, function that raises)] of what a field asks of a text; widgets bound the numbers."""
    tests = [(each.regex.search, each) for each in field.validators if isinstance(each, RegexValidator)]
    if field.max_length:
        fits = re.compile(f".{{0,{field.max_length}}}", re.DOTALL).fullmatch
        tests.insert(0, (fits, partial(too_long, field.max_length)))
    return tests


def too_long(most, text):
    raise ValueError(
        _("This has %(length)d characters; at most %(most)d fit.") % {"length": len(text), "most": most}
    )


def checked(read, tests):
    """Return `read` and then the tests."""
    if not tests:
        return read

    def read_checked(text):
        value = read(text)
        for passes, complain in tests:
            if value and not passes(value):
                complain(value)
        return value

    return read_checked


def sentences(error):
    """Return what a refused cell is told."""
    return error.messages if isinstance(error, ValidationError) else [str(error)]


def as_text(value):
    """Return a value as the cell of an export says it."""
    return plain_text(value) if isinstance(value, str) else cell_text(value)


def as_money(value):
    """Return an amount with its cents, which SQLite leaves out."""
    return "" if value is None else str(Decimal(str(value)).quantize(CENT))


def plain(read, kind):
    """Return `read` with what both databases take: money as text, a key as hex digits."""

    def read_plain(text):
        value = read(text)
        return value if value is None else kind(value)

    return read_plain
