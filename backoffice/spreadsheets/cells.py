"""What stands in a cell: everything is read as plain text, and no text is ever written as a formula.

A spreadsheet program runs a text that begins with `=`, `+`, `-` or `@` when it opens the file, so
such a text is written after an apostrophe, and the apostrophe is taken off again when it is read.
"""

import unicodedata
from datetime import datetime

FORMULA_STARTS = frozenset("=+-@")
# Excel keeps 15 digits of a number; a longer one was already damaged when it was typed.
EXACT_NUMBER = "%.15g"
LONGEST_CELL = 32_767


def plain_text(value):
    """Return a text with one kind of line break, without control characters and spaces at its ends."""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        text = "".join(char for char in text if char in "\n\t" or not is_unprintable(char))
    return text.strip()[:LONGEST_CELL].strip()


def is_unprintable(char):
    """Whether a character is a control, half a surrogate pair, or one that XML cannot hold."""
    return unicodedata.category(char) in ("Cc", "Cs") or char in "\ufffe\uffff"


def starts_like_formula(text):
    """Whether a program could run the text: wide twins of the signs count, and what hides before them."""
    for char in text:
        if char != "'" and not char.isspace() and unicodedata.category(char) not in ("Cc", "Cf"):
            return unicodedata.normalize("NFKC", char)[0] in FORMULA_STARTS
    return False


def protect(text):
    """Return the plain text, after an apostrophe when it could run as a formula."""
    text = plain_text(text)
    return f"'{text}" if starts_like_formula(text) else text


def unprotect(text):
    """Return the plain text as it was before protect()."""
    text = plain_text(text)
    return plain_text(text[1:]) if text.startswith("'") and starts_like_formula(text) else text


def cell_text(value):
    """Return a value from a CSV or Excel cell as a person would read it: 12345.0 is `12345`."""
    if isinstance(value, str):
        # Nearly every cell, hundreds of thousands in a file: what unprotect() would leave as it is.
        text = value.strip()
        quick = text.isprintable() and text[:1] != "'" and len(text) <= LONGEST_CELL
        return text if quick else unprotect(value)
    if isinstance(value, float):
        # Adding zero takes the sign off minus zero; this way of formatting takes half as long as the others.
        return EXACT_NUMBER % (value + 0.0)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    return str(value)


def row_texts(values):
    """Return the cell_text of each value of a row, without the empty ones at its end."""
    try:
        whole = "".join(values)
    except TypeError:  # numbers and days of a workbook
        values = [value if type(value) is str else cell_text(value) for value in values]
        whole = "".join(values)
    # One question about the row is faster than one about each cell, and nearly every row is plain.
    if whole.isprintable() and "'" not in whole and len(whole) <= LONGEST_CELL:
        texts = list(map(str.strip, values))
    else:
        texts = list(map(cell_text, values))
    while texts and not texts[-1]:
        texts.pop()
    return texts
