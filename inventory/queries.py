"""What staff ask of the catalogue and the stock, over more than one table. Every function returns a queryset
or numbers; pass it rows that are already scoped.
"""

from collections import Counter

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from inventory.models import Category, Product, StockLevel, StockMovement

# Available pieces, those on hand that no order has been promised, are at the reorder level or below it.
IS_LOW = Q(quantity__lte=F("reserved") + F("reorder_level"))


def low_stock(levels=None):
    """Return the stock levels to reorder, of active products; by default of the active scope."""
    levels = StockLevel.objects.all() if levels is None else levels
    return to_reorder(levels).filter(product__is_active=True)


def to_reorder(levels):
    """Return the levels that are low; nobody fills a closed warehouse again."""
    return levels.filter(IS_LOW, warehouse__is_active=True)


def with_stock_state(products):
    """Add `available` (pieces not promised, in all warehouses) and `is_low` (in any of them) to products."""
    levels = StockLevel._base_manager.filter(product=OuterRef("pk"))
    sums = levels.order_by().values("product").annotate(free=Sum(F("quantity") - F("reserved")))
    free = sums.values("free")
    return products.annotate(
        available=Coalesce(Subquery(free, output_field=IntegerField()), Value(0)),
        is_low=Exists(to_reorder(levels)),
    )


def low_products(products):
    """Return the products that are low in any warehouse."""
    levels = StockLevel._base_manager.filter(product=OuterRef("pk"))
    return products.filter(Exists(to_reorder(levels)))


def product_counts(businesses):
    """Return {category id: (products in it, products in it and below)} for all categories of businesses."""
    categories = Category._base_manager.filter(business__in=businesses)
    rows = categories.order_by().annotate(n=Count("products")).values_list("pk", "parent", "n")
    parents = {pk: parent for pk, parent, _n in rows}
    own = {pk: n for pk, _parent, n in rows}
    below = Counter()
    for pk, n in own.items():
        seen = set()
        while pk is not None and pk not in seen:
            seen.add(pk)
            below[pk] += n
            pk = parents.get(pk)
    return {pk: (n, below[pk]) for pk, n in own.items()}


def subtree_size(category):
    """Return how many categories lie below a category, and how many products in it and below."""
    ids = category.descendant_ids()
    return len(ids) - 1, Product._base_manager.filter(category__in=ids).count()


def levels_of(product):
    """Return the stock levels of a product, the default warehouse first."""
    return (
        product.levels(manager="_base_manager")
        .select_related("warehouse")
        .order_by("-warehouse__is_default", "warehouse__name")
    )


def latest_movements(product, most=10):
    """Return the last stock movements of a product."""
    rows = StockMovement._base_manager.filter(product=product).select_related("warehouse", "by")
    return rows.order_by("-id")[:most]
