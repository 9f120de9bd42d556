from django.contrib import admin
from django.http import HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin, counted
from backoffice.filters import InclusiveDateFilter
from backoffice.money import format_money, money_cell
from payments.admin.read_only import ReadOnly
from payments.admin.shelves import shelves
from payments.gateways.mpesa import mask_phone
from payments.inbox_dialogs import (
    KeepAsCreditDialog,
    MatchPaymentDialog,
    ParkPaymentDialog,
    ReturnToInboxDialog,
    SplitPaymentDialog,
)
from payments.models import PaymentStatus, UnmatchedMoney
from payments.refund_dialogs import RefundPaymentDialog
from payments.services.proposals import propose_for
from payments.words import local_phone

# From so many points on, staff need not look much closer, or at all events have something to go by.
STRONG, LIKELY = 70, 40
DIALOGS = (
    SplitPaymentDialog,
    KeepAsCreditDialog,
    ParkPaymentDialog,
    ReturnToInboxDialog,
    RefundPaymentDialog,
)


@admin.register(UnmatchedMoney)
class InboxAdmin(ReadOnly, BackOfficeAdmin):
    """The money inbox: what came and is for no order yet, with what it could be for and why."""

    list_display = ["came", "money", "payer", "proposal"]
    list_display_links = None
    list_select_related = ["customer", "business"]
    list_per_page = 25
    list_filter = [("method", ChoicesDropdownFilter), ("created_at", InclusiveDateFilter)]
    search_fields = [
        "transaction_id",
        "payer_name",
        "payer_phone",
        "payer_reference",
        "customer__name",
        "note",
    ]
    search_help_text = _("Receipt, payer, phone, reference or note")
    list_before_template = "payments/inbox_shelves.html"
    empty_title = _("No money waits")
    empty_text = _("Every payment has its order. Money that fits none shows up here by itself.")

    def get_urls(self):
        """The list, and nothing else: each row is a payment, with a page of its own."""
        view, name = self.admin_site.admin_view, "payments_unmatchedmoney"
        return [
            path("", view(self.changelist_view), name=f"{name}_changelist"),
            path("<uuid:object_id>/change/", view(self.change_view), name=f"{name}_change"),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        row = self.get_row(request, object_id)
        return HttpResponseRedirect(reverse("admin:payments_payment_change", args=[row.pk]))

    def get_queryset(self, request):
        return super().get_queryset(request).filter(status=PaymentStatus.SUCCESSFUL, free__gt=0)

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"shelves": shelves(request), **(extra_context or {})})

    def get_changelist_instance(self, request):
        """Propose for all rows of the page together."""
        listed = super().get_changelist_instance(request)
        listed.count_text = counted("%d payment", "%d payments")(listed.result_count)
        listed.result_list = rows = list(listed.result_list)
        proposals = propose_for(rows, limit=10)
        for row in rows:
            row.proposals = proposals[row.pk]
            row.may_match = request.user.has_perm("payments.match_payment", row)
            row.buttons = list(buttons(row, request.user))
        return listed

    @display(description=_("came"), ordering="created_at")
    def came(self, payment):
        when = date_format(localtime(payment.paid_at), "DATETIME_FORMAT")
        address = reverse("admin:payments_payment_change", args=[payment.pk])
        receipt = payment.transaction_id or _("no receipt")
        link = '<a class="row-link" href="{}">{}</a><span class="row-note">{} · {}</span>'
        return format_html(link, address, receipt, payment.get_method_display(), when)

    @display(description=_("free"), ordering="free")
    def money(self, payment):
        free = money_cell(payment.free, payment.currency)
        if payment.free == payment.amount:
            return free
        whole = _("of %s") % format_money(payment.amount, payment.currency)
        return format_html('<span>{}<span class="row-note">{}</span></span>', free, whole)

    @display(description=_("from"))
    def payer(self, payment):
        """Who paid and what he wrote; the whole phone only for those who may use the money."""
        phone = payment.payer_phone if payment.may_match else mask_phone(payment.payer_phone)
        name = payment.payer_name or payment.customer or _("unknown")
        wrote = _("wrote “%s”") % payment.payer_reference if payment.payer_reference else ""
        notes = [(each,) for each in (local_phone(phone), wrote) if each]
        lines = format_html_join("", '<span class="row-note">{}</span>', notes)
        return format_html("<span>{}{}</span>", name, lines)

    @display(description=_("could be for"))
    def proposal(self, payment):
        best = payment.proposals[0] if payment.proposals else None
        context = {"best": best, "others": len(payment.proposals) - 1, "buttons": payment.buttons}
        context["note"] = payment.note
        if best:
            context["due"] = _("%s due") % format_money(best.due, payment.currency)
            context["strength"] = strength(best.score)
        return render_to_string("payments/inbox_proposal.html", context)


def buttons(payment, user):
    """Yield (address, icon, label, class of the button) for what this person may do with free money."""
    if not MatchPaymentDialog.is_available(payment, user):
        return
    match = reverse("admin:payments_payment_match_payment", args=[payment.pk])
    if payment.proposals:
        yield f"{match}?order={payment.proposals[0].order.pk}", "check", _("Accept"), "button-primary"
    yield match, "link", _("Other order") if payment.proposals else _("Choose an order"), ""
    for dialog in DIALOGS:
        if dialog.is_available(payment, user):
            address = reverse(f"admin:payments_payment_{dialog.name}", args=[payment.pk])
            yield address, dialog.icon, dialog.label, ""


def strength(score):
    """The name of the colour in which points are shown."""
    return "strong" if score >= STRONG else "likely" if score >= LIKELY else "weak"
