"""What people read about a file that is not read: a sentence for each code of the reading process."""

from django.utils.translation import gettext_lazy

from backoffice.errors import RuleBroken
from backoffice.spreadsheets.child.limits import MAX_BYTES, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MEGABYTE

SENTENCES = {
    "empty": gettext_lazy("This file is empty."),
    "nothing": gettext_lazy("There is nothing in this file."),
    "bytes": gettext_lazy("This file is larger than %(megabytes)s MB. Split the file and import the parts."),
    "rows": gettext_lazy("This file has more than %(max_rows)s rows. Split the file and import the parts."),
    "columns": gettext_lazy(
        "Row %(row)s has more than %(max_columns)s columns. Delete those that are not needed."
    ),
    "cells": gettext_lazy(
        "This file has more than %(max_cells)s cells. Delete columns that are not needed, or split it."
    ),
    "many_lines": gettext_lazy("This file has more lines than a spreadsheet can hold. Split the file."),
    "long_line": gettext_lazy(
        "Line %(line)s is too long to be the row of a table. Open the file in Excel and save it as .xlsx."
    ),
    "long_row": gettext_lazy("Row %(row)s holds too much text to be the row of a table. Shorten its cells."),
    "quotes": gettext_lazy(
        "The quotes around line %(line)s do not match. Open the file in Excel and save it as .xlsx."
    ),
    "letters": gettext_lazy(
        "The letters in this file are not certain. Save it from Excel as “CSV UTF-8” or as .xlsx."
    ),
    "not_text": gettext_lazy(
        "This file is neither a workbook nor a text file. Save the table as “CSV UTF-8” or as .xlsx."
    ),
    "web_page": gettext_lazy(
        "This file is a page of the web, not a table. Open it in Excel and save it as .xlsx."
    ),
    "zip": gettext_lazy("This is a zip file without a workbook. Unpack it and choose the table inside."),
    "binary_workbook": gettext_lazy("This workbook is an .xlsb file. Open it in Excel and save it as .xlsx."),
    "password": gettext_lazy("This workbook has a password. Save it as .xlsx without a password."),
    "no_sheet": gettext_lazy("There is no sheet “%(sheet)s” in this file."),
    "unreadable": gettext_lazy(
        "This file cannot be read. Open it in Excel and save it again as .xlsx, without a password."
    ),
    "too_large": gettext_lazy(
        "This workbook is too large when unpacked. Copy the table into a new one, or split it."
    ),
    "too_long": gettext_lazy("This file takes too long to read. Copy the table into a new one, or split it."),
    "stopped": gettext_lazy(
        "Reading this file was interrupted. Try again; if it happens again, save it anew from Excel as .xlsx."
    ),
    "busy": gettext_lazy("Other files are being read at this moment. Try again in a minute."),
}


def refusal(code, **facts):
    """Return the RuleBroken for a code, with its facts (`row`, `line`, `sheet`) in the sentence."""
    limits = {
        "megabytes": MAX_BYTES // MEGABYTE,
        "max_rows": f"{MAX_ROWS:,}",
        "max_columns": MAX_COLUMNS,
        "max_cells": f"{MAX_CELLS:,}",
    }
    return RuleBroken(SENTENCES.get(code, SENTENCES["unreadable"]) % {**limits, **facts})
