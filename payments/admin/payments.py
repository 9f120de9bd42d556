from urllib.parse import urlsplit

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.filters import InclusiveDateFilter
from backoffice.money import format_money, money_cell
from backoffice.spreadsheets.export import SpreadsheetExport
from payments.admin.attempts import AttemptInline
from payments.admin.read_only import ReadOnly
from payments.admin.refunds import RefundInline
from payments.by_hand_dialogs import ReversePaymentDialog
from payments.exports import PaymentListing
from payments.inbox_dialogs import (
    KeepAsCreditDialog,
    MatchPaymentDialog,
    ParkPaymentDialog,
    ReturnToInboxDialog,
    SplitPaymentDialog,
    UnmatchPaymentDialog,
)
from payments.models import Payment
from payments.queries import order_money
from payments.refund_dialogs import RefundPaymentDialog
from payments.statement_dialogs import ExplainPaymentDialog
from payments.words import PAYMENT_COLOURS, pill
from sales.models import Order


@admin.register(Payment)
class PaymentAdmin(SpreadsheetExport, ReadOnly, BackOfficeAdmin):
    """Money that came or is awaited; staff look at it and use what fits no order."""

    listings = [PaymentListing]
    list_display = ["receipt", "customer", "order_link", "money", "method", "status_pill", "paid_at"]
    list_display_links = ["receipt"]
    list_select_related = ["customer", "order"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("method", ChoicesDropdownFilter),
        ("created_at", InclusiveDateFilter),
        ("customer", AutocompleteSelectFilter),
    ]
    search_fields = ["transaction_id", "order__number", "customer__name", "customer__phone"]
    search_help_text = _("Receipt, order number, customer or phone")
    dialogs = [
        MatchPaymentDialog,
        SplitPaymentDialog,
        KeepAsCreditDialog,
        ParkPaymentDialog,
        ReturnToInboxDialog,
        UnmatchPaymentDialog,
        RefundPaymentDialog,
        ReversePaymentDialog,
        ExplainPaymentDialog,
    ]
    inlines = [AttemptInline, RefundInline]
    fieldsets = [
        (None, {"fields": ["status_pill", "money", "method", "receipt", "paid_at", "note"]}),
        (_("For"), {"fields": ["order_link", "customer", "rounded", "created_at"]}),
    ]
    readonly_fields = ["status_pill", "money", "receipt", "order_link", "rounded", "created_at"]
    empty_title = _("No payments yet")
    empty_text = _("Ask a customer for an M-Pesa payment, or record cash, on the page of an order.")

    @display(description=_("receipt"), ordering="transaction_id")
    def receipt(self, payment):
        return payment.transaction_id or payment.payer_reference or _("no receipt")

    @display(description=_("order"), ordering="order__number")
    def order_link(self, payment):
        if payment.order is None:
            why = '<span class="unmatched">{}</span><span class="row-note">{}</span>'
            return format_html(why, _("Unmatched"), payment.note)
        address = reverse("admin:sales_order_change", args=[payment.order_id])
        return format_html('<a class="row-link" href="{}">{}</a>', address, payment.order.number)

    @display(description=_("amount"), ordering="amount")
    def money(self, payment):
        return money_cell(payment.amount, payment.currency)

    @display(description=_("rounded up by"))
    def rounded(self, payment):
        return format_money(payment.rounding, payment.currency)

    @display(description=_("status"), ordering="status")
    def status_pill(self, payment):
        return pill(payment.get_status_display(), PAYMENT_COLOURS[payment.status])

    def dialog_done_url(self, request, row):
        """A button of the money inbox leads back to where one was in it."""
        inbox = reverse("admin:payments_unmatchedmoney_changelist")
        asked_from = urlsplit(request.headers.get("HX-Current-URL", ""))
        if asked_from.path == inbox:
            return f"{inbox}?{asked_from.query}"
        return super().dialog_done_url(request, row)

    # The money panel of an order, which asks for news of itself

    def get_urls(self):
        view = self.admin_site.admin_view(self.order_panel)
        return [
            path("order-panel/<uuid:order_id>/", view, name="payments_payment_order_panel"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def order_panel(self, request, order_id):
        """Return the panel of an order, or 204 while nothing has changed since the `state` of the asker."""
        order = self.admin_site.get_model_admin(Order).get_row(request, order_id)
        if not request.user.has_perm("payments.view_payment", order):
            raise PermissionDenied
        seen = request.GET.get("state", "")
        if seen == order_money(order).state:
            return HttpResponse(status=204)
        context = {"original": order, "refresh_page": bool(seen)}
        return render(request, "payments/order_panel.html", context)
