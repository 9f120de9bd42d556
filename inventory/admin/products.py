from django.contrib import admin
from django.db.models import ImageField
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import display

from backoffice.admin import BackOfficeAdmin
from backoffice.imports.admin.button import SpreadsheetImport
from backoffice.money import format_money, money_cell
from backoffice.spreadsheets.export import SpreadsheetExport
from inventory.admin.filters import CategoryFilter, PriceFilter, StockFilter
from inventory.admin.movements import signed
from inventory.dialogs import STOCK_DIALOGS
from inventory.dialogs.prices import ChangePriceDialog, margin_sentence
from inventory.exports import ProductListing
from inventory.models import Product, StockLevel
from inventory.pictures import PictureField
from inventory.queries import latest_movements, levels_of, with_stock_state
from inventory.services.products import delete_product, kept_products, save_product, why_kept

PRODUCT = (None, {"fields": ["business", "name", "sku", "barcode", "category", "is_active"]})
MORE = (_("Description and picture"), {"fields": ["description", "image", "slug"]})
IMAGE = {"form_class": PictureField, "help_text": _("JPEG, PNG or WebP, at most 5 MB.")}


def price_fields(*names):
    return _("Price"), {"fields": list(names)}


@admin.register(Product)
class ProductAdmin(SpreadsheetImport, SpreadsheetExport, BackOfficeAdmin):
    formfield_overrides = {ImageField: IMAGE}
    import_resources = ("products",)
    listings = [ProductListing]
    dialogs = (ChangePriceDialog, *STOCK_DIALOGS)
    list_display = ["title", "category_path", "money", "stock_pill", "is_active"]
    list_select_related = ["category", "business"]
    list_filter = [CategoryFilter, ("price", PriceFilter), StockFilter, ("is_active", BooleanRadioFilter)]
    search_fields = ["name", "sku", "barcode"]
    search_help_text = _("Name, SKU or barcode")
    autocomplete_fields = ["category"]
    fieldsets = [PRODUCT, price_fields("price_now", "cost", "margin"), MORE]
    add_fieldsets = [PRODUCT, price_fields("price", "cost"), MORE]
    change_form_outer_before_template = "inventory/product_stock.html"
    change_form_outer_after_template = "inventory/product_movements.html"
    empty_title = _("No products found")
    empty_text = _("Add a product, or load a whole spreadsheet of them with Import.")

    def get_queryset(self, request):
        return with_stock_state(super().get_queryset(request))

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        # An existing product gets a new price by its button, which asks why.
        return [*fields, "price", "price_now", "margin"] if obj else fields

    def save_row(self, request, row, form, change):
        save_product(row, changed=form.changed_data, by=request.user)

    # The list

    @display(description=_("product"), header=True, ordering="name")
    def title(self, row):
        picture = {"path": row.image_url, "squared": True, "width": 32, "height": 32}
        return [row.name, row.sku, row.name[:2], picture]

    @display(description=_("category"), ordering="category__path")
    def category_path(self, row):
        return row.category.path

    @display(description=_("price"), ordering="price")
    def money(self, row):
        return money_cell(row.price, row.business.currency)

    @display(
        description=_("stock"),
        ordering="stock",
        label={"out": "danger", "low": "warning", "in": "success"},
    )
    def stock_pill(self, row):
        if not row.in_stock:
            return "out", _("0 · out")
        pieces = number_format(row.stock)
        return ("low", _("%s · low") % pieces) if row.is_low else ("in", pieces)

    # The page of one product

    @display(description=_("price"))
    def price_now(self, row):
        return format_money(row.price, row.business.currency)

    @display(description=_("margin"))
    def margin(self, row):
        return margin_sentence(row, row.business.currency)

    def get_actions_detail(self, request, object_id):
        """The buttons for stock stand beside the numbers they change."""
        beside = {each.name for each in STOCK_DIALOGS}
        actions = super().get_actions_detail(request, object_id)
        return [each for each in actions if each.method.dialog_class.name not in beside]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context |= self.stock_panel(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def stock_panel(self, request, product):
        """What the panel under the form shows: levels, latest movements, the buttons this person may use."""
        usable = [each for each in STOCK_DIALOGS if each.is_available(product, request.user)]
        return {
            "levels": levels_of(product),
            "movements": [
                (each, signed(each.quantity), signed(each.reserved)) for each in latest_movements(product)
            ],
            "movements_url": reverse("admin:inventory_stockmovement_changelist")
            + f"?product__id__exact={product.pk}",
            "stock_buttons": [
                (reverse(f"admin:inventory_product_{each.name}", args=[product.pk]), each.icon, each.label)
                for each in usable
            ],
        }

    # Deleting: a product that moved or sold stays

    def get_deleted_objects(self, objs, request):
        kept = kept_products(Product._base_manager.filter(pk__in=[each.pk for each in objs]))[:20]
        if kept:
            return [], {}, set(), [why_kept(product) for product in kept]
        rows, counts, lacking, held = super().get_deleted_objects(objs, request)
        return rows, counts, lacking - {StockLevel._meta.verbose_name}, held

    def delete_model(self, request, obj):
        delete_product(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for product in queryset:
            delete_product(product, by=request.user)
