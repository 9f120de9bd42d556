import re
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from backoffice.admin import BackOfficeAdmin
from backoffice.people.backend import businesses_with
from backoffice.people.models import Business
from backoffice.people.services.businesses import FIXED_BY_DOCUMENTS, has_documents, save_business

ZONES = ["UTC", *sorted(name for name in available_timezones() if name.startswith("Africa/"))]


class BusinessForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=[(name, name) for name in ZONES],
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Days begin and end by this clock."),
        initial="Africa/Nairobi",
    )

    class Meta:
        model = Business
        fields = "__all__"
        widgets = {
            "colour": UnfoldAdminColorInputWidget,
            "address": UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        }

    def clean_code(self):
        return self.cleaned_data["code"].upper()

    def clean_colour(self):
        colour = self.cleaned_data["colour"]
        if re.fullmatch("#([c-f][0-9a-f]){3}", colour.lower()):
            raise ValidationError(
                _("Choose a darker colour: it marks the business at the top of every page.")
            )
        return colour


@admin.register(Business)
class BusinessAdmin(BackOfficeAdmin):
    """The settings of a business. Owners change their own; only administrators add, open and close one."""

    form = BusinessForm
    list_display = ["coloured_name", "code", "kind", "currency", "phone", "is_active"]
    list_display_links = ["coloured_name"]
    search_fields = ["name", "code"]
    fieldsets = [
        (None, {"fields": [("name", "code"), ("kind", "colour"), ("currency", "time_zone"), "is_active"]}),
        (gettext_lazy("Contact"), {"fields": [("phone", "email"), "address"]}),
        (
            gettext_lazy("Money and stock"),
            {"fields": [("mpesa_till_number", "default_reorder_level"), "second_person_above"]},
        ),
    ]
    empty_title = gettext_lazy("No business yet")
    empty_text = gettext_lazy("Add the first one; then give its people their roles.")

    def get_queryset(self, request):
        """The businesses of the scope; an administrator also sees those that are closed."""
        queryset = super().get_queryset(request)
        if request.user.is_superuser:
            return queryset
        seen = businesses_with(request.user, "people.view_business", "people.change_business")
        return queryset.filter(pk__in=seen)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        fields = [*super().get_readonly_fields(request, obj)]
        if not request.user.is_superuser:
            fields.append("is_active")
        if obj is not None and has_documents(obj):
            fields += FIXED_BY_DOCUMENTS
        return fields

    def save_row(self, request, row, form, change):
        save_business(row, by=request.user)

    @display(description=gettext_lazy("name"), ordering="name")
    def coloured_name(self, business):
        return format_html(
            '<span class="business-dot" style="--business: {}"></span>{}', business.colour, business.name
        )
