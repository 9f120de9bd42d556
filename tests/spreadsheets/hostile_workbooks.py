"""Workbooks that somebody might send to harm the office, or by accident."""

import struct

from tests.spreadsheets.bombs import Part, book_with, part, repeated, zip_of
from tests.spreadsheets.files import (
    CSV,
    HEADINGS,
    MAIN,
    TABLE,
    cell,
    ods,
    ods_cell,
    ods_row,
    ole,
    record,
    sheet_xml,
    word,
    xls,
    xls_text,
    xlsx,
    xlsx_parts,
    zipped,
)

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
STRING_0 = '<c t="s"><v>0</v></c>'
GOOD = xlsx()
BEFORE, AFTER = sheet_xml("|").split("|")


def far_corner(rng):
    column = rng.choice(["A", "Z", "AA", "KN", "ZZ", "XFD"])
    row = rng.choice([1, 2, 70_000, 999_999, 1_048_576])
    return xlsx(TABLE + f'<row r="{row}">{cell(f"{column}{row}", 1)}</row>')


def beyond_the_corner(rng):
    name = rng.choice(["XFE1", "A1048577", "ZZZZZZZ99999999", "A0", "A99999999999999999999", "1A", ""])
    return xlsx(TABLE + f'<row r="3">{cell(name, 1)}</row>')


def lying_dimension(rng):
    xml = sheet_xml(TABLE).replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    return zipped({**xlsx_parts(TABLE), SHEET: xml})


