"""Stock promised to an order's lines; what is promised is read from the movements themselves."""

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from inventory.models import Product, StockLevel, StockMovement
from inventory.services.stock import Change, release_stock, reserve_stock, shortage
from sales.models import OrderItem


def short_lines(lines, warehouse):
    """Return {product id: why} for the (product, quantity) lines that are short at this moment.

    It only looks, so that nobody waits for a lock to hear a no; reserving looks again, with the lock.
    """
    levels = StockLevel._base_manager.filter(warehouse=warehouse, product__in=[each for each, _n in lines])
    available = {level.product_id: level.available for level in levels}
    return {
        product.pk: shortage(product, warehouse, Change(reserved=quantity))
        for product, quantity in lines
        if quantity > available.get(product.pk, quantity)
    }


def require_available(lines, warehouse):
    """Refuse lines that are short at this moment, all of them at once."""
    short = short_lines(lines, warehouse)
    if short:
        raise RuleBroken(" ".join(short.values()), short)


def reserve_order(order, *, by):
    """Make the reservations of a pending order equal its items: lines added, changed or gone.

    Call inside transaction.atomic() with the order locked.
    """
    wanted = {
        item["product"]: item["quantity"]
        for item in OrderItem._base_manager.filter(order=order).values("product", "quantity")
    }
    adjust_reservations(order, wanted, by=by)


def release_order(order, *, by):
    """Take back every promise to an order. Call inside transaction.atomic() with the order locked."""
    adjust_reservations(order, {}, by=by)


def adjust_reservations(order, wanted, *, by):
    current = {row["product"]: row for row in reservations(order)}
    products = Product._base_manager.in_bulk({*wanted, *current})
    short = {}
    # One lock order for all: by product.
    for pk in sorted(products):
        row = current.get(pk, {"reserved": 0, "count": 0})
        change = wanted.get(pk, 0) - row["reserved"]
        if not change:
            continue
        service = reserve_stock if change > 0 else release_stock
        try:
            service(
                products[pk],
                quantity=abs(change),
                warehouse=order.warehouse,
                reference=f"order:{order.pk}:{pk}:{row['count'] + 1}",
                note=_("Order %s") % order.number,
                by=by,
            )
        except RuleBroken as rule:
            short[pk] = str(rule)
    if short:
        raise RuleBroken(" ".join(short.values()), short)


def reservations(order):
    """Yield {product, reserved, count} for every product that the order ever had reserved."""
    return (
        StockMovement._base_manager.filter(business=order.business_id, cause=f"order:{order.pk}")
        .order_by()
        .values("product")
        .annotate(reserved=Sum("reserved"), count=Count("id"))
    )
