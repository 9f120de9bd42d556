"""The form of an account: what may be seen of it, and secrets that go in and never come out."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.dialogs import RowDialog
from payments.models import Provider, ProviderAccount
from payments.services.account_setup import register_at_safaricom, switch_mode
from payments.services.accounts import SECRETS

LABELS = {
    "consumer_key": gettext_lazy("Consumer key"),
    "consumer_secret": gettext_lazy("Consumer secret"),
    "passkey": gettext_lazy("Passkey"),
    "initiator": gettext_lazy("Name of the API operator"),
    "security_credential": gettext_lazy("Security credential"),
    "initiator_password": gettext_lazy("Password of the API operator"),
    "certificate": gettext_lazy("Safaricom's certificate"),
    "secret_key": gettext_lazy("Secret key"),
    "webhook_secrets": gettext_lazy("Signing secrets of the webhook"),
    "client_id": gettext_lazy("Client ID"),
    "client_secret": gettext_lazy("Client secret"),
    "webhook_id": gettext_lazy("Webhook ID"),
}
LONG = ("certificate",)


class AccountForm(forms.ModelForm):
    """Secrets are set or replaced here; a field left empty keeps what is there."""

    class Meta:
        model = ProviderAccount
        exclude = ["secrets"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.secret_names(self.instance):
            if name in self.fields:
                is_set = bool(self.instance.secrets.get(name))
                self.fields[name].help_text = _("Set.") if is_set else _("Not set.")

    @staticmethod
    def secret_names(account):
        return SECRETS[Provider(account.provider)] if account and account.provider else ()

    def new_secrets(self):
        """Return the secrets that were typed."""
        return {name: self.cleaned_data.get(name, "") for name in self.secret_names(self.instance)}


def form_for(account):
    """Return the form with fields for the secrets of the account's provider; none before it is saved."""
    fields = {
        name: forms.CharField(
            label=LABELS[name],
            required=False,
            max_length=10_000,
            widget=UnfoldAdminTextareaWidget()
            if name in LONG
            else UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        )
        for name in AccountForm.secret_names(account)
    }
    return type("AccountForm", (AccountForm,), fields)


class RegisterDialog(RowDialog):
    """Tells Safaricom to which addresses payments to the till are reported."""

    name = "register_urls"
    label = gettext_lazy("Register at Safaricom")
    icon = "cell_tower"
    permission = "payments.change_provideraccount"
    submit_text = gettext_lazy("Register")

    @classmethod
    def is_available(cls, row, user):
        return row.provider == Provider.MPESA and super().is_available(row, user)

    def effects(self):
        return [
            _("Safaricom will report every payment to %s to this back office.") % self.row.identifier,
            _("It keeps the first addresses it is told; changing them later takes a letter to Safaricom."),
        ]

    def apply(self, *, by):
        return register_at_safaricom(self.row)


class SwitchModeDialog(RowDialog):
    """From the provider's sandbox to real money, or back."""

    name = "switch_mode"
    label = gettext_lazy("Live or sandbox")
    icon = "toggle_on"
    permission = "payments.change_provideraccount"
    submit_text = gettext_lazy("Switch")
    harmful = True

    words = forms.CharField(
        label=gettext_lazy("The account's number, to confirm"),
        max_length=100,
        widget=UnfoldAdminTextInputWidget,
    )

    def effects(self):
        if self.row.is_live:
            return [_("The account goes to the sandbox: nobody can pay real money with it.")]
        return [_("The account goes live: customers pay real money. The secrets must be the live ones.")]

    def apply(self, *, by):
        account = switch_mode(self.row, live=not self.row.is_live, words=self.cleaned_data["words"], by=by)
        return _("The account is live.") if account.is_live else _("The account is in the sandbox.")
