from django.contrib import admin
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin, BackOfficeInline
from backoffice.filters import InclusiveDateFilter
from backoffice.money import money_cell
from backoffice.spreadsheets.export import SpreadsheetExport
from payments.admin.read_only import ReadOnly
from payments.exports import RefundListing
from payments.models import Refund
from payments.refund_dialogs import (
    ApproveRefundDialog,
    HandOutRefundDialog,
    LookAgainDialog,
    RejectRefundDialog,
    ResolveRefundDialog,
)
from payments.refund_words import REFUND_COLOURS, describe_way, status_word, waits_for
from payments.words import pill


class RefundColumns:
    """How a refund is told in a row."""

    @display(description=_("amount"), ordering="amount")
    def money(self, refund):
        return money_cell(refund.amount, refund.payment.currency)

    @display(description=_("status"), ordering="status")
    def status_pill(self, refund):
        return pill(status_word(refund), REFUND_COLOURS[refund.status])

    @display(description=_("what happens"))
    def told(self, refund):
        return waits_for(refund) or "–"


class RefundInline(RefundColumns, ReadOnly, BackOfficeInline):
    model = Refund
    fields = ["created_at", "money", "status_pill", "reason", "told", "requested_by", "approved_by"]
    readonly_fields = fields
    hide_title = True
    show_change_link = True


@admin.register(Refund)
class RefundAdmin(SpreadsheetExport, RefundColumns, ReadOnly, BackOfficeAdmin):
    """Money on its way back: who asked, who approved, and for whom it waits."""

    listings = [RefundListing]
    list_display = [
        "created_at",
        "money",
        "payment_link",
        "customer",
        "status_pill",
        "told",
        "requested_by",
        "approved_by",
    ]
    list_display_links = ["created_at"]
    list_select_related = [
        "payment__customer",
        "payment__business",
        "allocation__order",
        "requested_by",
        "approved_by",
    ]
    list_filter = [("status", ChoicesDropdownFilter), ("created_at", InclusiveDateFilter)]
    search_fields = ["payment__transaction_id", "receipt", "allocation__order__number"]
    search_help_text = _("Receipt of the payment or of the refund, or order number")
    dialogs = [
        ApproveRefundDialog,
        RejectRefundDialog,
        HandOutRefundDialog,
        LookAgainDialog,
        ResolveRefundDialog,
    ]
    fieldsets = [
        (None, {"fields": ["status_pill", "told", "money", "way", "reason"]}),
        (_("For"), {"fields": ["payment_link", "order_link", "customer"]}),
        (_("Who and when"), {"fields": ["requested_by", "approved_by", "receipt", "story"]}),
    ]
    readonly_fields = [
        "status_pill",
        "told",
        "money",
        "way",
        "payment_link",
        "order_link",
        "customer",
        "receipt",
        "story",
    ]
    empty_title = _("No refunds yet")
    empty_text = _("Open a payment or a paid order and press Refund.")

    @display(description=_("payment"))
    def payment_link(self, refund):
        payment = refund.payment
        return row_link("payments_payment", payment, payment.transaction_id or payment)

    @display(description=_("out of"))
    def order_link(self, refund):
        used = refund.allocation
        return row_link("sales_order", used.order, used.order.number) if used else _("free money")

    @display(description=_("customer"), ordering="payment__customer__name")
    def customer(self, refund):
        return refund.payment.customer or refund.payment.payer_name or "–"

    @display(description=_("which way"))
    def way(self, refund):
        return describe_way(refund.payment, refund.amount, refund.phone)

    @display(description=_("so far"))
    def story(self, refund):
        """Every step with its moment, its reason and who took it."""
        steps = refund.history.select_related("history_user").order_by("history_date", "history_id")
        told = ((localize(localtime(s.history_date)), step_text(s), s.history_user or "–") for s in steps)
        return format_html("<ol>{}</ol>", format_html_join("", "<li>{} · {} · {}</li>", told))


def step_text(step):
    return f"{step.get_status_display()}: {step.history_change_reason or ''}"


def row_link(page, row, text):
    address = reverse(f"admin:{page}_change", args=[row.pk])
    return format_html('<a class="row-link" href="{}">{}</a>', address, text)
