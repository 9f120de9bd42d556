"""Which column some cells could be, by what they look like; never certain, only a help for the person."""

import re

from backoffice.spreadsheets.numbers import NUMBER, OTHER_DECIMALS, split_currency

MOST_PIECES = 1_000_000
LONGEST_CODE = 32
# The share of cells that has to look right; the others may be mistakes.
MOST = 0.8
ANSWERS = {"yes", "no", "y", "n", "true", "false"}
CODE = re.compile(r"[\w./-]*[\d-][\w./-]*")
EAN_LENGTHS = (8, 12, 13)


def is_ean(text):
    """Whether these are 8, 12 or 13 digits and the last one checks the others (GS1)."""
    if len(text) not in EAN_LENGTHS or not (text.isascii() and text.isdigit()):
        return False
    digits = [int(digit) for digit in reversed(text)]
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def is_number(text):
    digits = split_currency(text)[0]
    return bool(NUMBER.fullmatch(digits) or OTHER_DECIMALS.fullmatch(digits))


def is_whole(text):
    return len(text) <= 12 and text.isascii() and text.isdigit() and int(text) <= MOST_PIECES


def mostly(test, cells):
    return sum(map(bool, map(test, cells))) >= MOST * len(cells)


def is_running(cells):
    """Whether these are the numbers of the rows: 1, 2, 3."""
    return all(map(is_whole, cells)) and [int(cell) for cell in cells] == list(
        range(int(cells[0]), int(cells[0]) + len(cells))
    )


def looks_like(cells):
    """Return the kind of a column: the name of a field, "amount", "text" or ""."""
    if not cells:
        return ""
    if mostly(is_ean, cells):
        return "barcode"
    if all(cell.casefold() in ANSWERS for cell in cells):
        return "is_active"
    if mostly(lambda cell: 0 < cell.find(">") < len(cell) - 1, cells):
        return "category"
    if mostly(is_whole, cells):
        return "" if is_running(cells) else "stock"
    if mostly(is_number, cells):
        # Whole numbers that are too large for pieces are telephones or codes.
        return "amount" if any("." in cell or "," in cell for cell in cells) else ""
    if longest(cells) <= LONGEST_CODE and len(set(cells)) == len(cells) and mostly(CODE.fullmatch, cells):
        return "sku"
    return "text" if len(set(cells)) >= MOST * len(cells) else ""


def longest(cells):
    return max(map(len, cells))


def guess_by_content(cells, wanted):
    """Return {position: field}; `cells` are lists by position, `wanted` the fields still to be found.

    When two columns could be one field, the person decides; the longest texts are the name.
    """
    kinds = {position: looks_like(texts) for position, texts in cells.items()}
    found = {}
    for field in wanted:
        alike = [position for position, kind in kinds.items() if kind == field]
        if len(alike) == 1:
            found[alike[0]] = field
    found.update(amounts({p: cells[p] for p, kind in kinds.items() if kind == "amount"}, wanted))
    texts = [position for position, kind in kinds.items() if kind == "text"]
    if "name" in wanted and texts:
        found[max(texts, key=lambda position: sum(map(len, cells[position])) / len(cells[position]))] = "name"
    return found


def amounts(cells, wanted):
    """Return price and cost: the lower of two is the cost, which is only tried when both are wanted."""
    if len(cells) == 1 and "price" in wanted:
        return {next(iter(cells)): "price"}
    if len(cells) == 2 and {"price", "cost"} <= set(wanted):
        low, high = sorted(cells, key=lambda position: sum(map(size, cells[position])) / len(cells[position]))
        return {low: "cost", high: "price"}
    return {}


def size(text):
    """Return roughly how large a number is, to compare two columns of one file."""
    digits = re.sub(r"[.,]\d{1,2}$", "", split_currency(text)[0])
    return int(re.sub(r"[^0-9]", "", digits)[:15] or 0)
