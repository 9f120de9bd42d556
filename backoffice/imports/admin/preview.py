"""What the page before an import shows: how many rows of each kind, and the first of them.

The page is of one size however many rows and columns the file has: every list in it has an end.
"""

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DecimalField
from django.utils.functional import cached_property

from backoffice.imports import files
from backoffice.imports.queries import resource_of
from backoffice.imports.words import KINDS, count_of
from backoffice.money import format_money

SHOWN_ROWS = 50
SHOWN_LINES = 80  # changes or mistakes of one kind of rows together
LINES_OF_ROW = 12
VALUES_OF_ROW = 6
SHOWN_NAMES = 20


@dataclass(frozen=True)
class Section:
    """The rows of one kind: how many there are, and the first of them."""

    kind: str
    word: str
    count: int
    rows: list[dict]
    headings: list[str] = field(default_factory=list)

    @property
    def hidden(self):
        return self.count - len(self.rows)


class Preview:
    """What a job's report says, for the template; amounts of money as staff read them."""

    def __init__(self, job):
        self.job, self.report = job, job.report
        self.resource = resource_of(job)
        self.currency = job.business.currency
        self.notes = self.report.get("notes", [])[:SHOWN_NAMES]
        self.ignored = self.report.get("ignored", [])
        self.new_categories = self.report.get("new_categories", [])
        self.fingerprint = self.report.get("fingerprint", "")

    @cached_property
    def sections(self):
        return [self.section(kind) for kind in KINDS]

    @property
    def first(self):
        """The kind of rows to open first: what is wrong, else what would change."""
        order = ["refused", "changed", "new", "unchanged"]
        found = {each.kind for each in self.sections if each.count}
        return next((kind for kind in order if kind in found), "new")

    @property
    def good(self):
        return self.job.new_rows + self.job.changed_rows

    @property
    def ignored_shown(self):
        return self.ignored[:SHOWN_NAMES]

    @property
    def new_categories_count(self):
        return self.report.get("new_categories_count", len(self.new_categories))

    @property
    def new_categories_shown(self):
        return self.new_categories[:SHOWN_NAMES]

    @cached_property
    def has_refused_file(self):
        return bool(self.job.refused_rows) and files.exists(self.job, "refused")

    def section(self, kind):
        told = self.report.get("sections", {}).get(kind, [])[:SHOWN_ROWS]
        headings = headings_of(told, self.columns) if kind == "new" else []
        rows = few_lines([self.row(each, headings) for each in told])
        return Section(kind, KINDS[kind], count_of(self.job, kind), rows, headings)

    def row(self, told, headings):
        changes, problems = told.get("changes", []), told.get("problems", [])
        return {
            "number": told.get("number"),
            "key": told.get("key", ""),
            "title": told.get("title", ""),
            "values": [(name, self.shown(name, told.get("values", {}).get(name, ""))) for name in headings],
            "lines": [self.change(each) for each in changes[:LINES_OF_ROW]] or problems[:LINES_OF_ROW],
            "more": max(0, len(changes or problems) - LINES_OF_ROW),
        }

    def change(self, told):
        name = told["column"]
        return {"column": name, "old": self.shown(name, told["old"]), "new": self.shown(name, told["new"])}

    def shown(self, name, text):
        """Return the text of a cell as staff read it: `KES 1,234.50`."""
        if text and name in self.money:
            try:
                return format_money(Decimal(text), self.currency)
            except InvalidOperation:
                return text
        return text

    @cached_property
    def columns(self):
        """The columns of the resource by their names, in the order of their declaration."""
        columns = self.resource(self.job.business).columns.values() if self.resource else ()
        return {each.column_name: each for each in columns}

    @cached_property
    def money(self):
        """The names of the columns that hold amounts: in this house, a decimal is money."""
        return {name for name, each in self.columns.items() if is_decimal(self.resource, each)}


def is_decimal(resource, column):
    try:
        return isinstance(resource._meta.model._meta.get_field(column.attribute), DecimalField)
    except FieldDoesNotExist:
        return False


def headings_of(rows, columns):
    """Return the columns of new rows that tell more than their key and title do.

    The order is ours: a database may keep the values in another one.
    """
    names = dict.fromkeys([*columns, *(name for each in rows for name in each.get("values", {}))])
    telling = [
        name
        for name in names
        if any(each.get("values", {}).get(name, "") not in ("", each["key"], each["title"]) for each in rows)
    ]
    return telling[:VALUES_OF_ROW]


def few_lines(rows):
    """Return the first rows, as many as have SHOWN_LINES lines together."""
    shown, lines = [], 0
    for row in rows:
        lines += len(row["lines"])
        if shown and lines > SHOWN_LINES:
            break
        shown.append(row)
    return shown
