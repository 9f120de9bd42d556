"""What the process answers: one JSON object a line, and a last one that says that it was all."""

import json
import sys
from time import process_time

from backoffice.spreadsheets.cells import row_texts
from backoffice.spreadsheets.child.limits import LONGEST_ROW, MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from backoffice.spreadsheets.child.refused import Refused

CHUNK = 1_000
LOOK_ROWS = 50
# Of a cell in the look; enough for headings and samples.
LOOK_LETTERS = 500
# After this much the remaining sheets are named only.
LOOK_SECONDS = 4
LOOK_SIZE = 4_000_000

encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def say(**answer):
    """Send one line."""
    sys.stdout.buffer.write(encode(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def say_look(source):
    """Send the top of every sheet."""
    say(kind=source.kind, encoding=source.encoding, delimiter=source.delimiter)
    sent = filled = skipped = 0
    for name in source.sheets:
        rows = []
        if sent > LOOK_SIZE or process_time() > LOOK_SECONDS:
            skipped += 1
        else:
            rows = top_rows(source.rows(name))
        sent += sum(len(cell) for row in rows for cell in row)
        filled += len(rows)
        say(sheet=name, rows=rows)
    if not filled and not skipped:
        raise Refused("nothing")


def top_rows(rows):
    top = []
    for number, values in rows:
        if number > LOOK_ROWS:
            break
        texts = row_texts(values)
        check_row(number, texts)
        if texts:
            top += [[] for _ in range(number - 1 - len(top))]
            top.append([text[:LOOK_LETTERS] for text in texts])
    return top


def say_rows(rows, after):
    """Send the rows below row `after` that hold anything, many in a line."""
    numbers, chunk, size, total_rows, total_cells = [], [], 0, 0, 0
    for number, values in rows:
        if number <= after:
            continue
        texts = row_texts(values)
        if not texts:
            continue
        size += check_row(number, texts)
        total_cells += len(texts)
        numbers.append(number)
        chunk.append(texts)
        if len(chunk) == CHUNK or size > LONGEST_ROW:
            total_rows += len(chunk)
            check_size(total_rows, total_cells)
            say(numbers=numbers, rows=chunk)
            numbers, chunk, size = [], [], 0
    check_size(total_rows + len(chunk), total_cells)
    if chunk:
        say(numbers=numbers, rows=chunk)


def check_row(number, texts):
    """Return how many letters a row has. Raises Refused for one that is no row of a table."""
    if len(texts) > MAX_COLUMNS:
        raise Refused("columns", row=number)
    size = sum(map(len, texts))
    if size > LONGEST_ROW:
        raise Refused("long_row", row=number)
    return size


def check_size(rows, cells):
    if rows > MAX_ROWS:
        raise Refused("rows")
    if cells > MAX_CELLS:
        raise Refused("cells")
