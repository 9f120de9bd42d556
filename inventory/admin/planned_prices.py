from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.imports.admin.button import SpreadsheetImport
from backoffice.money import money_cell
from backoffice.spreadsheets.export import SpreadsheetExport
from inventory.exports import PlannedPriceListing
from inventory.models import PlannedPrice
from inventory.services.planned_prices import cancel_planned_price, why_kept


@admin.register(PlannedPrice)
class PlannedPriceAdmin(SpreadsheetImport, SpreadsheetExport, BackOfficeAdmin):
    """What will cost how much from which day; a spreadsheet brings it, and deleting cancels it."""

    import_resources = ("prices",)
    listings = [PlannedPriceListing]
    list_display = ["product_name", "money", "starts_on", "price_list", "state"]
    list_select_related = ["product", "business"]
    list_filter = [("starts_on", RangeDateFilter), ("applied_at", admin.EmptyFieldListFilter)]
    search_fields = ["product__name", "product__sku", "price_list"]
    fields = ["business", "product", "price", "starts_on", "price_list", "by", "applied_at"]
    readonly_fields = ["product", "price", "starts_on", "price_list", "by", "applied_at"]
    empty_title = _("No planned prices")
    empty_text = _("Import prices with a day from which they hold; they then stand here until it comes.")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        """One that was applied is the price by now; there is nothing left to cancel."""
        return super().has_delete_permission(request, obj) and not (obj and obj.applied_at)

    def get_deleted_objects(self, objs, request):
        if applied := [each for each in objs if each.applied_at]:
            return [], {}, set(), [why_kept(each) for each in applied]
        return super().get_deleted_objects(objs, request)

    def delete_model(self, request, obj):
        cancel_planned_price(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for planned in queryset:
            cancel_planned_price(planned, by=request.user)

    @display(description=_("product"), header=True, ordering="product__name")
    def product_name(self, row):
        return [row.product.name, row.product.sku]

    @display(description=_("price"), ordering="price")
    def money(self, row):
        return money_cell(row.price, row.business.currency)

    @display(description=_("state"), label={"planned": "info", "applied": ""})
    def state(self, row):
        return ("applied", _("Applied")) if row.applied_at else ("planned", _("Planned"))
