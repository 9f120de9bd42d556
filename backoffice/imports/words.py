"""How an import is told on a page: colours of statuses, what the worker is doing, where a guess is from."""

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.imports.models import ImportStatus
from backoffice.imports.models.job import SILENCE

S = ImportStatus

STATUS_COLOURS = {
    S.READING: "info",
    S.COLUMNS: "warning",
    S.CHECKING: "info",
    S.READY: "warning",
    S.WRITING: "info",
    S.DONE: "success",
    S.UNDOING: "info",
    S.REFUSED: "danger",
}
STAGES = {
    S.READING: gettext_lazy("Reading the file"),
    S.CHECKING: gettext_lazy("Comparing the rows with what is there"),
    S.WRITING: gettext_lazy("Importing the rows"),
    S.UNDOING: gettext_lazy("Taking the import back"),
}
# How the reader found out what a column holds.
GUESSES = {
    "name": gettext_lazy("by its name"),
    "alias": gettext_lazy("by its name"),
    "content": gettext_lazy("by its content"),
    "remembered": gettext_lazy("remembered"),
}
KINDS = {
    "new": gettext_lazy("new"),
    "changed": gettext_lazy("changed"),
    "unchanged": gettext_lazy("unchanged"),
    "refused": gettext_lazy("refused"),
}


def count_of(job, kind):
    return getattr(job, f"{kind}_rows")


def counts(job, kinds=KINDS):
    """Return `1,983 new, 5 changed`: the kinds of rows there are, or an empty text."""
    told = [(count_of(job, kind), KINDS[kind]) for kind in kinds]
    return ", ".join(f"{number_format(n, force_grouping=True)} {word}" for n, word in told if n)


def rows(n):
    """Return `1 row` or `1,983 rows`."""
    return ngettext("%s row", "%s rows", n) % number_format(n, force_grouping=True)


def stage(job):
    """Return what the worker is doing now."""
    if job.stop_asked and job.status == S.WRITING:
        return _("Stopping")
    if job.status == S.CHECKING and not is_read(job):
        return _("Reading the rows")
    return STAGES[job.status]


def is_read(job):
    """Whether the rows are read, so that what is left of checking them is one step of unknown length."""
    return 0 < job.total_rows <= job.done_rows


def is_measured(job):
    """Whether it is known how far the worker is. SQLite does not tell while rows are being written."""
    if job.status == S.CHECKING:
        return 0 < job.done_rows < job.total_rows
    return bool(job.total_rows and job.done_rows)


def figures(job):
    """Return how far the worker is: `43,210 of 100,000 rows`, `43,210 rows`, or an empty text."""
    if is_measured(job):
        done = number_format(job.done_rows, force_grouping=True)
        return _("%(done)s of %(total)s") % {"done": done, "total": rows(job.total_rows)}
    n = max(job.done_rows, job.total_rows)
    return rows(n) if n else ""


def silence(job):
    """Return the sentence about a worker that says nothing, or an empty one."""
    if not job.is_silent or timezone.now() - job.updated_at < SILENCE:
        return ""
    if job.heard_at is None:
        return _("No worker has taken this up yet. It starts as soon as one runs.")
    return _(
        "Nothing has been heard from the worker for a minute; another one takes it up as soon as it runs."
    )


def duration(span):
    """Return a timedelta as people say it: `0.4 s`, `12 s`, `3 min 5 s`, `1 h 2 min`."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 10:
        return _("%.1f s") % seconds
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}
    return _("%d s") % seconds
