from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from backoffice.admin import BackOfficeAdmin
from backoffice.errors import RuleBroken
from backoffice.people.admin.forms import AccessForm, businesses_of_grantor, role_choices
from backoffice.people.models import BusinessAccess
from backoffice.people.services.access import grant_access, require_may_grant, revoke_access


@admin.register(BusinessAccess)
class AccessAdmin(BackOfficeAdmin):
    """Who has which role where. Every page asks the services, which know the ranks."""

    list_display = ["user", "role", "business"]
    list_filter = ["role"]
    list_select_related = ["user", "role", "business"]
    search_fields = ["user__email", "user__first_name", "user__last_name"]
    autocomplete_fields = ["user"]
    fields = ["user", "business", "role"]
    empty_title = _("No roles given yet")
    empty_text = _("A person may do in a business what his role there allows.")

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.stands_above(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.stands_above(request, obj)

    def stands_above(self, request, access):
        if access is None:
            return True
        try:
            require_may_grant(request.user, person=access.user, business=access.business, role=None)
        except RuleBroken:
            return False
        return True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user", "role", "business")

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if obj is None else [*fields, "user"]

    def get_field_queryset(self, db, db_field, request):
        if db_field.remote_field.model is Group:
            names = dict(role_choices(request.user, businesses_of_grantor(request)))
            return Group.objects.filter(name__in=names)
        return super().get_field_queryset(db, db_field, request)

    def get_form(self, request, obj=None, change=False, **kwargs):
        kwargs["form"] = type("AccessForm", (AccessForm,), {"request": request})
        return super().get_form(request, obj, change, **kwargs)

    def save_row(self, request, row, form, change):
        saved = grant_access(row.user, business=row.business, role=row.role.name, by=request.user)
        row.pk, row._state.adding = saved.pk, False

    def delete_model(self, request, obj):
        revoke_access(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for access in queryset:
            revoke_access(access, by=request.user)
