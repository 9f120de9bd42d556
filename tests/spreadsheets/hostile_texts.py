"""Files that are no workbooks, and hard to read as a text."""

from tests.spreadsheets.files import CSV

STARTS = [
    b"\x89PNG\r\n\x1a\n",
    b"%PDF-1.7\n",
    b"GIF89a",
    b"\x7fELF",
    b"MZ\x90\0",
    b"\x1f\x8b\x08",
    b"{\\rtf1 ",
]


def another_format(rng):
    return rng.choice(STARTS) + rng.randbytes(rng.randint(10, 50_000))


def a_page(rng):
    return rng.choice(
        [b"<html><table><tr><td>A", b"\n<!DOCTYPE html><p>", b'<?xml version="1.0"?><Workbook>']
    )


def endless_line(rng):
    size = rng.choice([1_000_001, 5_000_000, 20_000_000])
    text = rng.choice(["x", "x,", "é", '"', '""', "漢"])
    return b"SKU,Name\n" + (text * (size // len(text))).encode(rng.choice(["utf-8", "utf-16-le"]))


def endless_line_in_utf16(rng):
    return (rng.choice(["x", "😀", "漢,"]) * 9_000_000).encode("utf-16")


def open_quote(rng):
    place = rng.randrange(len(CSV))
    return (CSV[:place] + b'"' + CSV[place:]) * rng.choice([1, 51, 2_001])


def mixed_letters(rng):
    texts = ["Café", "Ñandú", "Größe", "“x”", "漢字", "Привет"]
    encodings = ["utf-8", "cp1252", "utf-16", "mac_roman", "cp1251", "cp932", "utf-7"]
    lines = (rng.choice(texts).encode(rng.choice(encodings), "ignore") + b",1\n" for _ in range(300))
    return b"SKU,Price\n" + b"".join(lines)


def nul(rng):
    place = rng.randrange(len(CSV))
    return (
        rng.choice([b"", b"\xff\xfe", b"\xef\xbb\xbf"])
        + CSV[:place]
        + b"\0" * rng.choice([1, 2, 5_000_000])
        + CSV[place:]
    )


def million_rows(rng):
    return rng.choice([b"\n", b"A,B\n", b",\n", b'"",""\n', b"A,B,C,D,E,F,G,H,I,J\n"]) * rng.choice(
        [1_048_577, 2_000_000]
    )


def many_commas(rng):
    return rng.choice([b",", b";", b"\t", b"|", b'"', b"\r"]) * rng.choice([900_000, 30_000_000])


def bytes_at_random(rng):
    start = rng.choice([b"", b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"])
    return start + rng.randbytes(rng.choice([1, 30, 5_000, 3_000_000]))
