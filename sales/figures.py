"""Sales figures. A sale is an order that was paid and not cancelled since; it counts with its total, on the
day of `paid_at` by the clock of its business. Amounts are in the currency of the business.

`clocks` is {time zone: ids of businesses}: days differ where clocks do.
"""

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from backoffice import periods
from sales.models import Order, OrderItem, OrderStatus

MOST_SOLD = 8


def is_sale(prefix=""):
    """Return the Q for sales; `prefix` leads to the order."""
    return Q(**{prefix + "paid_at__isnull": False}) & ~Q(**{prefix + "status": OrderStatus.CANCELLED})


def in_period(period, clocks, prefix=""):
    """Return the Q for orders paid in a period (a function of backoffice.periods), by each one's clock."""
    within = Q(pk__in=[])
    for zone, businesses in clocks.items():
        start, end = period(timezone.localtime(timezone.now(), zone))
        values = {"business__in": businesses, "paid_at__gte": start, "paid_at__lt": end}
        within |= Q(**{prefix + name: value for name, value in values.items()})
    return within


def sales_by_period(wanted, clocks):
    """Return {period: {business id: (number of sales, their sum)}} for several periods, by one query."""
    aggregates = {}
    for n, period in enumerate(wanted):
        within = in_period(period, clocks)
        aggregates |= {f"n{n}": Count("pk", filter=within), f"sum{n}": Sum("total_amount", filter=within)}
    businesses = [pk for each in clocks.values() for pk in each]
    orders = Order.objects.filter(is_sale(), business__in=businesses).order_by()
    if clocks:
        starts = [period(timezone.localtime(timezone.now(), zone))[0] for period in wanted for zone in clocks]
        orders = orders.filter(paid_at__gte=min(starts))
    found = {period: {} for period in wanted}
    for row in orders.values("business").annotate(**aggregates):
        for n, period in enumerate(wanted):
            found[period][row["business"]] = (row[f"n{n}"], row[f"sum{n}"] or 0)
    return found


def sales_by_day(clocks):
    """Return {business id: {day: sum}} over the days of the chart, by one query per clock."""
    found = {}
    for zone, businesses in clocks.items():
        orders = Order.objects.filter(is_sale(), in_period(periods.chart_days, {zone: businesses}))
        by_day = orders.order_by().values("business", day=TruncDate("paid_at", tzinfo=zone))
        for row in by_day.annotate(total=Sum("total_amount")):
            found.setdefault(row["business"], {})[row["day"]] = row["total"]
    return found


def most_sold(period, clocks):
    """Return the products of which most pieces were sold in a period: rows with name, pieces, amount."""
    items = OrderItem.objects.filter(is_sale("order__"), in_period(period, clocks, "order__"))
    rows = items.order_by().values("product", "product__name", "business")
    sums = rows.annotate(pieces=Sum("quantity"), amount=Sum(F("quantity") * F("unit_price")))
    return sums.order_by("-pieces", "-amount", "product__name")[:MOST_SOLD]