def twenty_million_cells(rng, size=190_000_000, disguise=None):
    unit = rng.choice(["<c><v>1</v></c>", f"<row>{'<c><v>1</v></c>' * 20}</row>", "<row><c/></row>"])
    return bomb(rng, xlsx_parts(""), SHEET, BEFORE, unit, size // len(unit), AFTER, disguise=disguise)


def shared_string_bomb(rng):
    unit = rng.choice(["x", "<si><t>x</t></si>", "<si/>"])
    before, after = ("<si><t>", "</t></si></sst>") if unit == "x" else ("", "</sst>")
    start = f'<sst xmlns="{MAIN}">{before}'
    parts = xlsx_parts(f"<row>{STRING_0}</row>", strings="")
    return bomb(rng, parts, STRINGS, start, unit, 190_000_000 // len(unit), after)


def bomb(rng, parts, *repeating, disguise=None):
    """Return a workbook that unpacks to hundreds of megabytes and says so, denies it, or hides it."""
    disguise = disguise or rng.choice(["none", "lie", "picture"])
    special = repeated(*repeating, honest=disguise != "lie")
    return book_with(special, parts, rng.randbytes(2_000_000) if disguise == "picture" else b"")


def one_string_everywhere(rng):
    text = "x" * rng.choice([40_000, 500_000, 2_000_000])
    rows = f"<row>{STRING_0 * 10}</row>" * rng.choice([200, 5_000])
    return xlsx(rows, strings=f"<si><t>{text}</t></si>")


LAUGHS = '<!DOCTYPE a [<!ENTITY l0 "ha">'
LAUGHS += "".join(f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 12))
PARTS = ["xl/workbook.xml", SHEET, "xl/styles.xml", "[Content_Types].xml", "_rels/.rels", STRINGS]


def entity_bomb(rng):
    name = rng.choice(PARTS)
    parts = xlsx_parts(f'<row r="1">{word("A1", "&l11;")}</row>', strings="<si><t>&l11;</t></si>")
    comment = f"<!--{' ' * rng.choice([0, 5_000, 500_000])}-->"  # behind a long comment it is found late
    text = comment + LAUGHS + "]>" + parts[name]
    return zipped({**parts, name: text.encode(rng.choice(["utf-8", "utf-16"]))})


def external_entity(rng):
    target = rng.choice(["file:///etc/passwd", "http://127.0.0.1:9/x", "/dev/random", "file:///dev/zero"])
    name = rng.choice(PARTS[:3])
    parts = xlsx_parts(f'<row r="1">{word("A1", "&e;")}</row>')
    return zipped({**parts, name: f'<!DOCTYPE a [<!ENTITY e SYSTEM "{target}">]>' + parts[name]})


def way_out(rng):
    name = rng.choice(
        ["../../evil.xml", "/etc/cron.d/evil", "..\\..\\evil.xml", "C:/evil.xml", "xl/../../evil"]
    )
    return zipped({**xlsx_parts(TABLE), name: "evil"})


def nested_zip(rng):
    inner = GOOD
    for _ in range(rng.randint(1, 6)):
        inner = zipped({"again.zip": inner, "again.xlsx": inner})
    return rng.choice([inner, zipped({**xlsx_parts(TABLE), "xl/embeddings/book.xlsx": inner})])


def lying_header(rng):
    lie = rng.choice(
        [
            {"size": 0}, {"size": 0xFFFFFFFE}, {"size": 5}, {"crc": 1}, {"method": 99}, {"method": 0},
            {"packed_size": 3}, {"packed_size": 0x7FFFFFFF}, {"local_name": "xl/other.xml"}, {"flags": 8},
        ]
    )  # fmt: skip
    return book_with(part(SHEET, sheet_xml(TABLE), **lie), xlsx_parts(TABLE))


def locked(rng):
    return rng.choice(
        [
            ole("EncryptedPackage", rng.randbytes(5_000)),
            xls(b"", before=record(0x2F, b"\1" + rng.randbytes(53))),
            book_with(part(SHEET, sheet_xml(TABLE), flags=1), xlsx_parts(TABLE)),
            ods("", manifest="<manifest:encryption-data/>"),
        ]
    )


def many_columns(rng):
    if rng.random() < 0.5:
        return b"SKU,Name\n" + rng.choice([b",", b";", b"\t"]) * 16_384
    row = "".join(f"<c><v>{n}</v></c>" for n in range(16_384))
    return xlsx(f"<row>{row}</row>" * rng.choice([1, 50]))


def macros(rng):
    return zipped({**xlsx_parts(TABLE), "xl/vbaProject.bin": ole("VBA", rng.randbytes(5_000))})


FORMULAS = ["=cmd|'/c calc'!A1", "+1+1", "@SUM(A1)", '=WEBSERVICE("http://127.0.0.1")', "-2+3", "＝1+1"]


def formulas(rng):
    text = rng.choice(FORMULAS)
    if rng.random() < 0.5:
        return CSV + '"{}",Cup,1\n'.format(text.replace('"', '""')).encode()
    escaped = text.replace("&", "&amp;").replace('"', "&quot;")
    return xlsx(HEADINGS + f'<row r="2"><c r="A2"><f>{escaped}</f></c>{word("B2", escaped)}</row>')


def odd_days(rng):
    value = rng.choice(["0", "60", "-1", "2958466", "1e308", "-1e308", "nan", "1e-320", "99999999999"])
    epoch = rng.choice(["", '<workbookPr date1904="1"/>', '<workbookPr date1904="true"/>'])
    return xlsx(HEADINGS + f'<row r="2"><c r="A2" s="1"><v>{value}</v></c></row>', properties=epoch)


def odd_numbers(rng):
    value = rng.choice(
        ["9" * 5_000, "1e999", "-1e999", "inf", "0x10", "1" * 40, "١٢٣", "1_000", "", "9" * 400_000]
    )
    return xlsx(HEADINGS + f'<row r="2">{cell("A2", value)}</row>')


def cut_off(rng):
    data = rng.choice([GOOD, ods(ods_row(ods_cell("A"))), xls(xls_text(0, 0, "A"))])
    return data[: rng.randrange(1, len(data))]


def bytes_changed(rng):
    data = bytearray(rng.choice([GOOD, xls(xls_text(0, 0, "A")), zipped(xlsx_parts(TABLE), method=0)]))
    for _ in range(rng.choice([1, 5, 50])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def looping_sectors(rng):
    data = bytearray(xls(xls_text(0, 0, "A")))
    for place in range(512, 560, 4):
        data[place : place + 4] = struct.pack("<I", rng.choice([0, 1, 2, 3, 0x7FFFFFFF]))
    return bytes(data)


def old_far_corner(rng):
    return xls(xls_text(0, 0, "A") + xls_text(65_535, rng.choice([255, 65_535]), "B"))


def many_parts(rng):
    return zipped({**xlsx_parts(TABLE), **{f"xl/{n}.xml": "" for n in range(rng.choice([300, 20_000]))}})


def many_sheets(rng):
    return xlsx(*[f"<row>{'<c><v>1</v></c>' * 20}</row>" * 2_000] * rng.choice([50, 150]))


def repeated_cells(rng):
    cells = ods_cell("x", more=f'table:number-columns-repeated="{rng.choice([300, 16_384, 2**31, 2**63])}"')
    return ods(ods_row(cells, times=rng.choice([1, 1_048_576, 2**31])))


def deep_xml(rng):
    return bomb(
        rng, xlsx_parts(""), SHEET, BEFORE, rng.choice(["<row>", "<c>", "<is><r>"]), 20_000_000, AFTER
    )


def endless_attribute(rng):
    unit = rng.choice([" ", "x", 'a="b" '])
    return bomb(rng, xlsx_parts(""), SHEET, BEFORE + '<row r="', unit, 190_000_000 // len(unit))


def stored_bomb(rng):
    """A stored part that is the whole file again."""
    return zip_of(
        [*[part(name, text) for name, text in xlsx_parts(TABLE).items()], Part("xl/self.xml", GOOD, method=0)]
    )
