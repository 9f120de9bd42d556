from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin, BackOfficeInline
from backoffice.filters import InclusiveDateFilter
from backoffice.money import format_money, money_cell
from backoffice.spreadsheets.export import SpreadsheetExport
from payments.admin.read_only import ReadOnly
from payments.attempt_dialogs import (
    DealWithAttemptDialog,
    EnterReceiptDialog,
    LookNowDialog,
    WithdrawLinkDialog,
)
from payments.exports import AttemptListing
from payments.models import PaymentAttempt, WebhookEvent
from payments.words import ATTEMPT_COLOURS, EVENT_COLOURS, local_phone, pill, what_happened


class AttemptColumns:
    """How an attempt is told in a row."""

    @display(description=_("phone"), ordering="phone")
    def phone_number(self, attempt):
        return local_phone(attempt.phone)

    @display(description=_("asked for"), ordering="amount_requested")
    def asked(self, attempt):
        return money_cell(attempt.amount_requested, attempt.currency)

    @display(description=_("status"), ordering="status")
    def status_pill(self, attempt):
        return pill(attempt.get_status_display(), ATTEMPT_COLOURS[attempt.status])

    @display(description=_("what happened"))
    def told(self, attempt):
        return what_happened(attempt) or "–"


class AttemptInline(AttemptColumns, ReadOnly, BackOfficeInline):
    model = PaymentAttempt
    fields = ["created_at", "phone_number", "asked", "status_pill", "told", "by"]
    readonly_fields = fields
    hide_title = True


class EventInline(ReadOnly, BackOfficeInline):
    model = WebhookEvent
    fields = ["received_at", "outcome_pill", "reason", "payment"]
    readonly_fields = fields
    hide_title = True

    def get_queryset(self, request):
        return super().get_queryset(request).defer("body")

    @display(description=_("outcome"))
    def outcome_pill(self, event):
        return pill(event.get_outcome_display(), EVENT_COLOURS.get(event.outcome, ""))


@admin.register(PaymentAttempt)
class AttemptAdmin(SpreadsheetExport, AttemptColumns, ReadOnly, BackOfficeAdmin):
    """Every request for money, by a prompt on a phone or by a link, and how it ended."""

    dialogs = [LookNowDialog, EnterReceiptDialog, WithdrawLinkDialog, DealWithAttemptDialog]
    listings = [AttemptListing]
    list_display = ["created_at", "order_link", "way", "phone_number", "asked", "status_pill", "told", "by"]
    list_select_related = ["order", "by"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("provider", ChoicesDropdownFilter),
        ("created_at", InclusiveDateFilter),
    ]
    search_fields = ["order__number", "order__customer__name", "phone"]
    search_help_text = _("Order number, customer or phone")
    fieldsets = [
        (None, {"fields": ["status_pill", "way", "asked", "counts_for", "phone_number", "told"]}),
        (_("For"), {"fields": ["order_link", "payment", "by", "created_at", "sent_at"]}),
        (_("What the provider says"), {"fields": ["looked_at", "confirmed_at", "claimed_receipt"]}),
    ]
    readonly_fields = [
        *("status_pill", "way", "asked", "counts_for", "phone_number", "told", "order_link"),
        *("created_at", "sent_at", "looked_at", "confirmed_at", "claimed_receipt"),
    ]
    inlines = [EventInline]
    empty_title = _("Nobody was asked yet")
    empty_text = _("Open a pending order and ask for an M-Pesa payment, or send a link.")

    def dialog_done_url(self, request, row):
        """The order's page: its money panel shows what comes of it."""
        return reverse("admin:sales_order_change", args=[row.order_id])

    @display(description=_("by way of"), ordering="provider")
    def way(self, attempt):
        return attempt.get_provider_display()

    @display(description=_("counts for"))
    def counts_for(self, attempt):
        worth = format_money(attempt.worth, attempt.order.currency)
        return f"{worth} ({attempt.rate.normalize():f})" if attempt.rate else worth

    @display(description=_("order"), ordering="order__number")
    def order_link(self, attempt):
        address = reverse("admin:sales_order_change", args=[attempt.order_id])
        return format_html('<a class="row-link" href="{}">{}</a>', address, attempt.order.number)
