"""Rights and rows by business; for admins and inlines alike."""

from django.contrib.auth import get_permission_codename
from django.forms import HiddenInput
from unfold.admin import TabularInline

from backoffice.choices import SuggestingSelect
from backoffice.models import BusinessOwned
from backoffice.people.backend import businesses_with
from backoffice.people.models import Business


class Scoped:
    """Rights and choices by business; for admins and inlines alike."""

    def permission(self, action):
        opts = self.opts.concrete_model._meta
        return f"{opts.app_label}.{get_permission_codename(action, opts)}"

    def allowed(self, request, action, obj=None):
        """Whether the person may do this to the row; without a row, anywhere in the active scope."""
        return request.user.has_perm(self.permission(action), obj)

    def has_view_permission(self, request, obj=None):
        return self.allowed(request, "view", obj) or self.allowed(request, "change", obj)

    def has_add_permission(self, request, obj=None):
        return self.allowed(request, "add", obj)

    def has_change_permission(self, request, obj=None):
        return self.allowed(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return self.allowed(request, "delete", obj)

    def get_queryset(self, request):
        """The rows of the businesses in which the person may see this model."""
        queryset = super().get_queryset(request)
        if issubclass(self.model, BusinessOwned):
            seen = businesses_with(request.user, self.permission("view"), self.permission("change"))
            queryset = queryset.filter(business__in=seen)
        return queryset

    def get_field_queryset(self, db, db_field, request):
        """The choices of a foreign key, plain POSTs included: what the person may see of that model."""
        related = db_field.remote_field.model
        related_admin = self.admin_site._registry.get(related)
        if related is Business:
            return Business.objects.filter(pk__in=businesses_with(request.user, self.permission("add")))
        if related_admin is not None:
            return related_admin.get_queryset(request)
        return super().get_field_queryset(db, db_field, request)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SuggestingSelect(db_field, self.admin_site))
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "business" and request.business:
            # Kept in the form, unseen, because the unique constraints of the model are checked with it.
            field.initial = request.business.pk
            field.queryset = field.queryset.filter(pk=request.business.pk)
            field.widget = HiddenInput()
        return field


class BackOfficeInline(Scoped, TabularInline):
    extra = 0
