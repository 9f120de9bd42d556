from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.admin import BackOfficeAdmin
from backoffice.imports.admin.button import SpreadsheetImport
from backoffice.money import money_cell
from backoffice.people.exports import CustomerListing
from backoffice.people.models import Customer
from backoffice.people.queries import phone_query
from backoffice.people.services.customers import same_phone, save_customer
from backoffice.spreadsheets.export import SpreadsheetExport

LATEST = 8


class CustomerForm(forms.ModelForm):
    class Meta:
        model = Customer
        fields = "__all__"
        widgets = {"note": UnfoldAdminTextareaWidget(attrs={"rows": 3})}

    def clean_phone(self):
        """Name the customer who has this phone already, with a link to the card."""
        phone = self.cleaned_data["phone"] or None
        other = same_phone(Customer(pk=self.instance.pk, phone=phone))
        if other is not None:
            link = reverse("admin:people_customer_change", args=[other.pk])
            raise ValidationError(
                format_html(_('This phone belongs to <a href="{}">{}</a> already.'), link, other.name)
            )
        return phone


@admin.register(Customer)
class CustomerAdmin(SpreadsheetImport, SpreadsheetExport, BackOfficeAdmin):
    """The cards of the customers, shared by the businesses; what a customer bought is shown by scope."""

    form = CustomerForm
    import_resources = ("customers",)
    listings = [CustomerListing]
    list_display = ["name", "nice_phone", "email", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "email"]
    search_help_text = _("Name, phone or email")
    change_form_outer_after_template = "backoffice/customer_documents.html"
    empty_title = _("No customers yet")
    empty_text = _("A name and a phone are enough. You can also add one while taking an order.")

    def get_fields(self, request, obj=None):
        login = ["user"] if request.user.is_superuser else []
        return [("name", "phone"), "email", "note", "is_active", *login]

    def get_autocomplete_fields(self, request):
        return ["user"]

    def has_delete_permission(self, request, obj=None):
        return False

    def get_search_results(self, request, queryset, search_term):
        """Find by name or email, or by a phone in whatever way it was typed."""
        phone = phone_query(search_term)
        if phone is not None:
            return queryset.filter(phone), False
        return super().get_search_results(request, queryset, search_term)

    def save_row(self, request, row, form, change):
        save_customer(row, by=request.user)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        documents = {"documents": self.documents(request, object_id)}
        return super().change_view(request, object_id, form_url, {**documents, **(extra_context or {})})

    def documents(self, request, customer_id):
        """The latest orders and payments that the person at the desk may see: (label, list address, rows)."""
        found = []
        for name in ("orders", "payments"):
            related = self.opts.get_field(name).related_model
            pages = self.admin_site.get_model_admin(related)
            if not pages.has_view_permission(request):
                continue
            try:
                rows = pages.get_queryset(request).filter(customer=customer_id)[:LATEST]
            except ValidationError:
                continue
            link = reverse(f"admin:{related._meta.app_label}_{related._meta.model_name}_changelist")
            link += f"?customer__id__exact={customer_id}"
            found.append((related._meta.verbose_name_plural, link, [describe(row) for row in rows]))
        return found

    @display(description=_("phone"), ordering="phone")
    def nice_phone(self, customer):
        return customer.phone.as_international if customer.phone else None


def describe(row):
    """A line of the panel: the document, when, how much, in which state, and where it is."""
    return {
        "text": getattr(row, "number", None) or row.get_method_display(),
        "link": reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]),
        "when": row.created_at,
        "amount": money_cell(
            getattr(row, "total_amount", None) or getattr(row, "amount", None), row.currency
        ),
        "status": row.get_status_display(),
    }
