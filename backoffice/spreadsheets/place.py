"""Where the table of a file begins: the sheet and the row with the headings.

Titles, logos, totals and empty rows above it do not disturb; it is the row that names the most columns.
"""

from dataclasses import dataclass, replace

from backoffice.spreadsheets.content import is_number
from backoffice.spreadsheets.headings import SURE, TRUST

# Hostile files have thousands; what stands further right is not looked at.
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Place:
    """A row that could hold the headings, and how well it does; `index` is -1 without headings."""

    sheet: object
    index: int = -1
    score: int = 0
    is_sure: bool = False

    @property
    def headings(self):
        return self.sheet.rows[self.index][:MOST_COLUMNS] if self.index >= 0 else []

    @property
    def below(self):
        return [row[:MOST_COLUMNS] for row in self.sheet.rows[self.index + 1 :] if any(row)]


def find_place(look, words, sheet=None, header_row=None):
    """Return (the best Place, whether no other sheet is as good), of the sheet and row that were named."""
    sheets = [each for each in look.sheets if sheet is None or each.name == sheet] or look.sheets
    if header_row is not None:
        return named_row(sheets[0], header_row - 1, words), True
    best, *others = sorted((best_row(each, words) for each in sheets), key=rank, reverse=True)
    return best, not others or rank(others[0])[:2] < rank(best)[:2]


def named_row(sheet, index, words):
    is_there = 0 <= index < len(sheet.rows)
    return replace(score_row(sheet, index, words), is_sure=True) if is_there else Place(sheet)


def rank(place):
    return bool(place.below), place.score, len(place.below)


def best_row(sheet, words):
    """Return the row of a sheet whose cells name the most columns; the first of equals."""
    rows = [score_row(sheet, index, words) for index in range(len(sheet.rows))]
    best = max(rows, key=lambda place: place.score, default=Place(sheet))
    return best if best.score else Place(sheet, unknown_headings(sheet))


def score_row(sheet, index, words):
    cells = [cell for cell in sheet.rows[index][:MOST_COLUMNS] if cell]
    found = [words.find(cell) for cell in cells]
    hows = {}
    for name, how in found:
        hows[name] = max(hows.get(name, ""), how, key=TRUST.get)
    sure = sum(how in SURE for name, how in hows.items() if name)
    known = sum(1 for name, how in found if how)
    # One known word is a row of headings only when nearly everything in it is known.
    is_row = len(hows.keys() - {""}) >= 2 or (sure and known * 2 >= len(cells))
    score = sum(TRUST[how] for how in hows.values()) if is_row else 0
    return Place(sheet, index, score, is_sure=sure >= 2 or (sure > 0 and known == len(cells)))


def unknown_headings(sheet):
    """Return the index of a row of words above numbers, or -1: headings that nobody knows yet."""
    filled = [index for index, row in enumerate(sheet.rows) if sum(map(bool, row)) > 1]
    if len(filled) < 2:
        return -1
    first, rest = sheet.rows[filled[0]], [sheet.rows[index] for index in filled[1:]]
    has_words = not any(is_number(cell) for cell in first if cell)
    numbers = (sum(is_number(row[at]) for row in rest if at < len(row)) for at in range(len(first)))
    return filled[0] if has_words and any(count * 2 > len(rest) for count in numbers) else -1
