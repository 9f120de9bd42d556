from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.dialogs import RowDialog
from backoffice.imports.models import ImportStatus
from backoffice.imports.queries import may_import
from backoffice.imports.services.jobs import cancel_job, undo_job
from backoffice.imports.words import rows


class ImportDialog(RowDialog):
    """A window about an import: besides its own right it needs that of what is imported."""

    statuses: tuple[str, ...] = ()

    def __init__(self, *args, row, request, **kwargs):
        if not may_import(request.user, row):
            raise PermissionDenied
        super().__init__(*args, row=row, request=request, **kwargs)

    @classmethod
    def is_available(cls, row, user):
        return row.status in cls.statuses and may_import(user, row) and super().is_available(row, user)


class CancelImportDialog(ImportDialog):
    """Drops a file that is not imported, or stops the worker that is importing it."""

    name = "cancel_import"
    label = gettext_lazy("Cancel this import")
    icon = "close"
    permission = "imports.view_importjob"
    harmful = True
    statuses = (
        ImportStatus.READING,
        ImportStatus.COLUMNS,
        ImportStatus.CHECKING,
        ImportStatus.READY,
        ImportStatus.WRITING,
    )

    @classmethod
    def is_available(cls, row, user):
        return row.by_id in (None, user.pk) and super().is_available(row, user)

    def effects(self):
        if self.row.status == ImportStatus.WRITING:
            return [
                _("The worker stops. What it has written of this file so far is taken back."),
                _("If it is done before it hears of this, the import stays, and can be undone."),
            ]
        return [_("The file is dropped. Nothing of it was saved, and nothing is.")]

    def apply(self, *, by):
        job = cancel_job(self.row, by=by)
        if job.status == ImportStatus.WRITING:
            return _("The worker is asked to stop.")
        return _("Import %d is cancelled. Nothing was saved.") % job.number


class UndoImportDialog(ImportDialog):
    """Takes everything back that an import wrote."""

    name = "undo_import"
    label = gettext_lazy("Undo this import")
    icon = "undo"
    permission = "imports.undo_importjob"
    harmful = True
    statuses = (ImportStatus.DONE,)

    def effects(self):
        job, told = self.row, []
        if job.new_rows:
            told.append(_("What was new is taken away again: %s.") % rows(job.new_rows))
        if job.changed_rows:
            told.append(_("What was changed gets its old values back: %s.") % rows(job.changed_rows))
        return [
            *told,
            _("What is needed elsewhere, such as a product whose stock has moved, is put aside instead."),
            _("If anybody has changed or used one of them since, nothing is undone, and you see which."),
            _("History keeps both: the import and that it was undone."),
        ]

    def apply(self, *, by):
        undo_job(self.row, by=by)
        return _("Import %d is being undone.") % self.row.number
