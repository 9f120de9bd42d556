"""The short ways of reading a cell end where the long one does."""

from datetime import date, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from backoffice.spreadsheets.cells import LONGEST_CELL, cell_text, row_texts, unprotect


def slow_cell_text(value):
    """What a cell reads as, every step taken for every cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 10**15
        return str(int(value)) if whole else format(value, ".15g")
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    return unprotect(value) if isinstance(value, str) else str(value)


# Few letters, so that apostrophes, signs, spaces and controls meet.
tricky = st.text(alphabet="'=+-@ \t\r\n\x00\x1c\x85\xa0\u200b\u2028\ufeff＝aé漢", max_size=8)
texts = st.one_of(tricky, st.text())
numbers = st.one_of(st.floats(), st.integers(), st.integers().map(float), st.booleans())
values = st.one_of(texts, numbers, st.none(), st.dates(), st.datetimes(), st.times(), st.timedeltas())


@given(values)
@example("x" * (LONGEST_CELL + 1))
@example(" " + "x" * LONGEST_CELL)
@example("x" * LONGEST_CELL + " y")
@example(-0.0)
@example(1e15)
@example(999_999_999_999_999.0)
@example(123_456_789_012_345.6)
@example(" '=x")
@example("\x00'=x")
def test_a_cell_reads_the_same_the_short_way(value):
    assert cell_text(value) == slow_cell_text(value)


@given(st.lists(values, max_size=6))
@example(["x" * LONGEST_CELL, "y"])
@example([" a", "", 10.5, date(2026, 3, 1), "", None])
def test_a_row_reads_the_same_as_its_cells(row):
    texts = row_texts(row)
    slow = [slow_cell_text(value) for value in row]
    assert slow[: len(texts)] == texts
    assert not any(slow[len(texts) :])
    assert not texts or texts[-1]
