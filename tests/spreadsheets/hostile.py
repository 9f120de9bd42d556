"""Two hundred hostile files, of every kind in turn. Equal seeds make equal files."""

import random
from inspect import getmembers, isfunction

from tests.spreadsheets import hostile_texts, hostile_workbooks

COUNT = 200


def kinds():
    """Return the functions that make a file from a random.Random, in the order of their names."""
    makers = [
        (name, maker)
        for module in (hostile_texts, hostile_workbooks)
        for name, maker in getmembers(module, isfunction)
        if maker.__module__ == module.__name__ and name != "bomb"
    ]
    return [maker for name, maker in sorted(makers)]


def hostile_files(seed=1):
    """Yield (name, bytes) of COUNT files, all different."""
    rng, seen, number = random.Random(seed), set(), 0
    while len(seen) < COUNT:
        kind = kinds()[number % len(kinds())]
        number += 1
        data = kind(rng)
        if hash(data) not in seen:
            seen.add(hash(data))
            yield f"{len(seen):03} {kind.__name__}", data
