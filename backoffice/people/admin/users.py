from django.contrib import admin
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.people.admin.forms import GrantAccessDialog, NewPersonForm, PasswordDialog, PersonForm
from backoffice.people.models import BusinessAccess, User
from backoffice.people.queries import visible_people
from backoffice.people.services.people import add_person, change_person, may_change_person


@admin.register(User)
class UserAdmin(BackOfficeAdmin):
    """People who log in. There are no fields for groups and permissions: rights come from roles only."""

    dialogs = (GrantAccessDialog, PasswordDialog)
    list_display = ["person", "roles", "active", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["first_name", "last_name", "email"]
    readonly_fields = ["last_login", "date_joined"]
    change_form_outer_after_template = "backoffice/person_roles.html"
    empty_title = _("Nobody here yet")
    empty_text = _("Add the people who work with you; each gets a role in your business.")

    # Who is seen, and who may be changed

    def get_queryset(self, request):
        roles = BusinessAccess.objects.select_related("business", "role")
        return visible_people(request.user).prefetch_related(
            Prefetch("accesses", roles, to_attr="roles_here")
        )

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (
            obj is None or may_change_person(request.user, obj)
        )

    def has_delete_permission(self, request, obj=None):
        return False

    # The forms

    def get_fieldsets(self, request, obj=None):
        names = (_("Person"), {"fields": ["email", ("first_name", "last_name")]})
        if obj is None:
            role = (_("Role"), {"fields": [("business", "role")]})
            return [names, role, (_("Password"), {"fields": [("password1", "password2")]})]
        rights = ["is_active", "is_staff", "is_superuser"] if request.user.is_superuser else ["is_active"]
        more = ["username"] if request.user.is_superuser else []
        return [
            names,
            (_("Login"), {"fields": [*rights, *more, ("last_login", "date_joined")]}),
        ]

    def get_readonly_fields(self, request, obj=None):
        fields = [*super().get_readonly_fields(request, obj)]
        return fields if obj is None or request.user.is_superuser else [*fields, "email"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = PersonForm if change else NewPersonForm
        kwargs["form"] = type(form.__name__, (form,), {"request": request})
        return super().get_form(request, obj, change, **kwargs)

    def save_row(self, request, row, form, change):
        said = form.cleaned_data
        if change:
            change_person(row, by=request.user, **{name: said[name] for name in form.changed_data})
            return
        names = ["email", "first_name", "last_name", "business", "role"]
        added = add_person(
            password=said["password1"], by=request.user, **{name: said.get(name) for name in names}
        )
        row.pk, row._state.adding = added.pk, False

    # The list

    @display(description=_("person"), header=True, ordering="first_name")
    def person(self, user):
        return [str(user), user.email, user_initials(user)]

    @display(description=_("roles"))
    def roles(self, user):
        if user.is_superuser:
            return _("Administrator")
        return ", ".join(f"{each.role} · {each.business}" for each in user.roles_here)

    @display(description=_("active"), boolean=True, ordering="is_active")
    def active(self, user):
        return user.is_active


def user_initials(user):
    words = [user.first_name, user.last_name] if user.first_name else [user.email]
    return "".join(word[:1] for word in words).upper()
