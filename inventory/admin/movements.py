from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.filters import InclusiveDateFilter
from backoffice.spreadsheets.export import SpreadsheetExport
from inventory.exports import MovementListing
from inventory.models import MovementReason, StockMovement

REASON_COLOURS = {
    MovementReason.RECEIVE: "success",
    MovementReason.RETURN: "success",
    MovementReason.ISSUE: "info",
    MovementReason.RESERVE: "primary",
    MovementReason.RELEASE: "primary",
    MovementReason.COUNT: "warning",
    MovementReason.ADJUST: "warning",
    MovementReason.TRANSFER: "info",
}


@admin.register(StockMovement)
class StockMovementAdmin(SpreadsheetExport, BackOfficeAdmin):
    """The journal of stock: read only, for everybody."""

    listings = [MovementListing]
    list_display = [
        "created_at",
        "product_name",
        "warehouse",
        "reason_pill",
        "on_hand_change",
        "reserved_change",
        "document",
        "note",
        "by",
    ]
    list_select_related = ["product", "warehouse", "by"]
    list_filter = [
        ("created_at", InclusiveDateFilter),
        ("reason", ChoicesDropdownFilter),
        ("warehouse", RelatedDropdownFilter),
        ("product", AutocompleteSelectFilter),
    ]
    search_fields = ["product__name", "product__sku", "reference", "note"]
    empty_title = _("No movements yet")
    empty_text = _("Whatever is received, reserved, issued or counted leaves a line here, for ever.")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @display(description=_("product"), header=True, ordering="product__name")
    def product_name(self, row):
        return [row.product.name, row.product.sku]

    @display(description=_("reason"), label=REASON_COLOURS, ordering="reason")
    def reason_pill(self, row):
        return row.reason, row.get_reason_display()

    @display(description=_("on hand"), ordering="quantity")
    def on_hand_change(self, row):
        return signed(row.quantity)

    @display(description=_("reserved"), ordering="reserved")
    def reserved_change(self, row):
        return signed(row.reserved)

    @display(description=_("paper"))
    def document(self, row):
        return row.document or self.empty_value_display


def signed(pieces):
    """Return a change of pieces with its sign, coloured; a dash for none."""
    if not pieces:
        return "–"
    way = "more" if pieces > 0 else "less"
    return format_html('<span class="pieces {}">{}</span>', way, f"{pieces:+,d}".replace("-", "−"))
