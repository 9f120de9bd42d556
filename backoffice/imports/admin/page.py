"""The page of one import: one address that shows whatever its status needs, and does what its buttons say."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from backoffice.errors import REFUSALS, refusal_text
from backoffice.imports.admin.columns import ColumnsForm
from backoffice.imports.admin.dialogs import CancelImportDialog, UndoImportDialog
from backoffice.imports.admin.preview import Preview
from backoffice.imports.admin.refused import refused_rows_file
from backoffice.imports.models import ImportStatus
from backoffice.imports.queries import may_import, may_see_rows, resource_of
from backoffice.imports.services.jobs import (
    ask_columns,
    choose_columns,
    confirm_job,
    earlier_job,
    read_again,
)
from backoffice.imports.words import STATUS_COLOURS, duration, figures, is_measured, silence, stage

S = ImportStatus
SHOWN_HISTORY = 20


class JobPage:
    """Shows an import and takes the answers of the person."""

    def job_page(self, request, job, form=None):
        page = {
            **self.admin_site.each_context(request),
            "title": str(job),
            "opts": self.opts,
            "original": job,
            "media": self.media,
            **self.job_context(request, job, form),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "imports/job.html", page)

    def job_context(self, request, job, form):
        """What the page of a job shows, whatever its status, and the part of its status."""
        resource, allowed = resource_of(job), may_import(request.user, job)
        sees_rows = allowed or may_see_rows(request.user, job)
        return {
            "job": job,
            "what": resource.title if resource else job.resource,
            "colour": STATUS_COLOURS.get(job.status, ""),
            "may_import": allowed,
            "sees_rows": sees_rows,
            "is_own": job.by_id in (None, request.user.pk),
            "dialogs": self.job_dialogs(request, job),
            "earlier": earlier_job(job) if job.is_open else None,
            "took": duration(job.duration) if job.duration is not None else "",
            "history": job.history.select_related("history_user")[:SHOWN_HISTORY],
            "rows_url": self.rows_url(resource) if resource else "",
            "again_url": f"{reverse('admin:imports_importjob_add')}?resource={job.resource}",
            **self.part(job, form if allowed else None, allowed, sees_rows),
        }

    def part(self, job, form, allowed, sees_rows):
        """The name of the template for the job's status, and what only that one needs."""
        if job.is_working:
            return {"part": "imports/working.html", **progress(job)}
        if job.status == S.COLUMNS and allowed:
            return {"part": "imports/columns.html", "form": form or ColumnsForm(job=job)}
        if job.status == S.READY and sees_rows:
            return {"part": "imports/preview.html", "preview": Preview(job)}
        if job.status == S.DONE:
            return {"part": "imports/done.html", "preview": Preview(job)}
        return {"part": "imports/over.html"}

    def job_dialogs(self, request, job):
        """Return (address, icon, label, harmful) for each window that the job and the person allow."""
        return [
            (reverse(f"admin:imports_importjob_{each.name}", args=[job.pk]), each.icon, each.label)
            for each in (CancelImportDialog, UndoImportDialog)
            if each.is_available(job, request.user)
        ]

    def rows_url(self, resource):
        """The list of what was imported."""
        opts = resource._meta.model._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")

    # Answers of the person

    def answer(self, request, job):
        """Do what a button of the page says, and show the page again."""
        if not may_import(request.user, job):
            raise PermissionDenied
        act = {"columns": self.take_columns, "again": self.choose_again, "confirm": self.confirm}
        try:
            found = act.get(request.POST.get("do"), self.nothing)(request, job)
        except REFUSALS as error:
            self.message_user(request, refusal_text(error), messages.ERROR)
            found = None
        return found or HttpResponseRedirect(request.path)

    def nothing(self, request, job):
        """A form without a button asks for nothing."""

    def take_columns(self, request, job):
        """Take over what the columns mean, or have another table of the file read."""
        if job.status != S.COLUMNS:
            return None
        form = ColumnsForm(request.POST, job=job)
        if not form.is_valid():
            return self.job_page(request, job, form)
        data, table = form.cleaned_data, {"sheet": form.sheet, "header": form.cleaned_data["header"]}
        if form.is_another_table or "read_again" in request.POST:
            read_again(job, **table, by=request.user)
            return None
        choose_columns(
            job,
            **table,
            columns=form.columns,
            decimal_comma=data["decimal_comma"],
            supplier=data["supplier"],
            by=request.user,
        )
        return None

    def choose_again(self, request, job):
        ask_columns(job, by=request.user)

    def confirm(self, request, job):
        fingerprint = request.POST.get("fingerprint", "")
        confirm_job(
            job, fingerprint=fingerprint, leave_out=request.POST.get("leave_out") == "1", by=request.user
        )

    # What the page asks for while the worker is at it, and files

    @method_decorator(require_safe)
    def progress_view(self, request, object_id):
        """Return how far the worker is; have the whole page shown anew once the status is another."""
        job = self.get_row(request, object_id)
        if job.status != request.GET.get("status"):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(
            request, "imports/progress.html", {"job": job, "said": request.GET.get("said"), **progress(job)}
        )

    @method_decorator(require_safe)
    def refused_view(self, request, object_id):
        """Send the refused rows as a workbook."""
        job = self.get_row(request, object_id)
        if not may_import(request.user, job):
            raise PermissionDenied
        return refused_rows_file(job)


def progress(job):
    """What a bar of progress shows. People who cannot see it hear of every tenth part."""
    return {
        "stage": stage(job),
        "is_measured": is_measured(job),
        "figures": figures(job),
        "silence": silence(job),
        "elapsed": duration(timezone.now() - job.updated_at),
        "step": str(job.percent // 10 * 10),
    }
