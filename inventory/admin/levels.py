from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.imports.admin.button import SpreadsheetImport
from backoffice.spreadsheets.export import SpreadsheetExport
from inventory.dialogs import STOCK_DIALOGS
from inventory.exports import LevelListing
from inventory.models import StockLevel
from inventory.services.levels import set_reorder_level


@admin.register(StockLevel)
class StockLevelAdmin(SpreadsheetImport, SpreadsheetExport, BackOfficeAdmin):
    import_resources = ("counts", "opening")
    listings = [LevelListing]
    dialogs = STOCK_DIALOGS
    list_display = [
        "product_name",
        "warehouse",
        "quantity",
        "reserved",
        "available",
        "reorder_level",
        "state",
        "last_counted",
    ]
    list_editable = ["reorder_level"]
    list_select_related = ["product", "warehouse"]
    list_filter = [("warehouse", RelatedDropdownFilter)]
    search_fields = ["product__name", "product__sku", "product__barcode"]
    fields = ["business", "product", "warehouse", "quantity", "reserved", "reorder_level", "last_counted"]
    readonly_fields = ["product", "warehouse", "quantity", "reserved", "last_counted"]
    empty_title = _("No stock here")
    empty_text = _("Open a product and receive what was delivered; its stock then stands here.")

    def has_add_permission(self, request):
        """A level appears by itself with the first movement."""
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_row(self, request, row, form, change):
        set_reorder_level(row, reorder_level=row.reorder_level, by=request.user)

    @display(description=_("product"), header=True, ordering="product__name")
    def product_name(self, row):
        return [row.product.name, row.product.sku]

    @display(description=_("available"))
    def available(self, row):
        return row.available

    @display(description=_("state"), label={"low": "warning", "out": "danger", "enough": ""})
    def state(self, row):
        if row.quantity == 0:
            return "out", _("Out")
        return ("low", _("Low")) if row.is_low else ("enough", _("Enough"))
