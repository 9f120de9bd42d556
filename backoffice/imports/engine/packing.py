"""Rows as lines of text that PostgreSQL's COPY takes as they are: cells between tabs, \\N for nothing."""

import re

NOTHING = "\\N"
SIGNS = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
ESCAPES = str.maketrans(SIGNS)
ESCAPED = re.compile(r"\\(.)")
MEANT = {sign[-1]: char for char, sign in SIGNS.items()}


def packed(columns):
    """Return the lines of some rows, which are given column by column."""
    return "".join(f"{line}\n" for line in map("\t".join, zip(*map(pack_column, columns), strict=True)))


def pack_column(values):
    if set(map(type, values)) == {str}:
        # One look at all of them is faster than one at each, and nearly all texts are plain.
        whole = "".join(values)
        return [text.translate(ESCAPES) for text in values] if any(s in whole for s in SIGNS) else values
    return [str(value) if type(value) is int else pack(value) for value in values]


def pack(value):
    if value is None:
        return NOTHING
    if value is True or value is False:
        return str(int(value))  # what both databases take
    return str(value).translate(ESCAPES)


def unpacked(line):
    """Return the cells of a line: texts, or None for nothing."""
    cells = line.removesuffix("\n").split("\t")
    return [unpack(cell) for cell in cells] if "\\" in line else cells


def unpack(cell):
    return None if cell == NOTHING else ESCAPED.sub(lambda sign: MEANT[sign[1]], cell)
