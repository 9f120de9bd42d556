from django.contrib import admin
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.filters import InclusiveDateFilter
from backoffice.imports.admin.button import SpreadsheetImport
from backoffice.money import money_cell
from payments.admin.read_only import ReadOnly
from payments.admin.reconciliation import ReconciliationPage
from payments.models import StatementLine
from payments.services.reconciliation import Source
from payments.statement_dialogs import BookLineDialog, ParkLineDialog


@admin.register(StatementLine)
class StatementLineAdmin(ReconciliationPage, SpreadsheetImport, ReadOnly, BackOfficeAdmin):
    """The lines of statements, as they were loaded; staff say which payment a line is, or put it aside."""

    import_resources = ("mpesa_statement", "bank_statement")
    list_display = ["happened_at", "receipt", "told", "kind", "came", "went", "where", "payment_link"]
    list_display_links = ["happened_at", "receipt"]
    list_select_related = ["business", "account", "payment"]
    list_filter = [("kind", ChoicesDropdownFilter), ("happened_at", InclusiveDateFilter)]
    search_fields = ["receipt", "details", "counterparty", "payer_reference"]
    search_help_text = _("Receipt, details, payer or reference")
    dialogs = [BookLineDialog, ParkLineDialog]
    fieldsets = [
        (None, {"fields": ["happened_at", "receipt", "kind", "came", "went", "balance", "where"]}),
        (
            _("In the statement"),
            {"fields": ["details", "reason_type", "counterparty", "payer_reference", "linked_receipt"]},
        ),
        (_("In the books"), {"fields": ["payment_link", "parked_at", "note"]}),
    ]
    readonly_fields = ["came", "went", "where", "payment_link"]
    empty_title = _("No statements yet")
    empty_text = _("Load the statement of a paybill, till or bank account to compare it with the payments.")

    def get_urls(self):
        view = self.admin_site.admin_view(self.reconciliation_view)
        name = "payments_statementline_reconciliation"
        return [path("reconciliation/", view, name=name), *super().get_urls()]

    def dialog_done_url(self, request, row):
        """Back to the day of the line, where the next one waits."""
        source = Source(row.business, account=row.account, bank=row.bank)
        day = localtime(row.happened_at, row.business.clock).date()
        return self.reconciliation_url(source, day, day)

    @display(description=_("details"))
    def told(self, line):
        return line.counterparty or line.details

    @display(description=_("paid in"), ordering="paid_in")
    def came(self, line):
        return money_cell(line.paid_in or None, line.business.currency)

    @display(description=_("paid out"), ordering="paid_out")
    def went(self, line):
        return money_cell(line.paid_out or None, line.business.currency)

    @display(description=_("account"))
    def where(self, line):
        return str(Source(line.business, account=line.account, bank=line.bank))

    @display(description=_("payment"))
    def payment_link(self, line):
        if line.payment is None:
            return line.note or "–"
        address = reverse("admin:payments_payment_change", args=[line.payment_id])
        return format_html('<a class="row-link" href="{}">{}</a>', address, line.payment)
