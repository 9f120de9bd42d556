"""Whole files as lists, for tests that do not care about chunks."""

import pytest

from backoffice.errors import RuleBroken
from backoffice.spreadsheets.tables import look_at, read_rows


def rows_of(path, **options):
    with read_rows(path, **{"after": 0, **options}) as chunks:
        return [row for chunk in chunks for row in chunk]


def texts_of(path, **options):
    return [cells for number, cells in rows_of(path, **options)]


def refusal_of(path):
    with pytest.raises(RuleBroken) as seen:
        look_at(path)
        rows_of(path)
    return str(seen.value)
