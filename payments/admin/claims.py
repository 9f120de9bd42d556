from django.contrib import admin
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.money import format_money, money_cell
from payments.admin.read_only import ReadOnly
from payments.models import BankTransfer, Cheque
from payments.words import CLAIM_COLOURS, pill


class ClaimAdmin(ReadOnly, BackOfficeAdmin):
    """Money that the bank has yet to bring, or brought."""

    list_select_related = ["order", "recorded_by", "payment"]
    preview_related = ["order", "payment"]
    readonly_fields = ["status_pill", "money", "order_link", "payment_link"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("order", "payment", "business")

    @display(description=_("amount"), ordering="amount")
    def money(self, claim):
        return money_cell(claim.amount, claim.currency)

    @display(description=_("status"), ordering="status")
    def status_pill(self, claim):
        return pill(claim.get_status_display(), CLAIM_COLOURS[claim.status])

    @display(description=_("order"), ordering="order__number")
    def order_link(self, claim):
        address = reverse("admin:sales_order_change", args=[claim.order_id])
        return format_html('<a class="row-link" href="{}">{}</a>', address, claim.order.number)

    @display(description=_("payment"))
    def payment_link(self, claim):
        if not claim.payment:
            return "–"
        address = reverse("admin:payments_payment_change", args=[claim.payment_id])
        return format_html('<a class="row-link" href="{}">{}</a>', address, claim.payment)


@admin.register(BankTransfer)
class TransferAdmin(ClaimAdmin):
    """Transfers that were claimed; the accountant confirms those on the statement."""

    list_display = ["reference", "order_link", "money", "bank_account", "value_day", "status_pill"]
    list_display_links = ["reference"]
    list_filter = [("status", ChoicesDropdownFilter), ("value_date", RangeDateFilter)]
    search_fields = ["reference", "bank_account", "order__number", "order__customer__name"]
    search_help_text = _("Reference, account, order number or customer")
    fieldsets = [
        (None, {"fields": ["status_pill", "money", "reference", "bank_account", "value_day", "note"]}),
        (_("For"), {"fields": ["order_link", "payment_link", "recorded_by", "decided_by", "decided_at"]}),
    ]
    readonly_fields = [*ClaimAdmin.readonly_fields, "value_day"]
    empty_title = _("No bank transfers yet")
    empty_text = _("When a customer says that money was sent, record it on the page of the order.")

    @display(description=_("value date"), ordering="value_date")
    def value_day(self, transfer):
        day = date_format(transfer.value_date, "DATE_FORMAT")
        if not transfer.is_late:
            return day
        late = _("written down on %s") % date_format(localtime(transfer.created_at), "DATE_FORMAT")
        return format_html('<span>{}<span class="row-note">{}</span></span>', day, late)


@admin.register(Cheque)
class ChequeAdmin(ClaimAdmin):
    """Cheques from the hand of the customer to the account, or back."""

    list_display = ["number", "bank", "order_link", "money", "due_on", "status_pill"]
    list_display_links = ["number"]
    list_filter = [("status", ChoicesDropdownFilter), ("due_on", RangeDateFilter)]
    search_fields = ["number", "bank", "drawn_by", "order__number", "order__customer__name"]
    search_help_text = _("Cheque number, bank, order number or customer")
    fieldsets = [
        (None, {"fields": ["status_pill", "money", "bank", "number", "drawn_by", "due_on", "note"]}),
        (_("For"), {"fields": ["order_link", "payment_link", "recorded_by"]}),
        (_("At the bank"), {"fields": ["deposited_at", "cleared_at", "bounced_at", "fee"]}),
    ]
    readonly_fields = [*ClaimAdmin.readonly_fields, "fee"]
    empty_title = _("No cheques yet")
    empty_text = _("Record a cheque on the page of the order that it is for.")

    @display(description=_("bank's fee"))
    def fee(self, cheque):
        return format_money(cheque.bank_fee or None, cheque.currency)
