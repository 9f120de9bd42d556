"""The rows that were refused, as a workbook to mend and load again."""

import json
from itertools import islice

from django.http import Http404, StreamingHttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from backoffice.imports import files
from backoffice.spreadsheets.workbook import (
    HEADING,
    TEXT,
    WRONG,
    column_letters,
    sheet_title,
    text_cell,
    workbook_pieces,
)
from backoffice.spreadsheets.writing import CHUNK, SafeXLSX, row_xml, safe_text

REASON_WIDTH, WIDTH = 60, 20


def refused_rows_file(job):
    """Return the response that downloads the workbook; raises Http404 when nothing is kept."""
    if not files.exists(job, "refused"):
        raise Http404
    name = slugify(_("import %(number)d refused rows") % {"number": job.number})
    response = StreamingHttpResponse(pieces(job), content_type=SafeXLSX().get_content_type())
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response["Cache-Control"] = "no-store"
    return response


def pieces(job):
    """Yield the workbook while the kept rows are read: each after its reasons, the wrong cells coloured."""
    with files.local_path(job, "refused") as path, open(path, encoding="utf-8") as lines:
        headings = json.loads(next(lines, "{}")).get("headings", [])
        widths = [REASON_WIDTH, *[WIDTH] * len(headings)]
        yield from workbook_pieces(sheet_title(_("Refused rows")), widths, sheet_rows(headings, lines))


def sheet_rows(headings, lines):
    """Yield some rows as XML at a time."""
    # The reader knows no column of ours called so, and leaves it out when the file comes back.
    head = enumerate([_("Reason"), *headings], start=1)
    yield row_xml(1, [text_cell(place(n, 1), safe_text(text), HEADING) for n, text in head])
    numbered = enumerate(lines, start=2)
    while chunk := list(islice(numbered, CHUNK)):
        yield "".join(row_xml(number, row_cells(number, json.loads(line))) for number, line in chunk)


def row_cells(number, row):
    """Return the cells of a row: why it was refused, then what stands in the file."""
    wrong, cells = set(row.get("columns", ())), row["cells"]
    reasons = text_cell(place(1, number), safe_text("\n".join(row["reasons"])))
    width = max([len(cells), *wrong])
    padded = enumerate([*cells, *[""] * (width - len(cells))], start=1)
    return [reasons] + [
        text_cell(place(n + 1, number), safe_text(text), WRONG if n in wrong else TEXT)
        for n, text in padded
        if text or n in wrong
    ]


def place(column, row):
    return f"{column_letters(column)}{row}"
