from django import forms
from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.imports.admin.tabs import ImportTabs
from backoffice.imports.models import ColumnMapping
from backoffice.imports.queries import resource_of
from backoffice.imports.services.mappings import forget_columns, rename_supplier


class MappingForm(forms.ModelForm):
    class Meta:
        model = ColumnMapping
        fields = ["supplier"]

    def clean_supplier(self):
        return self.cleaned_data["supplier"].strip()


@admin.register(ColumnMapping)
class ColumnMappingAdmin(ImportTabs, BackOfficeAdmin):
    """What the columns of each supplier's files mean, as somebody chose it once."""

    form = MappingForm
    list_display = ["supplier", "what", "meaning", "updated_at"]
    search_fields = ["supplier"]
    search_help_text = _("Supplier")
    fields = ["business", "supplier", "what", "columns_told"]
    readonly_fields = ["what", "columns_told"]
    empty_title = _("No columns remembered yet")
    empty_text = _("Import a file and give its supplier a name: the next one needs no choosing.")

    def has_add_permission(self, request, obj=None):
        return False

    def save_row(self, request, row, form, change):
        rename_supplier(row, supplier=row.supplier, by=request.user)

    def delete_model(self, request, obj):
        forget_columns(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for mapping in queryset:
            forget_columns(mapping, by=request.user)

    @display(description=_("what"), ordering="resource")
    def what(self, mapping):
        resource = resource_of(mapping)
        return resource.title if resource else mapping.resource

    @display(description=_("columns"))
    def meaning(self, mapping):
        return ", ".join(str(ours) for _theirs, ours in named(mapping) if ours) or "–"

    @display(description=_("columns"))
    def columns_told(self, mapping):
        rows = [(theirs, ours or _("left out")) for theirs, ours in named(mapping)]
        return format_html_join("", '<span class="mapping-line"><span>{}</span> {}</span>', rows)


def named(mapping):
    """Return (heading as compared, heading of ours or "") of each remembered column."""
    resource = resource_of(mapping)
    ours = {name: each.column_name for name, each in resource().columns.items()} if resource else {}
    return [(theirs, ours.get(name, name)) for theirs, name in mapping.columns.items()]
