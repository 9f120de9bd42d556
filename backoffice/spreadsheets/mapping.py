"""The table in a file: on which sheet, below which row of headings, and what its columns are.

A guess is shown to the person, who corrects it, unless it is certain.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backoffice.spreadsheets.content import guess_by_content
from backoffice.spreadsheets.headings import SURE, TRUST, Vocabulary
from backoffice.spreadsheets.numbers import uses_decimal_comma
from backoffice.spreadsheets.place import MOST_COLUMNS, find_place

if TYPE_CHECKING:
    from backoffice.spreadsheets.tables import FileLook

SAMPLES = 3


@dataclass(frozen=True)
class FileColumn:
    """A column of the file, positions from 0: `target` is the name of ours, or "" when it is ignored.

    `how` it was found is "remembered", "name", "alias", "alike", "content" or "".
    """

    position: int
    heading: str
    samples: list[str]
    target: str = ""
    how: str = ""


@dataclass(frozen=True)
class Guess:
    """What a file seems to hold. `header_row` counts as the spreadsheet does; 0 means there is none.

    `missing` are our columns that a row, or a new one, needs and that were not found.
    """

    sheet: str
    header_row: int
    columns: list[FileColumn]
    missing: list[str]
    decimal_comma: bool = False
    certain: bool = False

    @classmethod
    def from_json(cls, values):
        """Return the guess that dataclasses.asdict() made a dictionary of."""
        return cls(**{**values, "columns": [FileColumn(**each) for each in values["columns"]]})

    @property
    def targets(self):
        """Return {position in the row: name of our column} of the columns that are read."""
        return {each.position: each.target for each in self.columns if each.target}


def guess_table(look: FileLook, columns, remembered=None, *, sheet=None, header_row=None) -> Guess:
    """Return what the file seems to hold, for the {name: Column} of a resource.

    `remembered` is {heading key: name, or "" to ignore} of earlier files and wins over guesses. The person
    may have said which `sheet` it is, and which `header_row` (0: there is none).
    """
    words = Vocabulary(columns, remembered)
    place, is_only = find_place(look, words, sheet, header_row)
    cells = cells_by_position(place)
    wishes = read_headings(place, words)
    found, is_contested = settle(wishes)
    found.update(guess_the_rest(place, columns, cells, wishes, found))
    file_columns = [
        FileColumn(position, heading_at(place, position), samples(texts), *found.get(position, ("", "")))
        for position, texts in sorted(cells.items())
    ]
    targets = {each.target for each in file_columns}
    missing = [name for name, column in columns.items() if column.needed and name not in targets]
    is_clear = place.is_sure and is_only and not is_contested
    return Guess(
        sheet=place.sheet.name,
        header_row=place.index + 1,
        columns=file_columns,
        missing=missing,
        decimal_comma=has_decimal_comma(found, columns, cells),
        certain=is_clear and nothing_open(file_columns, columns, wishes),
    )


def cells_by_position(place):
    """Return {position: filled cells below the headings} of every column that has a heading or a cell.

    What stands to the right of the last heading is no column: a comma without quotes, or a note.
    """
    cells = {position: [] for position, heading in enumerate(place.headings) if heading}
    end = max(cells, default=MOST_COLUMNS) + 1
    for row in place.below:
        for position, cell in enumerate(row[:end]):
            if cell:
                cells.setdefault(position, []).append(cell)
    return cells


def heading_at(place, position):
    return place.headings[position] if position < len(place.headings) else ""


def samples(texts):
    return list(dict.fromkeys(texts))[:SAMPLES]


def read_headings(place, words):
    """Return {position: (name, how)} as each heading would have it."""
    wishes = {at: words.find(heading) for at, heading in enumerate(place.headings) if heading}
    taken = {name for name, how in wishes.values()}
    for position, (_name, how) in wishes.items():
        if not how:
            name, how = words.find_misspelt(place.headings[position])
            wishes[position] = (name, how) if name not in taken else ("", "")
    return wishes


def settle(wishes):
    """Return (what each position gets, whether two were equally right): a column is given once."""
    found, taken = {}, set()
    for position, (name, how) in sorted(wishes.items(), key=lambda item: (-TRUST[item[1][1]], item[0])):
        if name and name in taken:
            continue
        taken.add(name)
        found[position] = (name, how)
    sure = Counter(name for name, how in wishes.values() if name and how in SURE)
    return found, any(count > 1 for count in sure.values())


def guess_the_rest(place, columns, cells, wishes, found):
    """Return {position: (name, "content")} for what no heading says.

    Below headings only needed columns are looked for: an unknown heading is mostly something else.
    """
    has_headings = any(place.headings)
    taken = {name for name, how in found.values()}
    wanted = [
        name for name, column in columns.items() if name not in taken and (column.needed or not has_headings)
    ]
    free = {at: texts for at, texts in cells.items() if not wishes.get(at, ("", ""))[1]}
    return {position: (name, "content") for position, name in guess_by_content(free, wanted).items()}


def has_decimal_comma(found, columns, cells):
    """Whether the columns of numbers write 1.234,50."""
    numbers = {name for name, column in columns.items() if hasattr(column.widget, "decimal_comma")}
    texts = [cell for at, (name, how) in found.items() if name in numbers for cell in cells.get(at, [])]
    return uses_decimal_comma(texts)


def nothing_open(file_columns, columns, wishes):
    """Whether the person has nothing to decide: needed columns are there, and nothing is a mere likeness.

    Columns of new rows may be missing in a file whose columns are all known: a count names no prices.
    """
    if any(each.how in ("alike", "content") for each in file_columns):
        return False
    targets = {each.target for each in file_columns}
    missing = {each.needed for name, each in columns.items() if each.needed and name not in targets}
    all_known = all(wishes.get(each.position, ("", ""))[1] for each in file_columns)
    return not missing or (missing == {"new"} and all_known)
