"""What must be true of stock at every moment."""

from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from backoffice.invariants import EXAMPLES
from inventory.models import Product, StockLevel, StockMovement


def stock_is_the_sum_of_levels():
    """The stock of a product is the sum of what lies in its warehouses."""
    products = Product._base_manager.order_by("pk").values("pk", "sku", "stock")
    wrong = products.annotate(lying=Coalesce(Sum("levels__quantity"), 0)).exclude(stock=F("lying"))
    for row in wrong[: EXAMPLES + 1]:
        yield "{sku} has stock {stock}, its levels add up to {lying}".format(**row)


def levels_are_the_sum_of_movements():
    """What lies, and is reserved, in a warehouse is the sum of the movements there."""
    sums = (
        StockMovement._base_manager.order_by()
        .filter(product=OuterRef("product"), warehouse=OuterRef("warehouse"))
        .values("product")
        .annotate(on_hand=Sum("quantity"), promised=Sum("reserved"))
    )
    levels = StockLevel._base_manager.order_by("pk").annotate(
        on_hand=Coalesce(sums.values("on_hand"), 0), promised=Coalesce(sums.values("promised"), 0)
    )
    wrong = levels.exclude(quantity=F("on_hand"), reserved=F("promised")).values(
        "product__sku", "quantity", "reserved", "on_hand", "promised"
    )
    for row in wrong[: EXAMPLES + 1]:
        yield (
            "{product__sku} has {quantity} on hand and {reserved} reserved, "
            "its movements add up to {on_hand} and {promised}"
        ).format(**row)


def movements_have_a_level():
    """Wherever something moved there is a level."""
    level = StockLevel._base_manager.filter(product=OuterRef("product"), warehouse=OuterRef("warehouse"))
    homeless = StockMovement._base_manager.order_by("pk").filter(~Exists(level))
    for key in homeless.values_list("pk", flat=True)[: EXAMPLES + 1]:
        yield f"movement {key} is of no level"


def levels_are_possible():
    """Nothing is below zero, and no more is reserved than there is."""
    impossible = Q(quantity__lt=0) | Q(reserved__lt=0) | Q(reserved__gt=F("quantity"))
    wrong = StockLevel._base_manager.order_by("pk").filter(impossible)
    for row in wrong.values("product__sku", "quantity", "reserved")[: EXAMPLES + 1]:
        yield "{product__sku} has {quantity} on hand and {reserved} reserved".format(**row)


INVARIANTS = [
    stock_is_the_sum_of_levels,
    levels_are_the_sum_of_movements,
    movements_have_a_level,
    levels_are_possible,
]
