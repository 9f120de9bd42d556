from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.filters import InclusiveDateFilter
from backoffice.imports.admin.dialogs import CancelImportDialog, UndoImportDialog
from backoffice.imports.admin.page import JobPage
from backoffice.imports.admin.tabs import ImportTabs
from backoffice.imports.admin.upload import UploadPage
from backoffice.imports.models import ImportJob
from backoffice.imports.queries import importable, resource_of
from backoffice.imports.resource import import_resources
from backoffice.imports.words import STATUS_COLOURS, counts, duration


class ResourceFilter(DropdownFilter):
    """What was imported."""

    title = _("what")
    parameter_name = "resource"

    def lookups(self, request, model_admin):
        return [(name, each.title) for name, each in import_resources().items()]

    def queryset(self, request, queryset):
        return queryset.filter(resource=self.value()) if self.value() else queryset


@admin.register(ImportJob)
class ImportJobAdmin(ImportTabs, UploadPage, JobPage, BackOfficeAdmin):
    """Every spreadsheet that was loaded: who, what, when, and what became of it."""

    list_display = ["title", "what", "file", "by", "created_at", "status_pill", "counts", "took"]
    list_select_related = ["by"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ResourceFilter,
        ("created_at", InclusiveDateFilter),
    ]
    search_fields = ["file_name", "supplier", "sha256"]
    search_help_text = _("File, supplier or SHA-256")
    dialogs = (CancelImportDialog, UndoImportDialog)
    empty_title = _("Nothing imported yet")
    empty_text = _("Load a supplier's price list, a count or an export of another shop system.")

    def get_queryset(self, request):
        """The report of a job is large; the list and the bar of progress do without."""
        name = request.resolver_match.url_name if request.resolver_match else ""
        queryset = super().get_queryset(request)
        return queryset.defer("report") if name.endswith(("_changelist", "_progress")) else queryset

    def has_add_permission(self, request, obj=None):
        return bool(importable(request.user))

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        view, name = self.admin_site.admin_view, "imports_importjob"
        return [
            path("template/", view(self.template_view), name=f"{name}_template"),
            path("<path:object_id>/progress/", view(self.progress_view), name=f"{name}_progress"),
            path("<path:object_id>/refused/", view(self.refused_view), name=f"{name}_refused"),
            *super().get_urls(),
        ]

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """The address of adding asks for a file; that of a row shows the import and takes answers."""
        if object_id is None:
            return self.upload_page(request)
        job = self.get_row(request, object_id)
        return self.answer(request, job) if request.method == "POST" else self.job_page(request, job)

    # The list

    @display(description=_("import"), ordering="number")
    def title(self, job):
        return str(job.number)

    @display(description=_("what"), ordering="resource")
    def what(self, job):
        resource = resource_of(job)
        return resource.title if resource else job.resource

    @display(description=_("file"), ordering="file_name")
    def file(self, job):
        told = '<span class="job-file">{}</span><span class="row-note" title="SHA-256 {}">{} · {}</span>'
        return format_html(told, job.file_name, job.sha256, filesizeformat(job.size), job.sha256[:8])

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def status_pill(self, job):
        return job.status, job.get_status_display()

    @display(description=_("rows"))
    def counts(self, job):
        return counts(job) or "–"

    @display(description=_("took"))
    def took(self, job):
        return duration(job.duration) if job.duration is not None else "–"
