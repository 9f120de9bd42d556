from django.contrib import admin
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.spreadsheets.export import SpreadsheetExport
from inventory.dialogs.warehouses import MakeDefaultDialog
from inventory.exports import WarehouseListing
from inventory.models import Warehouse
from inventory.services.warehouses import save_warehouse


@admin.register(Warehouse)
class WarehouseAdmin(SpreadsheetExport, BackOfficeAdmin):
    listings = [WarehouseListing]
    dialogs = (MakeDefaultDialog,)
    list_display = ["name", "location", "pieces", "capacity", "default_pill", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "location"]
    fields = ["business", "name", "location", "capacity", "is_default", "is_active"]
    readonly_fields = ["is_default"]
    empty_title = _("No warehouses yet")
    empty_text = _("Stock lies in warehouses: the shop floor, a store room. Add the first one.")

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(pieces=Sum("levels__quantity", default=0))

    def has_delete_permission(self, request, obj=None):
        """A warehouse that is given up becomes inactive; its movements name it for ever."""
        return False

    def save_row(self, request, row, form, change):
        save_warehouse(row, by=request.user)

    @display(description=_("pieces"), ordering="pieces")
    def pieces(self, row):
        return row.pieces

    @display(description=_("orders"), label={True: "primary"})
    def default_pill(self, row):
        return (True, _("Sent from here")) if row.is_default else None
