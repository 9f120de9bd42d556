"""Workbooks: Excel's new and old format, and LibreOffice's."""

import re
from itertools import islice
from mmap import ACCESS_READ, mmap

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from backoffice.spreadsheets.child.archive import check_archive
from backoffice.spreadsheets.child.limits import LAST_ROW, LONGEST_SHEET_NAME, MAX_SHEETS
from backoffice.spreadsheets.child.refused import Refused

ZIP = b"PK\x03\x04"
# The container of old .xls files, and of new ones with a password.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The stream in which Excel hides a new workbook, and the record FilePass after the start of an old one.
LOCKED = re.compile(
    re.escape("EncryptedPackage".encode("utf-16-le"))
    + rb"|\x09\x08\x10\x00.{16}(?:\x86\x00\x00\x00)?\x2f\x00",
    re.DOTALL,
)


class Workbook:
    """A workbook by content, whatever its name. Raises Refused."""

    encoding = delimiter = ""

    def __init__(self, file, size, head):
        if head.startswith(ZIP):
            self.kind = check_archive(file, size)
        else:
            self.kind = "xls"
            check_password(file)
        self.book = open_book(file)
        sheets = [each for each in self.book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
        # What is hidden may be looked at, but is seldom meant.
        sheets.sort(key=lambda sheet: sheet.visible != SheetVisibleEnum.Visible)
        names = [sheet.name for sheet in sheets if len(sheet.name) <= LONGEST_SHEET_NAME]
        self.sheets = [name for name in names if "\0" not in name][:MAX_SHEETS]

    def rows(self, name):
        """Yield (number, values) of a sheet, of the sheet that has the name, or of the first sheet."""
        if not self.sheets:
            raise Refused("nothing")
        if name and name not in self.sheets:
            raise Refused("no_sheet", sheet=name)
        sheet = self.book.get_sheet_by_name(name or self.sheets[0])
        if sheet.start is None:
            return
        above, left = sheet.start
        empty = [""] * left
        # The library gives rows above the first value, but not columns before it.
        for number, values in enumerate(islice(sheet.iter_rows(), above, None), start=above + 1):
            if number > LAST_ROW:
                raise Refused("many_lines")
            if values.count("") < len(values):  # a million empty rows cost nothing
                yield number, empty + values if left else values


def open_book(file):
    """Open a workbook by its handle: a path would make the library believe the ending of its name."""
    try:
        return CalamineWorkbook.from_path(f"/dev/fd/{file.fileno()}")
    except CalamineError as error:
        raise Refused("unreadable") from error


def check_password(file):
    """Refuse an OLE container with a password; the library finds some of them empty."""
    with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
        if LOCKED.search(content):
            raise Refused("password")
