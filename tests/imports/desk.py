"""Imports for tests: a file, and the steps that the worker does with it."""

from io import BytesIO

from django.contrib.auth.models import Group, Permission

from backoffice.imports.models import ImportJob
from backoffice.imports.services import steps
from backoffice.imports.services.jobs import choose_columns, confirm_job, open_job, undo_job
from backoffice.roles import STAFF
from tests.inventory.sheets import FIXTURES, csv_bytes, xlsx_bytes
from tests.matrix.rows import snapshot


def load(business, data, *, by, name="", resource="products", **options):
    """Open an import and do the worker's part of it. Returns the job, ready or waiting or refused."""
    name = name or ("list.xlsx" if data.startswith(b"PK") else "list.csv")
    return work(open_job(business, resource=resource, file=BytesIO(data), name=name, by=by, options=options))


def load_fixture(business, name, *, by):
    return load(business, (FIXTURES / name).read_bytes(), by=by, name=name)


def work(job):
    """Do what the worker would do until the job waits for somebody. Returns it fresh."""
    job = fresh(job)
    while job.is_working:
        getattr(steps, steps.STEPS[job.status])(job.pk)
        before, job = job, fresh(job)
        assert (job.status, job.tries) != (before.status, before.tries), "The step did nothing."
    return job


def choose(job, columns, *, header=1, sheet=None, **values):
    """Say what the columns are, in the order of the file ("" leaves one out), and have the rows checked."""
    places = {str(place): name for place, name in enumerate(columns, start=1)}
    sheet = job.report["guess"]["sheet"] if sheet is None else sheet
    return work(choose_columns(job, sheet=sheet, header=header, columns=places, by=job.by, **values))


def confirm(job, *, by=None, **values):
    """Confirm a job as its preview asks, and have it written."""
    return work(confirm_job(job, fingerprint=job.report["fingerprint"], by=by or job.by, **values))


def load_all(business, data, *, by, **options):
    """Import a file from upload to the last row. Returns the finished job."""
    job = load(business, data, by=by, **options)
    assert (job.status, job.refused_rows) == ("ready", 0), (job.status, job.error, job.report)
    job = confirm(job)
    assert job.status == "done", (job.status, job.error)
    return job


def undo(job, *, by=None):
    return work(undo_job(job, by=by or job.by))


def fresh(job):
    return ImportJob._base_manager.select_related("business", "by").get(pk=job.pk)


def counts(job):
    """Return (new, changed, unchanged, refused)."""
    return job.new_rows, job.changed_rows, job.unchanged_rows, job.refused_rows


def reasons(job):
    """Return {row number: {column: [sentences]}} of the refused rows that the report shows."""
    rows = job.report["sections"]["refused"]
    return {row["number"]: {each["column"]: each["reasons"] for each in row["problems"]} for row in rows}


def office():
    """Return every row of our tables but the imports themselves, to compare before and after."""
    return {name: rows for name, rows in snapshot().items() if not name.startswith("imports.")}


def changes(job):
    """Return {row number: {column: (old, new)}} of the changed rows that the report shows."""
    rows = job.report["sections"]["changed"]
    return {row["number"]: {c["column"]: (c["old"], c["new"]) for c in row["changes"]} for row in rows}


__all__ = [
    "changes",
    "choose",
    "confirm",
    "counts",
    "csv_bytes",
    "fresh",
    "load",
    "load_all",
    "load_fixture",
    "office",
    "reasons",
    "undo",
    "work",
    "xlsx_bytes",
]


def let_staff_change_prices(may=True):
    """Give the role the right that change of a price asks for, or take it away."""
    permissions = Group.objects.get(name=STAFF).permissions
    right = Permission.objects.get(codename="change_price", content_type__app_label="inventory")
    (permissions.add if may else permissions.remove)(right)
