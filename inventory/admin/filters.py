from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RadioFilter, RangeNumericFilter

from inventory.models import Category
from inventory.queries import low_products


class CategoryFilter(DropdownFilter):
    """The products of a category and of all below it."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request, model_admin):
        rows = Category.objects.order_by("business__name", "path")
        if request.business:
            return [(row.pk, row.path) for row in rows]
        return [(row.pk, f"{row.business}: {row.path}") for row in rows.select_related("business")]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        category = Category.objects.filter(pk=self.value()).first()
        return queryset.filter(category__in=category.descendant_ids()) if category else queryset.none()


class PriceFilter(RangeNumericFilter):
    """From one price to another, both included."""


class StockFilter(RadioFilter):
    """Products that are there, run low in a warehouse, or are gone."""

    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request, model_admin):
        return [("in", _("In stock")), ("low", _("Low stock")), ("out", _("Out of stock"))]

    def queryset(self, request, queryset):
        match self.value():
            case "in":
                return queryset.filter(in_stock=True)
            case "low":
                return low_products(queryset)
            case "out":
                return queryset.filter(in_stock=False)
        return queryset
