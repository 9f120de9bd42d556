"""What the worker does with an import: read, check, write, undo. Each step may run twice or too late."""

import json
import logging
from contextlib import contextmanager
from functools import partial

from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.imports import files
from backoffice.imports.engine.plan import Plan
from backoffice.imports.engine.preview import sections, write_refused
from backoffice.imports.engine.stage import load_stage, snapshot, temporary_tables
from backoffice.imports.engine.undoing import Undo
from backoffice.imports.engine.writing import Writer
from backoffice.imports.models import ImportStatus
from backoffice.imports.resource import PreviewOutdated
from backoffice.imports.services.claims import (
    MOST_TRIES,
    Progress,
    Stopped,
    claim_job,
    heartbeat,
    held_job,
    hold,
    release_job,
    silent_jobs,
)
from backoffice.imports.services.jobs import begin, reset, start
from backoffice.imports.services.mappings import remembered_columns
from backoffice.imports.services.tables import (
    CHOSEN,
    clean_file,
    guess_columns,
    kept_lines,
    open_resource,
    open_table,
    text_files,
)
from backoffice.scoping import business_scope
from backoffice.transitions import move

S = ImportStatus
STEPS = {S.READING: "read_file", S.CHECKING: "check_rows", S.WRITING: "write_rows", S.UNDOING: "undo_rows"}
# Where a job goes whose step cannot be done; its error says why.
FAILED = {S.READING: S.REFUSED, S.CHECKING: S.REFUSED, S.WRITING: S.READY, S.UNDOING: S.DONE}
logger = logging.getLogger(__name__)


def read_file(job_id):
    """Look at the file and guess its columns; go on when they are certain, else wait for the person."""
    with working_on(job_id, S.READING) as job:
        if job is None:
            return
        with files.local_path(job, "file") as path:
            guess, is_certain = guess_columns(job, path, remembered_columns(job))
        with transaction.atomic():
            hold(job)
            reset(job, ["report"], report={"guess": guess})
            if not is_certain:
                return move(job, to=S.COLUMNS, by=None, reason=_("read"))
            reset(job, ["options"], options={**job.options, **{name: guess[name] for name in CHOSEN}})
            begin(job, S.CHECKING, "check_rows", by=None, reason=_("read"))


def check_rows(job_id):
    """Clean the rows of the file, compare them with the database and show what would happen."""
    with working_on(job_id, S.CHECKING) as job:
        if job is None:
            return
        resource = open_resource(job)
        resource.begin()
        with files.local_path(job, "file") as path:
            table = open_table(job, resource, path)
            total = clean_file(job, resource, table, Progress(job))
            told = {"total_rows": total, "done_rows": total, **compare(job, resource, table)}
        with transaction.atomic():
            hold(job)
            reset(job, list(told), **told)
            move(job, to=S.READY, by=None, reason=_("checked"), finished_at=timezone.now())


def compare(job, resource, table):
    """Return what the job tells of its rows: counts, first rows and the fingerprint of it all."""
    # The file is kept after the snapshot: on SQLite nothing can be written from inside it.
    with text_files(job, "refused") as (out,), snapshot():
        plan = load_plan(job, resource)
        refused = write_refused(plan, table, out)
        report = {
            **job.report,
            **resource.notes(),
            "ignored": table.ignored,
            "sections": {**sections(plan), "refused": refused},
            "fingerprint": plan.fingerprint(),
        }
    return {"report": report} | {f"{state}_rows": count for state, count in plan.counts.items()}


def load_plan(job, resource):
    """Return the Plan of the cleaned rows; what is refused beside single cells is found here."""
    with kept_lines(job, "context") as lines:
        kept = json.load(lines)
    resource.restore(kept["context"])
    staged = resource.staged(kept["columns"])
    with kept_lines(job, "rows") as lines:
        load_stage(staged, resource.derived(staged), resource.key_column, lines)
    columns = dict(zip(kept["columns"], staged, strict=True))
    plan = Plan(resource, columns, files.digest(job, "rows"))
    with kept_lines(job, "problems") as lines:
        plan.take_problems(map(json.loads, lines))
    plan.make()
    return plan


def write_rows(job_id):
    """Write all rows that were confirmed, or none of them."""
    with working_on(job_id, S.WRITING) as job:
        if job is None:
            return
        resource = open_resource(job)
        resource.begin()
        try:
            with transaction.atomic(), temporary_tables():
                write(job, resource)
        except (PreviewOutdated, IntegrityError) as error:
            # Somebody was faster: what was to be written is there, or what it refers to is gone.
            logger.info("%s is outdated: %s", job, error)
            show_again(job)


def require_right(job, resource):
    """Raise RuleBroken when the person may no longer import; pages ask too, but some time before."""
    if job.by and not job.by.has_perm(resource.permission, job.business):
        names = {"person": job.by, "business": job.business}
        raise RuleBroken(
            _("%(person)s may no longer import into %(business)s. Nothing was imported.") % names
        )


