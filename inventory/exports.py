"""The lists of the catalogue and the stock as spreadsheets: which columns, and where they come from."""

from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext_lazy as _

from backoffice.spreadsheets.listing import ListColumn, Listing, labels, person
from inventory.models import MovementReason
from inventory.models.stock import paper_of
from inventory.resources import ProductResource
from inventory.services.stock import default_warehouses

# What the columns of ProductResource are filled from; what is exported can be imported again.
PRODUCT_SOURCES = {
    "sku": "sku",
    "name": "name",
    "category": "category__path",
    "price": "price",
    "cost": "cost",
    "barcode": "barcode",
    "reorder_level": "level_here__reorder_level",
    "stock": "stock",
    "is_active": "is_active",
    "description": "description",
}


class ProductListing(Listing):
    """Products under the headings of the import. The reorder level is that of the default warehouse."""

    name = _("Products")
    needs_currency = True
    columns = tuple(
        ListColumn(ProductResource.fields[name].column_name, source)
        for name, source in PRODUCT_SOURCES.items()
    )

    def prepare(self, rows):
        here = default_warehouses([each.pk for each in self.businesses])
        # No level is in no warehouse; an empty list of them would leave out the products as well.
        place = Q(levels__warehouse__in=here) if here else Q(levels__warehouse=None)
        return rows.annotate(level_here=FilteredRelation("levels", condition=place))


class CategoryListing(Listing):
    name = _("Categories")
    columns = (
        ListColumn(_("Category"), "path"),
        ListColumn(_("Description"), "description"),
        ListColumn(_("Active"), "is_active"),
    )


class PlannedPriceListing(Listing):
    """Prices that begin on a day, under the headings of the import."""

    name = _("Planned prices")
    needs_currency = True
    columns = (
        ListColumn(_("SKU"), "product__sku"),
        ListColumn(_("Product"), "product__name"),
        ListColumn(_("Price"), "price"),
        ListColumn(_("From"), "starts_on"),
        ListColumn(_("Price list"), "price_list"),
        ListColumn(_("Applied"), "applied_at", moment=True),
    )


class WarehouseListing(Listing):
    name = _("Warehouses")
    columns = (
        ListColumn(_("Name"), "name"),
        ListColumn(_("Location"), "location"),
        ListColumn(_("Pieces"), "pieces"),
        ListColumn(_("Capacity"), "capacity"),
        ListColumn(_("Orders are sent from here"), "is_default"),
        ListColumn(_("Active"), "is_active"),
    )


class LevelListing(Listing):
    name = _("Stock levels")
    columns = (
        ListColumn(_("SKU"), "product__sku"),
        ListColumn(_("Product"), "product__name"),
        ListColumn(_("Warehouse"), "warehouse__name"),
        ListColumn(_("On hand"), "quantity"),
        ListColumn(_("Reserved"), "reserved"),
        ListColumn(_("Available"), F("quantity") - F("reserved")),
        ListColumn(_("Reorder level"), "reorder_level"),
        ListColumn(_("Last counted"), "last_counted", moment=True),
    )


class MovementListing(Listing):
    """The journal of stock; changes have their sign."""

    name = _("Stock movements")
    columns = (
        ListColumn(_("When"), "created_at", moment=True),
        ListColumn(_("SKU"), "product__sku"),
        ListColumn(_("Product"), "product__name"),
        ListColumn(_("Warehouse"), "warehouse__name"),
        ListColumn(_("Reason"), "reason", told=labels(MovementReason)),
        ListColumn(_("On hand"), "quantity"),
        ListColumn(_("Reserved"), "reserved"),
        ListColumn(_("Paper"), "reference", told=paper_of),
        ListColumn(_("Note"), "note"),
        ListColumn(_("By"), person("by")),
    )
