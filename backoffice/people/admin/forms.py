"""The forms of people. What they may say is decided by the services; here it becomes a form error."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
)

from backoffice.dialogs import RowDialog
from backoffice.errors import RuleBroken
from backoffice.people.backend import businesses_with
from backoffice.people.models import Business, BusinessAccess, User
from backoffice.people.services.access import grant_access, grantable_roles, is_boss, require_may_grant
from backoffice.people.services.people import (
    may_change_person,
    require_good_password,
    require_may_change,
    set_password,
)
from backoffice.roles import RANKS


class RequestForm(forms.ModelForm):
    """A form that knows who fills it in; the admin sets `request` on a subclass."""

    request = None

    def check(self, rule, *args, **kwargs):
        """Turn the refusal of a service's rule into an error of the form."""
        try:
            rule(*args, **kwargs)
        except RuleBroken as refusal:
            raise ValidationError(str(refusal)) from refusal


class PasswordField(forms.CharField):
    def __init__(self, **kwargs):
        widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
        super().__init__(strip=False, max_length=128, widget=widget, **kwargs)


def businesses_of_grantor(request):
    return Business.objects.filter(pk__in=businesses_with(request.user, "people.add_businessaccess"))


def role_choices(by, businesses):
    """The roles that may be granted in any of the businesses, lowest first."""
    allowed = {name for business in businesses for name in grantable_roles(by, business)}
    return [(name, name) for name in RANKS if name in allowed]


class RoleFields(forms.Form):
    """Which role in which business, of those the person at the desk may grant."""

    business = forms.ModelChoiceField(
        Business.objects.none(), label=gettext_lazy("Business"), widget=UnfoldAdminSelectWidget
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), widget=UnfoldAdminSelectWidget)

    def offer_roles(self, request):
        businesses = businesses_of_grantor(request)
        self.fields["business"].queryset = businesses
        self.fields["business"].initial = request.business or (
            businesses[0] if len(businesses) == 1 else None
        )
        self.fields["role"].choices = [("", "---------"), *role_choices(request.user, businesses)]


class NewPersonForm(RoleFields, RequestForm):
    password1 = PasswordField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 12 characters. The person can change it after the first login."),
    )
    password2 = PasswordField(label=gettext_lazy("Password again"))

    class Meta:
        model = User
        fields = ["email", "first_name", "last_name"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_roles(self.request)
        if is_boss(self.request.user):
            self.fields["business"].required = self.fields["role"].required = False

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError(
                _("%s can log in already. Ask an administrator to let this person work for your business.")
                % email
            )
        return email

    def clean(self):
        super().clean()
        said = self.cleaned_data
        if said.get("password1") and said["password1"] != said.get("password2"):
            self.add_error("password2", _("The two passwords differ."))
        elif said.get("password1"):
            try:
                self.check(require_good_password, said["password1"], self.instance)
            except ValidationError as error:
                self.add_error("password1", error)
        business, role = said.get("business"), said.get("role")
        if bool(business) != bool(role):
            self.add_error("role", _("Choose both a business and a role, or neither."))
        elif business and role not in grantable_roles(self.request.user, business):
            self.add_error("role", _("You may not give this role in %s.") % business)


class PersonForm(RequestForm):
    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("%s is the login of somebody else.") % email)
        return email

    def clean(self):
        super().clean()
        said = {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}
        if said:
            self.check(require_may_change, self.request.user, User.objects.get(pk=self.instance.pk), **said)


class AccessForm(RequestForm):
    class Meta:
        model = BusinessAccess
        fields = ["user", "business", "role"]

    def clean(self):
        super().clean()
        said = self.cleaned_data
        person = said.get("user") or getattr(self.instance, "user", None)
        business = said.get("business") or getattr(self.instance, "business", None)
        if person and business and said.get("role"):
            role = said["role"].name
            self.check(require_may_grant, self.request.user, person=person, business=business, role=role)


class PasswordDialog(RowDialog):
    """Gives a person a new password."""

    name = "set_password"
    label = gettext_lazy("Set password")
    icon = "key"
    permission = "people.change_user"

    password1 = PasswordField(label=gettext_lazy("New password"))
    password2 = PasswordField(label=gettext_lazy("New password again"))

    @classmethod
    def is_available(cls, row, user):
        return super().is_available(row, user) and may_change_person(user, row)

    def effects(self):
        return [_("The person is logged out everywhere and needs the new password.")]

    def clean(self):
        said = super().clean()
        if said.get("password1") != said.get("password2"):
            self.add_error("password2", _("The two passwords differ."))
        return said

    def apply(self, *, by):
        set_password(self.row, password=self.cleaned_data["password1"], by=by)
        return _("%s has a new password.") % self.row


class GrantAccessDialog(RoleFields, RowDialog):
    """Gives a person a role in a business, or another one than before."""

    name = "grant_access"
    label = gettext_lazy("Give a role")
    icon = "badge"
    permission = "people.add_businessaccess"

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, request=request, **kwargs)
        self.offer_roles(request)

    @classmethod
    def is_available(cls, row, user):
        return super().is_available(row, user) and row != user and not row.is_superuser

    def effects(self):
        return [_("A role that the person has there already is replaced.")]

    def apply(self, *, by):
        access = grant_access(
            self.row, business=self.cleaned_data["business"], role=self.cleaned_data["role"], by=by
        )
        return _("%(person)s is now %(role)s in %(business)s.") % {
            "person": self.row,
            "role": access.role,
            "business": access.business,
        }
