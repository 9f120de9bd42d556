"""What people see of a plan: the first rows of each kind, old and new side by side, and every refused row."""

import json
from itertools import groupby

from backoffice.imports.engine.plan import CHANGED, NEW, REFUSED, UNCHANGED
from backoffice.imports.engine.stage import PROBLEMS, select, select_each

SHOWN = 50
# Letters of a cell that a report keeps: more than any page shows.
LETTERS = 300


def sections(plan):
    """Return {state: first rows} for the report of a job; refused rows are told by write_refused()."""
    return {state: first_rows(plan, state) for state in (NEW, CHANGED, UNCHANGED)}


def first_rows(plan, state):
    cells = ", ".join(f"{each.now}, {each.staged}" for each in plan.staged)
    rows = select(
        f"SELECT p.number, {plan.resource.title_sql}, {cells} FROM {plan.planned} WHERE p.state = %s "
        f"ORDER BY p.number LIMIT {SHOWN}",
        state,
    )
    return [told(plan, state, number, title, values) for number, title, *values in rows]


def told(plan, state, number, title, values):
    """Return one row of the preview."""
    pairs = zip(plan.staged, values[::2], values[1::2], strict=True)
    shown = [
        (each, each.show(now), each.show(new)) for each, now, new in pairs if not hidden(each, state, new)
    ]
    row = {"number": number, "title": title or "", "values": {}, "changes": []}
    row["key"] = next((new[:LETTERS] for each, _now, new in shown if each.name == plan.key), "")
    if state == NEW:
        row["values"] = {each.column.column_name: new[:LETTERS] for each, _now, new in shown}
    if state == CHANGED:
        row["changes"] = [
            {"column": each.column.column_name, "old": now[:LETTERS], "new": new[:LETTERS]}
            for each, now, new in shown
            if now != new or each.changes_when
        ]
    return row


def hidden(each, state, new):
    """An empty cell that keeps what the row says changes nothing; of a new row it says nothing."""
    return each.column.keeps and new is None and state != UNCHANGED


def write_refused(plan, table, out):
    """Write the refused rows as they stand in the file, a row with its reasons a line.

    The file is read once more. Returns the first of them for the report of the job.
    """
    if not plan.counts[REFUSED]:
        return []
    with table.rows() as rows:
        return write_lines(plan, rows, table, out)


def write_lines(plan, rows, table, out):
    out.write(json.dumps({"headings": table.headings}) + "\n")
    places = {name: position for position, name in table.columns.items()}
    told = {each.name: (each.column.column_name, places[name]) for name, each in plan.by_field.items()}
    problems = {}
    first = []
    for number, cells in refused_rows(rows, problems):
        found = [(*told.get(name, ("", None)), text, reason) for name, text, reason in problems[number]]
        line = {
            "number": number,
            "cells": cells,
            "reasons": [f"{column}: {reason}" if column else reason for column, _at, _text, reason in found],
            "columns": sorted({at + 1 for _column, at, _text, _reason in found if at is not None}),
        }
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
        if len(first) < SHOWN:
            key = places[plan.key_field]
            name = cells[key][:LETTERS] if key < len(cells) else ""
            first.append({"number": number, "key": name, "title": "", "problems": by_cell(found, cells)})
    return first


def refused_rows(rows, problems):
    """Yield the (number, cells) that are refused, with their problems put into `problems` meanwhile.

    Both come in the order of the file, so neither has to be held as a whole.
    """
    refused = groupby(
        select_each(f"SELECT number, name, content, reason FROM {PROBLEMS} ORDER BY number, name"),
        key=lambda problem: problem[0],
    )
    wanted, found = next(refused, (None, ()))
    for number, cells in rows:
        if wanted is None:
            return
        if number == wanted:
            problems.clear()
            problems[number] = [problem[1:] for problem in found]
            yield number, cells
            wanted, found = next(refused, (None, ()))


def by_cell(found, cells):
    """Return the problems of a row as the preview shows them, a cell each."""
    told = {}
    for column, at, text, reason in found:
        text = (text or (cells[at] if at is not None and at < len(cells) else ""))[:LETTERS]
        told.setdefault(column, {"column": column, "text": text, "reasons": []})["reasons"].append(reason)
    return list(told.values())
