"""Export of a list as CSV or Excel: what the list shows, for people who may, and nothing that runs."""

import logging

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.admin import ExportMixin

from backoffice.admin.lists import UNSHOWABLE
from backoffice.errors import RuleBroken
from backoffice.models import BusinessOwned
from backoffice.people.backend import businesses_with
from backoffice.spreadsheets.export_form import (
    EXCEL,
    MOST_IN_EXCEL,
    ExportForm,
    count_up,
    require_may_take,
)
from backoffice.spreadsheets.writing import csv_pieces, xlsx_pieces

logger = logging.getLogger(__name__)
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a slow machine writes; fewer rows are there before anybody wonders.
ROWS_PER_SECOND = 20_000


class SpreadsheetExport(ExportMixin):
    """Adds Export to a list: the rows that its filters and search leave, in the person's businesses."""

    # Listing classes; with several, the person chooses.
    listings = ()
    export_template_name = "backoffice/export.html"

    def get_actions(self, request):
        actions = super().get_actions(request)
        if self.has_export_permission(request):
            name = "export_selected"
            actions[name] = (export_selected, name, export_selected.short_description)
        return actions

    # Whose rows

    def exporting_businesses(self, request):
        """Return the businesses of the active scope in which the person may export this list."""
        allowed = businesses_with(request.user, self.permission("export"))
        return [each for each in request.businesses if each.pk in allowed]

    def exportable(self, request, queryset):
        """Return those of the rows that are in a business where the person may export."""
        if not issubclass(self.model, BusinessOwned):
            return queryset
        return queryset.filter(business__in=[each.pk for each in self.exporting_businesses(request)])

    def get_export_queryset(self, request):
        return self.exportable(request, super().get_export_queryset(request))

    def made_listings(self, request):
        is_shared = not issubclass(self.model, BusinessOwned)
        businesses = [] if is_shared else self.exporting_businesses(request)
        return [listing(businesses) for listing in self.listings]

    # The page

    def export_action(self, request):
        """Ask for the format (GET), send the file (POST); a senseless filter leads back to the list."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        try:
            rows, listings = self.get_export_queryset(request), self.made_listings(request)
            form = ExportForm(request.POST or None, listings=listings, rows=rows, user=request.user)
            if request.method == "POST" and form.is_valid():
                said = form.cleaned_data
                return self.send_file(request, said["listing"], rows, said["format"])
            return TemplateResponse(
                request, self.export_template_name, self.export_context(request, rows, listings, form)
            )
        except UNSHOWABLE:
            return HttpResponseRedirect(f"{self.list_url()}?e=1")

    def export_context(self, request, rows, listings, form):
        count = count_up(rows)
        return {
            **self.admin_site.each_context(request),
            "title": _("Export %s") % self.opts.verbose_name_plural,
            "opts": self.opts,
            "form": form,
            "count": min(count, MOST_IN_EXCEL),
            "is_more": count > MOST_IN_EXCEL,
            "seconds": count // ROWS_PER_SECOND,
            "refusal": "" if form.is_bound else refusal_of(request.user, rows),
            "is_filtered": bool(set(request.GET) - {"o", "p", "e"}),
            "listings": listings,
            "list_url": self.list_url(),
            "media": self.media,
        }

    def list_url(self):
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    # The file

    def send_file(self, request, listing, rows, file_format):
        """Return the answer that downloads the rows while they are read."""
        name = f"{self.file_name(request, listing)}.{file_format}"
        found = self.logged(request, listing.rows(rows), listing)
        if file_format == EXCEL:
            pieces, kind = xlsx_pieces(listing.headings, found, title=str(listing.name)), XLSX_TYPE
        else:
            pieces, kind = csv_pieces(listing.headings, found), "text/csv; charset=utf-8"
        return as_download(StreamingHttpResponse(pieces, content_type=kind), name)

    def logged(self, request, rows, listing):
        """Pass the rows on, and log how many went out, also when the person broke off."""
        number = 0
        try:
            for number, row in enumerate(rows, start=1):  # noqa: B007
                yield row
        finally:
            logger.info("%s exported %d rows of %s", request.user.pk, number, listing.name)

    def file_name(self, request, listing):
        """Return the name of the file without its ending: products-duka-bora-2026-11-20."""
        where = slugify(request.business.name) if request.business else ""
        return "-".join(filter(None, [slugify(str(listing.name)), where, timezone.localdate().isoformat()]))


@admin.action(description=gettext_lazy("Export as Excel"))
def export_selected(model_admin, request, queryset):
    """Send the chosen rows as an Excel workbook; raises RuleBroken when they are too many."""
    if not model_admin.has_export_permission(request):
        raise PermissionDenied
    rows = model_admin.exportable(request, queryset)
    require_may_take(request.user, rows, EXCEL)
    return model_admin.send_file(request, model_admin.made_listings(request)[0], rows, EXCEL)


def refusal_of(user, rows):
    try:
        require_may_take(user, rows)
    except RuleBroken as rule:
        return str(rule)
    return ""


def as_download(response, name):
    """Return the response as a file to keep, under a name that is plain by itself."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
