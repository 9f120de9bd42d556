"""The table in the file of an import: what its columns mean, and its rows one after the other."""

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from tempfile import NamedTemporaryFile
from types import ModuleType

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.imports import files
from backoffice.imports.engine.cleaning import Cleaner, clean_rows
from backoffice.imports.models import ImportJob, ImportStatus
from backoffice.imports.resource import resource_class
from backoffice.imports.services.claims import hold
from backoffice.spreadsheets.mapping import guess_table
from backoffice.spreadsheets.tables import look_at, read_rows

# What a guess says of a file that the job then goes on with, unless somebody corrects it.
CHOSEN = ("sheet", "header", "decimal_comma", "columns", "dialect")


def open_resource(job):
    """Return the resource of a job, for its business and with what was chosen."""
    # Who undid an import may import the file once more, and count once more.
    same = ImportJob._base_manager.filter(
        business=job.business_id, sha256=job.sha256, status=ImportStatus.UNDONE
    )
    times = same.exclude(pk=job.pk).count()
    reference = f"import:{job.sha256[:16]}{f'-{times}' if times else ''}:"
    resource = resource_class(job.resource)
    return resource(job.business, by=job.by, options=job.options, reference=reference, job=job)


def guess_columns(job, path, remembered):
    """Return (what the file seems to hold, as the report tells it; whether that is certain).

    A sheet and a row of headings that somebody chose are kept to. Raises RuleBroken.
    """
    resource = open_resource(job)
    look = look_at(path)
    sheet, header = job.options.get("sheet"), job.options.get("header")
    guess = guess_table(look, resource.columns, remembered, sheet=sheet, header_row=header)
    headings = {str(each.position + 1): each.heading for each in guess.columns}
    dialect = "" if remembered else dialect_of(resource, list(headings.values()))
    told = {
        "sheet": guess.sheet,
        "sheets": [each.name for each in look.sheets],
        "header": guess.header_row,
        "decimal_comma": guess.decimal_comma,
        "delimited": look.kind == "csv",
        "dialect": dialect,
        "headings": headings,
        "samples": {str(each.position + 1): each.samples for each in guess.columns},
        "columns": {str(each.position + 1): each.target for each in guess.columns},
        "how": {str(each.position + 1): each.how for each in guess.columns},
    }
    return told, guess.certain or bool(dialect)


def dialect_of(resource, headings):
    """Return the name of the system whose export has these headings, or an empty text."""
    return next((name_of(each) for each in resource.dialects if each.recognises(headings)), "")


def name_of(dialect):
    return dialect.__name__.rsplit(".", 1)[-1]


@dataclass
class Table:
    """The rows of a job's file below their headings; `columns` is {position from 0: name of our column}."""

    path: str
    sheet: str
    header: int
    file_headings: list[str]
    headings: list[str]
    columns: dict[int, str]
    delimited: bool
    dialect: ModuleType | None = None

    @property
    def ignored(self):
        return [text for position, text in enumerate(self.headings) if text and position not in self.columns]

    @contextmanager
    def rows(self):
        """Yield an iterator of (number, cells), read anew from the file."""
        with read_rows(self.path, sheet=self.sheet, after=self.header) as chunks:
            rows = chain.from_iterable(chunks)
            yield self.dialect.adapt(self.file_headings, rows)[1] if self.dialect else rows


def open_table(job, resource, path):
    """Return the Table of a job's file. Raises RuleBroken when a column is missing that every row needs."""
    options, guess = job.options, job.report["guess"]
    found = guess["headings"]
    width = max(map(int, found), default=0)
    headings = [found.get(str(position), "") for position in range(1, width + 1)]
    table = Table(
        path=path,
        sheet=options["sheet"],
        header=options["header"],
        file_headings=headings,
        headings=headings,
        columns={int(position) - 1: name for position, name in options["columns"].items() if name},
        delimited=guess["delimited"],
    )
    if options.get("dialect"):
        table = in_our_words(table, resource, options["dialect"])
    for name, column in resource.columns.items():
        if column.needed == "always" and name not in table.columns.values():
            raise RuleBroken(_("No column of this file is the %s.") % column.column_name)
    return table


def in_our_words(table, resource, dialect):
    """Return the Table as the dialect of another system is told in our columns."""
    dialect = next(each for each in resource.dialects if name_of(each) == dialect)
    headings, _rows = dialect.adapt(table.file_headings, iter(()))
    names = {column.column_name: name for name, column in resource.columns.items()}
    columns = {position: names[heading] for position, heading in enumerate(headings)}
    return replace(table, dialect=dialect, headings=headings, columns=columns, delimited=False)


def clean_file(job, resource, table, progress):
    """Keep the cleaned rows of a table, and what is wrong with them; return how many there are."""
    names = list(table.columns.values())
    staged = resource.staged(names)
    cleaner = Cleaner(
        staged,
        list(table.columns),
        len(table.headings),
        key=resource.key_column,
        derived=resource.derived(staged),
        delimited=table.delimited,
    )
    with text_files(job, "rows", "problems", "context") as (out, problems, context):
        with table.rows() as rows:
            total = clean_rows(cleaner, rows, out, problems, progress=progress)
        if not total:
            raise RuleBroken(_("This file has headings but no rows below them."))
        json.dump({"columns": names, "context": resource.context()}, context)
    return total


@contextmanager
def text_files(job, *kinds):
    """Give open text files that are kept under some kinds of the job once all are written."""
    with ExitStack() as stack:
        opened = [stack.enter_context(NamedTemporaryFile("w", encoding="utf-8")) for _kind in kinds]
        yield opened
        with transaction.atomic():
            hold(job)  # or a worker that slept would put its files in place of another's
            for kind, out in zip(kinds, opened, strict=True):
                out.flush()
                with open(out.name, "rb") as content:
                    files.keep(job, kind, content)


@contextmanager
def kept_lines(job, kind):
    """Give the lines of a kept text file."""
    with files.local_path(job, kind) as path, open(path, encoding="utf-8") as lines:
        yield lines
