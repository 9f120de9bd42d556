from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from payments.admin.account_forms import AccountForm, RegisterDialog, SwitchModeDialog, form_for
from payments.models import ProviderAccount
from payments.services.account_setup import hook_addresses
from payments.services.accounts import save_account
from payments.words import pill

COPY = (
    '<div class="row-address" x-data><code>{0}</code> <button type="button" class="row-link" data-copy="{0}" '
    'x-on:click="navigator.clipboard.writeText($el.dataset.copy)">{1}</button></div>'
)


@admin.register(ProviderAccount)
class AccountAdmin(BackOfficeAdmin):
    """A business's accounts at M-Pesa, Stripe and PayPal. Their secrets can be set and never read."""

    list_display = ["name", "provider", "identifier", "till", "mode", "is_active"]
    list_filter = ["provider"]
    search_fields = ["name", "identifier", "till"]
    dialogs = [RegisterDialog, SwitchModeDialog]
    readonly_fields = ["mode", "addresses"]
    empty_title = _("No accounts yet")
    empty_text = _("Add the paybill, the till or the Stripe or PayPal account into which customers pay.")

    def has_delete_permission(self, request, obj=None):
        return False  # money and deliveries refer to it: it is switched off instead

    def get_readonly_fields(self, request, obj=None):
        fields = [*super().get_readonly_fields(request, obj)]
        return fields if obj is None else [*fields, "provider", "identifier"]

    def get_fieldsets(self, request, obj=None):
        account = (
            None,
            {"fields": ["business", ("provider", "name"), ("identifier", "till"), "is_active"]},
        )
        money = (
            _("Money"),
            {
                "fields": ["trusted_up_to", ("quote_currency", "quote_rate")],
                "description": _(
                    "Payments up to the trusted amount are believed as they are reported. "
                    "Above it the provider is asked first; 0 asks always. "
                    "M-Pesa can be asked about payments to the till once its API operator is set up."
                ),
            },
        )
        if obj is None:
            return [account, money]
        names = AccountForm.secret_names(obj)
        secrets = {"fields": [*names], "description": _("A field left empty keeps what is set.")}
        may_change = self.has_change_permission(request, obj) and not getattr(
            request, "history_is_readonly", False
        )
        return [
            account,
            money,
            (_("To be registered at the provider"), {"fields": ["mode", "addresses"]}),
            *([(_("Secrets"), secrets)] if may_change else []),
        ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        kwargs["form"] = form_for(obj)
        return super().get_form(request, obj, change, **kwargs)

    def save_row(self, request, row, form, change):
        if not change:
            row.is_live = False  # it goes live by a dialog of its own
        save_account(row, by=request.user, new_secrets=form.new_secrets())

    @display(description=_("mode"))
    def mode(self, account):
        return pill(_("Live"), "success") if account.is_live else pill(_("Sandbox"), "warning")

    @display(description=_("addresses"))
    def addresses(self, account):
        if not account.hook_token:
            return "–"
        return format_html(
            "{}", format_html_join("", COPY, ((each, _("Copy")) for each in hook_addresses(account)))
        )