def write(job, resource):
    require_right(job, resource)
    plan = load_plan(job, resource)
    writer = Writer(plan, by=job.by, reason=reason_of(job))
    if plan.counts["changed"]:
        writer.lock()
    # Asked under the lock: it is another one if a row was changed before it was locked, too.
    if plan.fingerprint() != job.report["fingerprint"]:
        raise PreviewOutdated(_("Some rows were changed since the preview."))
    progress = Progress(job)
    writer.write(progress)
    hold(job)
    report = {**job.report, "written_at": writer.now.isoformat()}
    reset(job, ["report", "done_rows"], report=report, done_rows=job.total_rows)
    move(job, to=S.DONE, by=job.by, reason=_("imported"), finished_at=timezone.now())
    transaction.on_commit(partial(files.drop, job, ("file", "rows", "problems", "context")))


def show_again(job):
    """Check the file anew, because its preview no longer holds."""
    with transaction.atomic():
        job = hold(job)
        text = _("Some rows were changed since the preview, so nothing was imported. Look again and confirm.")
        reset(job, ["error"], error=text)
        begin(job, S.CHECKING, "check_rows", by=None, reason=_("outdated"))


def undo_rows(job_id):
    """Take back everything that the import wrote, or nothing when somebody touched a row of it since."""
    with working_on(job_id, S.UNDOING) as job:
        if job is None:
            return
        resource = open_resource(job)
        with transaction.atomic():
            hold(job)
            by = job.history.latest().history_user  # who asked for it, perhaps another than who imported
            undo = Undo(resource, written_at=job.report["written_at"], reason=reason_of(job), by=by)
            undo.lock()
            touched = undo.touched()
            reset(job, ["report"], report={**job.report, "touched": touched})
            if touched:
                text = _("Nothing was undone, because rows of this import were changed since.")
                move(job, to=S.DONE, by=None, reason=_("not undone"), error=text)
            else:
                undo.run()
                move(job, to=S.UNDONE, by=by, reason=_("undone"))


def reason_of(job):
    """Return what history says about a change that a file made."""
    return (_("import %s") % job.file_name)[:100]


@contextmanager
def working_on(job_id, status):
    """Claim a job for a step, and tell it in words when the step cannot be done.

    A rule or a broken file ends the step; what may pass, such as a database that is away, is tried again.
    """
    job = claim_job(job_id, status)
    if job is None:
        yield None
        return
    with business_scope(job.business):
        try:
            with heartbeat(job):
                yield job
        except Stopped as stopped:
            end(job, S.DONE if job.status == S.UNDOING else S.CANCELLED, str(stopped))
        except RuleBroken as rule:
            end(job, FAILED[status], str(rule))
        except Exception as error:
            connection.close_if_unusable_or_obsolete()
            if may_pass(error) and job.tries < MOST_TRIES:
                try_again(job)
            elif end(job, FAILED[status], sentence_about(error)):
                logger.exception("%s failed.", job)


def may_pass(error):
    """Return whether the database was busy or away; psycopg has no better name for a COPY that broke off."""
    return isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError


def sentence_about(error):
    if may_pass(error):
        return _("The database was busy or away. Nothing was saved; try again.")
    return _("Something unexpected went wrong, and nothing was saved.")


@transaction.atomic
def end(job, status, text):
    """Move a job to a status with a sentence. Returns it, or None when it was no longer this worker's."""
    held = held_job(job)
    if held is None:
        return None
    if status == S.CANCELLED:
        transaction.on_commit(partial(files.drop, job))
    told = {"error": text, "finished_at": timezone.now(), "claim": None}
    return move(held, to=status, by=None, reason=text[:100], **told)


@transaction.atomic
def try_again(job):
    """Give the job back, so that it is taken once more."""
    if held_job(job):
        logger.warning("%s is tried again.", job, exc_info=True)
        reset(job, ["claim", "heard_at"], claim=None, heard_at=None)
        start(STEPS[job.status], job)


def take_up_silent_jobs():
    """Hand the jobs of dead workers over again; called by every worker now and then.

    One that was the end of several workers is given up: perhaps it was the reason. None holds up the others.
    """
    for job in silent_jobs().select_related("business"):
        try:
            take_up(job)
        except Exception:  # such as a queue that is away; it falls silent again, and has its turn then
            logger.exception("%s could not be taken up.", job)


def take_up(job):
    """Hand a silent job over, or give it up, unless another worker was faster."""
    with business_scope(job.business), transaction.atomic():
        if not release_job(job):
            return
        logger.warning("%s had fallen silent and is taken up again.", job)
        if job.tries < MOST_TRIES:
            start(STEPS[job.status], job)
        else:
            give_up(job)


def give_up(job):
    text = _(
        "The worker was interrupted %d times while it was busy with this file, and nothing was saved. "
        "Try again later, or split the file."
    )
    job.claim = None
    end(job, FAILED[job.status], text % job.tries)
