"""Small files of every kind, made by hand: what the tests of the reader read."""

import io
import struct
import zipfile

CSV = b"SKU,Name,Price\n" + b"".join(b"A%d,Cup,10.50\n" % n for n in range(200))
CONTENT_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def zipped(parts, method=zipfile.ZIP_DEFLATED):
    """Return a zip of {name: text or bytes}."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def xlsx_parts(*sheets, properties="", strings=None, states=()):
    """Return the parts of a workbook whose sheets hold the given XML of rows."""
    names = range(1, len(sheets) + 1)
    states = dict(enumerate(states, start=1))
    listed = "".join(
        f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}" state="{states.get(n, "visible")}"/>'
        for n in names
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATED}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in names
    )
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}">{properties}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    if strings is not None:
        related += f'<Relationship Id="rId0" Type="{RELATED}/sharedStrings" Target="sharedStrings.xml"/>'
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>'
    for n, rows in zip(names, sheets, strict=True):
        parts[f"xl/worksheets/sheet{n}.xml"] = sheet_xml(rows)
    return parts


def sheet_xml(rows, start=""):
    return f'{start}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def cell(name, value, more=""):
    return f'<c r="{name}"{more}><v>{value}</v></c>'


def word(name, text):
    return f'<c r="{name}" t="inlineStr"><is><t>{text}</t></is></c>'


HEADINGS = f'<row r="1">{word("A1", "SKU")}{word("B1", "Price")}</row>'
TABLE = HEADINGS + f'<row r="2">{word("A2", "A")}{cell("B2", 10.5)}</row>'


def xlsx(*sheets, **more):
    """Return a workbook; without sheets, one with a heading and a product."""
    return zipped(xlsx_parts(*(sheets or [TABLE]), **more))


def ods(rows, manifest=""):
    """Return a LibreOffice workbook with the given XML of rows."""
    content = f"""<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
        xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
        xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
        <table:table table:name="Sheet1">{rows}</table:table>
        </office:spreadsheet></office:body></office:document-content>"""
    mime = "application/vnd.oasis.opendocument.spreadsheet"
    listed = f"""<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
        <manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{manifest}
        </manifest:file-entry></manifest:manifest>"""
    return zipped({"mimetype": mime, "content.xml": content, "META-INF/manifest.xml": listed})


def ods_cell(text, kind="string", more=""):
    return f'<table:table-cell office:value-type="{kind}" {more}><text:p>{text}</text:p></table:table-cell>'


def ods_row(cells, times=1):
    return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'


def xls(records, before=b""):
    """Return an old workbook: a sheet of the given records, with others `before` it, in an OLE container."""
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + before
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0)) + records + record(0x0A)
    name = b"Sheet1"
    place = len(start) + 4 + 8 + len(name) + 4
    listed = record(0x85, struct.pack("<IBBBB", place, 0, 0, len(name), 0) + name)
    return ole("Workbook", start + listed + record(0x0A) + sheet)


def record(code, data=b""):
    return struct.pack("<HH", code, len(data)) + data


def xls_text(row, column, text):
    return record(0x204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text.encode("ascii"))


def xls_number(row, column, value):
    return record(0x203, struct.pack("<HHHd", row, column, 0, value))


def ole(stream, data):
    """Return an OLE container with one stream: a header, a table of sectors, a folder, and the stream."""
    sector, last, unused, no_entry = 512, 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
    data = data.ljust(4096, b"\0")  # shorter streams are kept elsewhere
    data += bytes(-len(data) % sector)
    count = len(data) // sector
    chain = [0xFFFFFFFD, last, *range(3, 2 + count), last]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(sector, struct.pack("<B", 0xFF))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, last, 0, last, 0, 0)
    header += struct.pack("<108I", *[unused] * 108)

    def entry(name, kind, child, start, size):
        title = name.encode("utf-16-le") + b"\0\0" if name else b""
        return title.ljust(64, b"\0") + struct.pack(
            "<HBBIII16xI16xIQ", len(title), kind, 1, no_entry, no_entry, child, 0, start, size
        )

    folder = entry("Root Entry", 5, 1, last, 0) + entry(stream, 2, no_entry, 2, len(data))
    folder += 2 * entry("", 0, no_entry, 0, 0)
    return header + table + folder + data
