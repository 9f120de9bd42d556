from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from backoffice.transitions import Move


class ImportStatus(models.TextChoices):
    READING = "reading", _("Reading")
    COLUMNS = "columns", _("Columns to choose")
    CHECKING = "checking", _("Checking")
    READY = "ready", _("Ready to import")
    WRITING = "writing", _("Importing")
    DONE = "done", _("Imported")
    UNDOING = "undoing", _("Undoing")
    UNDONE = "undone", _("Undone")
    REFUSED = "refused", _("Cannot be read")
    CANCELLED = "cancelled", _("Cancelled")


S = ImportStatus
# The worker is at it; everything else waits for a person or is over.
WORKING = (S.READING, S.CHECKING, S.WRITING, S.UNDOING)
# The file may still become rows.
OPEN = (S.READING, S.COLUMNS, S.CHECKING, S.READY)
# A worker that says nothing for so long is dead, and another takes its job up.
SILENCE = timedelta(seconds=settings.IMPORT_SILENCE)


class ImportJob(UUIDModel, BusinessOwned, TimeStamped):
    """One spreadsheet on its way into the office: read, checked, shown, written as a whole, perhaps undone.

    The file, its cleaned rows and its refused rows lie in the private storage under the names of the job.
    Progress and `report` are told by the worker as it goes; the status moves by services.jobs alone.
    """

    number = models.PositiveIntegerField(_("number"), editable=False)
    resource = models.CharField(_("what"), max_length=40)
    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("size"))
    supplier = models.CharField(_("supplier"), max_length=100, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=ImportStatus, default=S.READING)
    options = models.JSONField(_("options"), default=dict)
    report = models.JSONField(_("report"), default=dict)
    error = models.TextField(_("error"), blank=True)
    total_rows = models.PositiveIntegerField(_("rows"), default=0)
    done_rows = models.PositiveIntegerField(_("rows done"), default=0)
    new_rows = models.PositiveIntegerField(_("new"), default=0)
    changed_rows = models.PositiveIntegerField(_("changed"), default=0)
    unchanged_rows = models.PositiveIntegerField(_("unchanged"), default=0)
    refused_rows = models.PositiveIntegerField(_("refused"), default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    stop_asked = models.BooleanField(_("asked to stop"), default=False)
    # Which worker has the job, and when it last said so.
    claim = models.UUIDField(_("worker"), null=True)
    heard_at = models.DateTimeField(_("last heard of"), null=True)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)

    told_fields = (
        "report",
        "total_rows",
        "done_rows",
        "new_rows",
        "changed_rows",
        "unchanged_rows",
        "refused_rows",
        "started_at",
        "finished_at",
        "stop_asked",
        "claim",
        "heard_at",
        "tries",
    )
    history = HistoricalRecords(excluded_fields=told_fields)

    MOVES = (
        Move(name="read_again", sources=(S.COLUMNS, S.READY), target=S.READING),
        Move(name="ask_columns", sources=(S.READING, S.READY), target=S.COLUMNS),
        Move(name="check", sources=(S.READING, S.COLUMNS, S.READY, S.WRITING), target=S.CHECKING),
        Move(name="show", sources=(S.CHECKING, S.WRITING), target=S.READY),
        Move(name="write", sources=(S.READY,), target=S.WRITING),
        Move(name="finish", sources=(S.WRITING, S.UNDOING), target=S.DONE),
        Move(name="undo", sources=(S.DONE,), target=S.UNDOING),
        Move(name="finish_undo", sources=(S.UNDOING,), target=S.UNDONE),
        Move(name="refuse", sources=(S.READING, S.CHECKING), target=S.REFUSED),
        Move(name="cancel", sources=(*OPEN, S.WRITING), target=S.CANCELLED),
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]
        permissions = [("undo_importjob", _("Can undo imports"))]
        indexes = [
            models.Index(fields=["business", "-created_at"]),
            models.Index(fields=["business", "sha256"]),
            models.Index(fields=["status", "heard_at"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["business", "number"], name="import_number_unique"),
            models.CheckConstraint(condition=Q(status__in=ImportStatus.values), name="import_status_known"),
        ]

    def __str__(self):
        return _("Import %(number)d: %(file)s") % {"number": self.number, "file": self.file_name}

    @property
    def is_working(self):
        """Whether the worker is at it, so that the page keeps looking."""
        return self.status in WORKING

    @property
    def is_open(self):
        """Whether it may still be cancelled without a trace."""
        return self.status in OPEN

    @property
    def is_silent(self):
        """Whether the worker that had it seems to be dead."""
        return self.is_working and (self.heard_at is None or timezone.now() - self.heard_at > SILENCE)

    @property
    def percent(self):
        return min(100, 100 * self.done_rows // self.total_rows) if self.total_rows else 0

    @property
    def duration(self):
        """How long the worker needed since a person last handed it over, as a timedelta; None until then."""
        return self.finished_at - self.started_at if self.started_at and self.finished_at else None
