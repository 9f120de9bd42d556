"""Imports in each status, as the worker leaves them, without a worker."""

import json
from io import BytesIO

from django.db.models import Max
from django.utils import timezone

from backoffice.imports import files
from backoffice.imports.models import ImportJob, ImportStatus
from backoffice.scoping import business_scope

GUESS = {
    "sheet": "Prices",
    "sheets": ["Prices", "Old"],
    "header": 3,
    "decimal_comma": False,
    "dialect": "",
    "headings": {"1": "Item code", "2": "Item", "3": "Shelf", "4": "Sells at", "5": "Vendor"},
    "samples": {
        "1": ["WAT-1", "WAT-2", "WAT-3"],
        "2": ["Water 20 L", "Water 500 ml", "Water 1 L"],
        "3": ["Drinks > Water"],
        "4": ["350.00", "40.00", "abc"],
        "5": [],
    },
    "columns": {"1": "sku", "2": "name", "3": "category", "4": "price", "5": ""},
    "how": {"1": "alias", "2": "name", "3": "content", "4": "remembered", "5": ""},
}
HEADINGS = [*GUESS["headings"].values()]
NEW = {"Name": "Water 20 L", "Category": "Drinks > Water", "Price": "1350.00", "Stock": "12"}
SECTIONS = {
    "new": [{"number": 4, "key": "WAT-1", "title": "Water 20 L", "values": {"SKU": "WAT-1", **NEW}}],
    "changed": [
        {
            "number": 5,
            "key": "WAT-2",
            "title": "Water 500 ml",
            "changes": [
                {"column": "Price", "old": "300.00", "new": "1234.50"},
                {"column": "Cost", "old": "", "new": "30.00"},
            ],
        }
    ],
    "unchanged": [{"number": 6, "key": "WAT-3", "title": "Water 1 L"}],
    "refused": [
        {
            "number": 7,
            "key": "WAT-4",
            "title": "Water 5 L",
            "problems": [{"column": "Price", "text": "abc", "reasons": ["“abc” is not a number."]}],
        }
    ],
}
REFUSED = [
    {
        "number": 7,
        "cells": ["WAT-4", "Water 5 L", "Drinks > Water", "abc", "=1+1"],
        "reasons": ["Price: “abc” is not a number."],
        "columns": [4],
    }
]


def make_job(business, *, status=ImportStatus.READING, by=None, report=None, **values):
    """A job of products as it stands in a status; `report` is added to what belongs there."""
    last = ImportJob._base_manager.filter(business=business).aggregate(last=Max("number"))["last"] or 0
    job = ImportJob(
        business=business,
        number=last + 1,
        by=by,
        status=status,
        report={"guess": GUESS, "fingerprint": "f1", "sections": sections(values), **(report or {})},
        **{
            "resource": "products",
            "file_name": "supplier-list.xlsx",
            "sha256": f"{last + 1:064x}",
            "size": 123_456,
            "started_at": timezone.now(),
            "heard_at": timezone.now(),
            **values,
        },
    )
    job._history_user, job._change_reason = by, "uploaded"
    with business_scope(business):
        job.save()
    return job


def make_preview(business, *, by, refused=0, **values):
    """A job that waits for its confirmation: one row new, one changed, one unchanged, some refused."""
    counts = {"new_rows": 1, "changed_rows": 1, "unchanged_rows": 1, "refused_rows": refused}
    counts["total_rows"] = sum(counts.values())
    job = make_job(business, status=ImportStatus.READY, by=by, **{**counts, **values})
    if refused:
        keep_refused(job, REFUSED * refused)
    return job


def keep_refused(job, rows, headings=HEADINGS):
    """Keep the rows that were refused, as the worker does."""
    lines = [{"headings": headings}, *rows]
    files.keep(job, "refused", BytesIO("".join(f"{json.dumps(line)}\n" for line in lines).encode()))


def sections(values):
    """The rows of those kinds that the counts speak of."""
    return {kind: rows for kind, rows in SECTIONS.items() if values.get(f"{kind}_rows")}


def fresh(job):
    """The job as it is now."""
    return ImportJob._base_manager.get(pk=job.pk)
