"""The page that asks for a spreadsheet, and the empty form to fill in."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from tablib import Dataset

from backoffice.errors import REFUSALS, refusal_text
from backoffice.imports.admin.forms import ENDINGS, MOST_BYTES, UploadForm
from backoffice.imports.queries import importable
from backoffice.imports.services.jobs import open_job
from backoffice.spreadsheets.writing import FORMATS


class UploadPage:
    """Chooses what is imported, takes the file and hands it to the worker."""

    def upload_page(self, request):
        """Ask for the file (GET); keep it and go to the page of its import (POST)."""
        offered = importable(request.user)
        asked = asked_resources(request, offered)
        if len(asked) > 1:
            return self.page(request, "imports/choose.html", {"offered": asked})
        [resource] = asked
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = UploadForm(*posted, user=request.user, resource=resource)
        if posted and form.is_valid():
            try:
                return self.open(request, form)
            except REFUSALS as error:
                form.add_error("file", refusal_text(error))
        return self.page(request, "imports/upload.html", self.upload_context(form, offered))

    def open(self, request, form):
        data, file = form.cleaned_data, form.cleaned_data["file"]
        job = open_job(
            data["business"],
            resource=form.resource.name,
            file=file,
            name=file.name,
            by=request.user,
            supplier=data["supplier"],
            options=form.options,
        )
        return HttpResponseRedirect(reverse("admin:imports_importjob_change", args=[job.pk]))

    def upload_context(self, form, offered):
        return {
            "form": form,
            "resource": form.resource,
            "columns": form.resource().columns.values(),
            "several": len(offered) > 1,
            "most_bytes": MOST_BYTES,
            "most": filesizeformat(MOST_BYTES),
            "endings": ENDINGS,
        }

    def page(self, request, template, context):
        page = {
            **self.admin_site.each_context(request),
            "title": _("Import a spreadsheet"),
            "opts": self.opts,
            "add": True,
            "list_url": reverse("admin:imports_importjob_changelist"),
            "media": self.media,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, template, page | context)

    def template_view(self, request):
        """Send a spreadsheet with the headings and example rows of a resource."""
        resource = asked_resources(request, importable(request.user))[0]
        headings, rows = resource().template
        for file_format in (each() for each in FORMATS):
            if file_format.get_extension() == request.GET.get("format", "xlsx"):
                dataset = Dataset(*rows, headers=headings, title=str(resource.title))
                name = f"{slugify(_('%s to import') % resource.title)}.{file_format.get_extension()}"
                headers = {"Content-Disposition": f'attachment; filename="{name}"'}
                kind = file_format.get_content_type()
                return HttpResponse(file_format.export_data(dataset), content_type=kind, headers=headers)
        raise Http404


def asked_resources(request, offered):
    """Return those of the offered classes that the address names, or all; raises Http404 for others."""
    if not offered:
        raise PermissionDenied
    names = request.GET.getlist("resource")
    asked = [each for each in offered if not names or each.name in names]
    if not asked:
        raise Http404
    return asked
