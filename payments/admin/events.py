from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.filters import InclusiveDateFilter
from payments.admin.read_only import ReadOnly
from payments.admin.shelves import shelves
from payments.dialogs import DealWithEventDialog, ReplayEventDialog
from payments.models import Provider, WebhookEvent
from payments.words import EVENT_COLOURS, mask_numbers, pill, readable_body

ABOUT = ["order_link", "attempt", "refund", "about", "payment"]


@admin.register(WebhookEvent)
class EventAdmin(ReadOnly, BackOfficeAdmin):
    """What payment providers sent, byte by byte, and what became of it."""

    list_display = [
        "received_at",
        "provider_name",
        "channel",
        "order_link",
        "outcome_pill",
        "reason",
        "payment",
        "source_ip",
    ]
    list_display_links = ["received_at"]
    list_select_related = ["attempt__order", "payment", "account"]
    list_filter = [
        ("outcome", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ("received_at", InclusiveDateFilter),
    ]
    search_fields = ["attempt__order__number", "payment__transaction_id", "reason"]
    search_help_text = _("Order number, receipt or reason")
    dialogs = [ReplayEventDialog, DealWithEventDialog]
    fieldsets = [
        (None, {"fields": ["outcome_pill", "reason", "received_at", "confirmed_at", "processed_at"]}),
        (_("About"), {"fields": [*ABOUT]}),
        (
            _("From"),
            {"fields": ["provider_name", "channel", "account", "sender"]},
        ),
        (_("As it came"), {"fields": ["content_type", "content"]}),
    ]
    readonly_fields = ["outcome_pill", "provider_name", "order_link", "sender", "content"]
    list_before_template = "payments/inbox_shelves.html"
    empty_title = _("No deliveries yet")
    empty_text = _("What payment providers tell is kept here, as it came.")

    def get_queryset(self, request):
        # Lists do not need the bodies, which may be long.
        match = request.resolver_match
        is_list = match is not None and match.url_name.endswith("_changelist")
        queryset = super().get_queryset(request)
        return queryset.defer("body") if is_list else queryset

    def changelist_view(self, request, extra_context=None):
        """On a shelf of the money inbox, show the others, too."""
        shown = {"shelves": shelves(request)} if "shortcut" in request.GET else {}
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    def get_fieldsets(self, request, obj=None):
        """Of what a delivery may be about, show what it is about."""
        return [
            (title, {**options, "fields": [field for field in options["fields"] if is_told(obj, field)]})
            for title, options in self.fieldsets
            if any(is_told(obj, field) for field in options["fields"])
        ]

    def get_object(self, request, object_id, from_field=None):
        event = super().get_object(request, object_id, from_field)
        if event is not None:
            # Whoever may apply it again may read who paid.
            event.is_open_to_reader = request.user.has_perm("payments.replay_webhookevent", event)
        return event

    @display(description=_("order"))
    def order_link(self, event):
        if event.attempt is None:
            return None
        order = event.attempt.order
        address = reverse("admin:sales_order_change", args=[order.pk])
        return format_html('<a class="row-link" href="{}">{}</a>', address, order.number)

    @display(description=_("outcome"), ordering="outcome")
    def outcome_pill(self, event):
        return pill(event.get_outcome_display(), EVENT_COLOURS.get(event.outcome, ""))

    @display(description=_("provider"))
    def provider_name(self, event):
        return Provider(event.provider).label

    @display(description=_("from address"))
    def sender(self, event):
        if not event.is_from_elsewhere:
            return event.source_ip
        return _("%s, which is not one of the provider's known addresses") % (event.source_ip or _("unknown"))

    @display(description=_("body"))
    def content(self, event):
        text = readable_body(bytes(event.body))
        if not getattr(event, "is_open_to_reader", False):
            text = mask_numbers(text)
        return format_html('<pre class="raw-body">{}</pre>', text)


def is_told(event, field):
    """Say whether a field of the page has something to tell."""
    if field not in ABOUT:
        return True
    return getattr(event, "attempt_id" if field == "order_link" else f"{field}_id", None) is not None
