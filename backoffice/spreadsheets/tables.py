"""A file somebody sent, as rows of text. A limited process parses it; here is only asked and listened."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from backoffice.spreadsheets.child.limits import MAX_BYTES
from backoffice.spreadsheets.process import reader_process
from backoffice.spreadsheets.refusals import refusal


@dataclass(frozen=True)
class SheetLook:
    """The top of one sheet.

    `name` is "" in a text file. `rows` are the first 50 as text, `rows[0]` is the spreadsheet's row 1,
    an empty row is []; long cells are cut. Sheets after a great many others have no rows here.
    """

    name: str
    rows: list[list[str]]


@dataclass(frozen=True)
class FileLook:
    """What a file is. `kind` is csv, xlsx, xls or ods; `encoding` and `delimiter` are "" in a workbook.

    Hidden sheets stand after the visible ones.
    """

    kind: str
    encoding: str
    delimiter: str
    sheets: list[SheetLook] = field(default_factory=list)


def look_at(path):
    """Return the FileLook of a file. Raises RuleBroken with a sentence about what is wrong with the file."""
    check_bytes(path)
    with reader_process("look", absolute(path)) as answers:
        look = FileLook(**next(answers))
        look.sheets.extend(SheetLook(answer["sheet"], answer["rows"]) for answer in answers)
    return look


@contextmanager
def read_rows(path, *, sheet="", after=1):
    """Yield an iterator of chunks of the rows below row `after`; the first sheet is read unless one is named.

    A chunk is a list of up to 1,000 (number, cells): the number that the spreadsheet program shows, and
    the texts without the empty ones at the end. Empty rows are left out. Raises RuleBroken, also in the
    middle. Whoever leaves the context early ends the reading.
    """
    check_bytes(path)
    with reader_process("rows", absolute(path), sheet, after) as answers:
        yield (list(zip(answer["numbers"], answer["rows"], strict=True)) for answer in answers)


def check_bytes(path):
    size = Path(path).stat().st_size
    if not size:
        raise refusal("empty")
    if size > MAX_BYTES:
        raise refusal("bytes")


def absolute(path):
    return Path(path).resolve()
