"""The parts of an Excel workbook with one sheet, zipped while its rows are still being read.

Written here rather than by a package: openpyxl and XlsxWriter take ten times as long for the same rows, and
XlsxWriter, where it does not keep them all in memory, puts a text such as `<r>…</r>` into the file unescaped.
"""

import re
from datetime import datetime, time
from html import escape
from zipfile import ZIP_DEFLATED, ZipFile

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# Excel counts days from here, on whatever clock the reader has.
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
# Positions in the list of cell formats below.
TEXT, MONEY, MOMENT, DATE, HEADING, WRONG = 1, 2, 3, 4, 5, 6
STYLES = f"""{XML}<styleSheet xmlns="{MAIN}">
<numFmts count="2">
<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/>
</numFmts>
<fonts count="2">
<font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font>
</fonts>
<fills count="4">
<fill><patternFill patternType="none"/></fill>
<fill><patternFill patternType="gray125"/></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FFE2E8F0"/></patternFill></fill>
<fill><patternFill patternType="solid"><fgColor rgb="FFFBD5D5"/></patternFill></fill>
</fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="7">
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/>
<xf numFmtId="49" fontId="0" fillId="3" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/>
</cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""
PARTS = {
    "[Content_Types].xml": f"""{XML}<Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/>
<Override PartName="/{SHEET}" ContentType="{TYPES}.worksheet+xml"/>
</Types>""",
    "_rels/.rels": f"""{XML}<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="rId1" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/>
</Relationships>""",
    "xl/_rels/workbook.xml.rels": f"""{XML}<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Id="rId1" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="{DOCUMENT}/styles" Target="styles.xml"/>
</Relationships>""",
    "xl/styles.xml": STYLES,
}
WORKBOOK = f"""{XML}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">
<bookViews><workbookView/></bookViews>
<sheets><sheet name="%s" sheetId="1" r:id="rId1"/></sheets>
</workbook>"""
# The first row stays in sight.
SHEET_HEAD = f"""{XML}<worksheet xmlns="{MAIN}">
<sheetViews><sheetView workbookViewId="0">
<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>
</sheetView></sheetViews>
<cols>%s</cols><sheetData>"""
SHEET_TAIL = "</sheetData></worksheet>"
# Excel reads _x0041_ as A, so the sign before the x is written as such a code itself.
CODE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


class Outbox:
    """What a ZipFile writes to: keeps the bytes until they are taken to be sent."""

    def __init__(self):
        self.pieces = []

    def write(self, data):
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self):
        pass

    def take(self):
        data, self.pieces = b"".join(self.pieces), []
        return data


def workbook_pieces(title, widths, rows):
    """Yield the bytes of a workbook; `rows` are lists of cells as XML, in lists of rows."""
    outbox = Outbox()
    with ZipFile(outbox, "w", ZIP_DEFLATED) as book:
        for name, xml in PARTS.items():
            book.writestr(name, xml)
        book.writestr("xl/workbook.xml", WORKBOOK % escape(title))
        with book.open(SHEET, "w") as sheet:
            sheet.write((SHEET_HEAD % columns_xml(widths)).encode())
            for xml in rows:
                sheet.write(xml.encode())
                yield outbox.take()
            sheet.write(SHEET_TAIL.encode())
    yield outbox.take()


def columns_xml(widths):
    cols = (
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, 1)
    )
    return "".join(cols)


def column_letters(number):
    """Return how Excel calls a column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def text_cell(place, text, style=TEXT):
    """Return a cell that says of itself that it is text, so that nothing in it runs."""
    text = CODE.sub("_x005F_", escape(text, quote=False))
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def days(value):
    """Return a date or a moment without time zone as Excel's number of days."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    return (value - EPOCH).total_seconds() / 86_400


def sheet_title(text):
    """Return a text as the name of a sheet may be: nothing that Excel refuses, or could read as more."""
    return re.sub(r"[^\w .,&()-]+", " ", text).strip(" .,-")[:31].strip() or "Sheet"
