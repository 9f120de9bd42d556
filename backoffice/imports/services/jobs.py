"""The life of an import: opened by a person, told by the worker, confirmed, cancelled or undone by a person.

Every function is one transaction and raises RuleBroken with a sentence for staff when it refuses.
"""

from functools import partial
from hashlib import sha256

from django.db import transaction
from django.db.models import Max
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.imports import files
from backoffice.imports.models import ImportJob, ImportStatus
from backoffice.imports.models.job import OPEN
from backoffice.imports.services.mappings import remember_columns
from backoffice.transitions import lock, move

S = ImportStatus
# Files of one person that wait for a worker or for him; each may take 50 MB and more.
MOST_OPEN = 50


def open_job(business, *, resource, file, name, by, supplier="", options=None):
    """Keep an uploaded file (an open binary file) and have it read. Returns the ImportJob.

    `resource` is the name of an ImportResource, such as "products"; `options` are its own choices.
    """
    require_room(by)
    digest, size = sha256(), 0
    for part in iter(partial(file.read, 1 << 20), b""):
        digest.update(part)
        size += len(part)
    if not size:
        raise RuleBroken(_("This file is empty."))
    file.seek(0)
    job = ImportJob(
        business=business,
        resource=resource,
        file_name=name[-255:],
        sha256=digest.hexdigest(),
        size=size,
        supplier=supplier.strip(),
        options=options or {},
        by=by,
    )
    files.keep(job, "file", file)
    with transaction.atomic():
        try:
            save_opened(job)
        except BaseException:
            files.drop(job)
            raise
        start("read_file", job)
    return job


def save_opened(job):
    """Save a new job under the next number of its business. Call inside a transaction."""
    lock(job.business)
    last = ImportJob._base_manager.filter(business=job.business_id).aggregate(last=Max("number"))["last"]
    job.number = (last or 0) + 1
    job._history_user, job._change_reason = job.by, _("uploaded")
    job.save()


def require_room(by):
    """Raise RuleBroken when too many files of the person wait already."""
    if by and ImportJob._base_manager.filter(by=by, status__in=OPEN).count() >= MOST_OPEN:
        raise RuleBroken(
            _("%d files of yours wait already. Import or cancel some of them first.") % MOST_OPEN
        )


@transaction.atomic
def choose_columns(job, *, sheet, header, columns, by, decimal_comma=False, supplier=None):
    """Say what the columns mean and have the rows checked. Returns the job.

    `columns` is {position from 1: name of our column}, `header` the row of the headings (0: there is none).
    They take the place of what is known of another system's export.
    With a supplier the choice is remembered for the next file.
    """
    job = lock(job)
    if job.status not in (S.COLUMNS, S.READY):
        raise RuleBroken(_("The columns of this import can no longer be chosen."))
    if supplier is not None:
        job.supplier = supplier.strip()
    table = {"sheet": sheet, "header": header, "decimal_comma": decimal_comma, "dialect": ""}
    job.options = {**job.options, **table, "columns": {str(key): name for key, name in columns.items()}}
    job = reset(job, ["options", "supplier"])
    remember_columns(job, by=by)
    return begin(job, S.CHECKING, "check_rows", by=by, reason=_("columns chosen"))


@transaction.atomic
def read_again(job, *, sheet, header, by):
    """Have the file read from another sheet, or with another row as its headings (0: there is none)."""
    job = lock(job)
    found = ("columns", "decimal_comma", "dialect")
    kept = {name: value for name, value in job.options.items() if name not in found}
    job.options = {**kept, "sheet": sheet, "header": header}
    job = reset(job, ["options"])
    return begin(job, S.READING, "read_file", by=by, reason=_("to be read again"))


@transaction.atomic
def ask_columns(job, *, by):
    """Go back from the preview to the choice of columns. Returns the job."""
    return move(job, to=S.COLUMNS, by=by, reason=_("columns to be chosen again"))


@transaction.atomic
def confirm_job(job, *, fingerprint, by, leave_out=False):
    """Have the rows written that were shown. Returns the job.

    `fingerprint` is the preview's; `leave_out` writes the good rows and leaves the refused ones.
    """
    job = lock(job)
    require_own(job, by)
    if job.status != S.READY or job.report.get("fingerprint") != fingerprint:
        raise RuleBroken(_("This preview is not the latest one. Look again and confirm."))
    if job.refused_rows and not leave_out:
        raise RuleBroken(_("Some rows are refused. Mend them, or leave them out."))
    if not job.new_rows + job.changed_rows:
        raise RuleBroken(_("This file changes nothing, so there is nothing to import."))
    job = reset(job, ["error"], error="")
    return begin(job, S.WRITING, "write_rows", by=by, reason=_("confirmed"))


@transaction.atomic
def cancel_job(job, *, by):
    """Drop a file that was not imported; while it is being written the worker is asked to stop."""
    job = lock(job)
    require_own(job, by)
    if job.status == S.WRITING:
        return reset(job, ["stop_asked"], stop_asked=True)
    if not job.is_open:
        raise RuleBroken(
            _("%(job)s is %(status)s; there is nothing to cancel.")
            % {"job": job, "status": job.get_status_display().lower()}
        )
    transaction.on_commit(partial(files.drop, job))
    return move(job, to=S.CANCELLED, by=by, reason=_("cancelled"))


@transaction.atomic
def undo_job(job, *, by):
    """Have everything that a finished import wrote taken back, if it is untouched since. Returns the job."""
    job = reset(lock(job), ["error"], error="")
    return begin(job, S.UNDOING, "undo_rows", by=by, reason=_("undo"))


def earlier_job(job):
    """Return the latest import of the same file into the same business that was written, or None."""
    same = ImportJob._base_manager.filter(
        business=job.business_id, resource=job.resource, sha256=job.sha256, status=S.DONE
    )
    return same.exclude(pk=job.pk).order_by("-finished_at").first()


def require_own(job, by):
    """A preview is confirmed by the person who saw it."""
    if by is not None and job.by_id not in (None, by.pk):
        raise RuleBroken(_("Only %s, who chose this file, can do this.") % job.by)


def begin(job, status, step, *, by, reason):
    """Move a job to a status in which the worker has it, and hand it over."""
    told = {"claim": None, "heard_at": None, "tries": 0, "done_rows": 0, "stop_asked": False}
    if by is not None and status != S.UNDOING:
        told["started_at"] = None  # what the person took to look is not the worker's time
    job = move(job, to=status, by=by, reason=reason, **told)
    start(step, job)
    return job


def start(step, job):
    """Have the worker take a step once the transaction is committed."""
    task = import_string(f"backoffice.imports.tasks.{step}")
    transaction.on_commit(partial(task.enqueue, str(job.pk)))


def reset(job, fields, **values):
    """Write columns of a job that have no history of their own, or that the next move tells."""
    for name, value in values.items():
        setattr(job, name, value)
    ImportJob._base_manager.filter(pk=job.pk).update(**{name: getattr(job, name) for name in fields})
    return job
