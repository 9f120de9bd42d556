"""What must be true of orders at every moment."""

from decimal import Decimal

from django.db.models import Count, F, Max, Min, OuterRef, Q, Sum
from django.db.models.functions import Coalesce, Round

from backoffice.invariants import EXAMPLES
from inventory.models import MovementReason, StockLevel, StockMovement
from sales.models import Order, OrderItem, OrderStatus

HOLDING = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PAID)
# The moment that a status needs; a later status keeps the moments of the earlier ones.
STAMPS = {
    "confirmed_at": [OrderStatus.CONFIRMED],
    "paid_at": [OrderStatus.PAID],
    "shipped_at": [OrderStatus.SHIPPED, OrderStatus.DELIVERED],
    "delivered_at": [OrderStatus.DELIVERED],
    "cancelled_at": [OrderStatus.CANCELLED],
}


def totals_are_the_sum_of_items():
    """The total of an order is the sum of its items, and each subtotal is quantity times price."""
    orders = Order._base_manager.order_by("pk").values("pk", "number", "total_amount")
    # Rounded, because SQLite adds decimals as floating point numbers.
    sums = orders.annotate(items_total=Round(Coalesce(Sum("items__subtotal"), Decimal(0)), precision=2))
    for row in sums.exclude(total_amount=F("items_total"))[: EXAMPLES + 1]:
        yield "{number} has the total {total_amount}, its items add up to {items_total}".format(**row)


def numbers_have_no_gaps():
    """The orders of a business are numbered 1, 2, 3 and so on."""
    numbers = Order._base_manager.order_by().values("business__name")
    counts = numbers.annotate(
        count=Count("sequence", distinct=True), first=Min("sequence"), last=Max("sequence")
    )
    for row in counts.exclude(first=1, last=F("count"))[: EXAMPLES + 1]:
        yield "{business__name} has {count} order numbers from {first} to {last}".format(**row)


def statuses_have_their_moment():
    """An order has the time of what its status says: paid, shipped, delivered, cancelled."""
    late = (OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED)
    wrong = Q(shipped_at__isnull=False) & ~Q(status__in=late)
    for stamp, statuses in STAMPS.items():
        wrong |= Q(status__in=statuses, **{stamp: None})
    for stamp in ("delivered_at", "cancelled_at"):
        wrong |= Q(**{f"{stamp}__isnull": False}) & ~Q(status__in=STAMPS[stamp])
    for row in Order._base_manager.order_by("pk").filter(wrong).values("number", "status")[: EXAMPLES + 1]:
        yield "{number} is {status}, its times say otherwise".format(**row)


def reservations_are_the_open_orders():
    """What orders reserved in a warehouse is what the open orders from there hold."""
    yield from compare(moved("reserved"), sold(order__status__in=HOLDING), "reserved for orders")


def issues_are_the_shipped_orders():
    """What orders took from a warehouse is what the shipped orders from there hold."""
    issued = moved("quantity", reason=MovementReason.ISSUE)
    yield from compare(-issued, sold(order__shipped_at__isnull=False), "issued for orders")


def moved(column, **conditions):
    """What movements caused by orders did to a level, as an expression of the level."""
    movements = StockMovement._base_manager.order_by().filter(
        product=OuterRef("product"),
        warehouse=OuterRef("warehouse"),
        reference__startswith="order:",
        **conditions,
    )
    return Coalesce(movements.values("product").annotate(sum=Sum(column)).values("sum"), 0)


def sold(**conditions):
    """How much of a level's product the orders from there hold, as an expression of the level."""
    items = OrderItem._base_manager.order_by().filter(
        product=OuterRef("product"), order__warehouse=OuterRef("warehouse"), **conditions
    )
    return Coalesce(items.values("product").annotate(sum=Sum("quantity")).values("sum"), 0)


def compare(did, should, words):
    levels = StockLevel._base_manager.order_by("pk").annotate(did=did, should=should)
    wrong = levels.exclude(did=F("should")).values("product__sku", "warehouse__name", "did", "should")
    for row in wrong[: EXAMPLES + 1]:
        yield f"{{product__sku}} in {{warehouse__name}}: {{did}} {words}, the orders hold {{should}}".format(
            **row
        )


INVARIANTS = [
    totals_are_the_sum_of_items,
    numbers_have_no_gaps,
    statuses_have_their_moment,
    reservations_are_the_open_orders,
    issues_are_the_shipped_orders,
]
