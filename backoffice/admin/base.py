from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.http import Http404
from unfold.admin import ModelAdmin

from backoffice.admin.buttons import Buttons
from backoffice.admin.history import ReadOnlyHistory
from backoffice.admin.lists import SafeLists
from backoffice.admin.saving import SavingThroughServices
from backoffice.admin.scope import Scoped
from backoffice.checks import BackOfficeChecks
from backoffice.models import BusinessOwned


class BackOfficeAdmin(Scoped, Buttons, SafeLists, SavingThroughServices, ReadOnlyHistory, ModelAdmin):
    """The base of every admin of a business row; a system check refuses any other base."""

    checks_class = BackOfficeChecks
    compressed_fields = True
    list_filter_submit = True
    list_filter_sheet = True
    list_fullwidth = True
    warn_unsaved_form = True
    list_per_page = 50
    show_full_result_count = False
    # A count beside every choice of every filter would cost a query or more each.
    show_facets = ShowFacets.NEVER
    empty_value_display = "–"

    def get_row(self, request, object_id):
        """Return the row a person may see; one of another business is not found."""
        row = self.get_object(request, unquote(str(object_id)))
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        return row

    def get_readonly_fields(self, request, obj=None):
        fields = [*super().get_readonly_fields(request, obj)]
        if obj is not None and issubclass(self.model, BusinessOwned):
            fields.append("business")
        if getattr(request, "history_is_readonly", False):
            every = [*self.opts.fields, *self.opts.many_to_many]
            fields += [each.name for each in every if each.editable and not each.primary_key]
        return list(dict.fromkeys(fields))

    def get_fieldsets(self, request, obj=None):
        """The band at the top says whose row it is; the form says it only where several businesses show."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not request.business:
            return fieldsets
        return [
            (name, {**options, "fields": [each for each in options["fields"] if each != "business"]})
            for name, options in fieldsets
        ]
