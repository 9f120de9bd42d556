from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import ChangeList

from backoffice.admin import BackOfficeAdmin
from backoffice.imports.admin.button import SpreadsheetImport
from backoffice.scoping import active_businesses
from backoffice.spreadsheets.export import SpreadsheetExport
from inventory.dialogs.categories import MoveCategoryDialog
from inventory.exports import CategoryListing
from inventory.models import Category, Product, StockLevel
from inventory.queries import product_counts
from inventory.services.categories import delete_category, save_category
from inventory.services.products import kept_products, why_kept

MOST_NAMED = 20


class TreeChangeList(ChangeList):
    """The categories in the order of the tree, each with the number of its products."""

    def get_results(self, request):
        super().get_results(request)
        counts = product_counts(active_businesses())
        self.result_list = sorted(self.result_list, key=place_in_tree)
        for row in self.result_list:
            row.own_products, row.all_products = counts.get(row.pk, (0, 0))


def place_in_tree(category):
    # By the parts of the path: as one text, "Tea & coffee" stands between "Tea" and "Tea > Green".
    return str(category.business_id), [part.casefold() for part in category.path.split(Category.SEPARATOR)]


@admin.register(Category)
class CategoryAdmin(SpreadsheetImport, SpreadsheetExport, BackOfficeAdmin):
    import_resources = ("categories",)
    listings = [CategoryListing]
    dialogs = (MoveCategoryDialog,)
    list_display = ["tree_name", "products_here", "products_below", "is_active"]
    list_filter = ["is_active"]
    list_per_page = 500
    search_fields = ["name", "path"]
    sortable_by = ()
    autocomplete_fields = ["parent"]
    fields = ["business", "name", "parent", "description", "is_active", "slug"]
    empty_title = _("No categories yet")
    empty_text = _("Categories are the shelves of the catalogue. Add the first one, or import products.")

    def get_changelist(self, request, **kwargs):
        return TreeChangeList

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        # An existing category is moved by its button, which says what moves with it.
        return [*fields, "parent"] if obj else fields

    def save_row(self, request, row, form, change):
        save_category(row, by=request.user)

    @display(description=_("category"))
    def tree_name(self, row):
        depth = row.path.count(Category.SEPARATOR)
        kind = "tree-name tree-child" if depth else "tree-name"
        return format_html('<span class="{}" style="--depth: {}">{}</span>', kind, depth, row.name)

    @display(description=_("products here"))
    def products_here(self, row):
        return row.own_products

    @display(description=_("with all below"))
    def products_below(self, row):
        url = reverse("admin:inventory_product_changelist")
        return format_html('<a href="{}?category={}">{}</a>', url, row.pk, row.all_products)

    # Deleting: what goes is shown first; products that moved or sold hold it

    def get_deleted_objects(self, objs, request):
        ids = {pk for category in objs for pk in category.descendant_ids()}
        kept = kept_products(Product._base_manager.filter(category__in=ids))[:MOST_NAMED]
        if kept:
            return [], {}, set(), [why_kept(product) for product in kept]
        rows, counts, lacking, held = super().get_deleted_objects(objs, request)
        return rows, counts, lacking - {StockLevel._meta.verbose_name}, held

    def delete_model(self, request, obj):
        delete_category(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for category in queryset:
            if Category._base_manager.filter(pk=category.pk).exists():  # may have gone with its parent
                delete_category(category, by=request.user)
