"""What the sales tell on the index page; sales/figures.py says what a sale is."""

import json
from collections import defaultdict
from datetime import timedelta
from functools import partial

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice import periods
from backoffice.dashboard import (
    Card,
    Shortcut,
    amounts_by_currency,
    list_url,
    several_businesses,
    shown_businesses,
    todo_card,
)
from backoffice.money import format_money
from backoffice.people.backend import businesses_with
from sales import figures
from sales.models import Order, OrderStatus

PERIODS = {
    "sold-today": periods.today,
    "sold-yesterday": periods.yesterday_by_now,
    "sold-this-month": periods.this_month,
    "sold-last-month": periods.last_month_by_now,
}


def is_to_ship(request, orders):
    """Paid, or promised on credit, and still in the house."""
    return orders.filter(status__in=(OrderStatus.CONFIRMED, OrderStatus.PAID))


def is_sold(period, request, orders):
    return orders.filter(figures.is_sale(), figures.in_period(period, clocks(request)))


def clocks(request):
    """Return {time zone: ids of businesses} for the businesses shown of which the person sees orders."""
    seen = businesses_with(request.user, "sales.view_order")
    found = defaultdict(list)
    for business in shown_businesses(request):
        if business.pk in seen:
            found[business.clock].append(business.pk)
    return dict(found)


def sold_shortcut(name, label):
    rows = partial(is_sold, PERIODS[name])
    return Shortcut("sales.Order", name, label, rows, "total_amount", waits=False)


TO_SHIP = Shortcut("sales.Order", "to-ship", gettext_lazy("To be shipped"), is_to_ship, "total_amount")
SOLD = {
    "sold-today": sold_shortcut("sold-today", gettext_lazy("Sold today")),
    "sold-yesterday": sold_shortcut("sold-yesterday", gettext_lazy("Sold yesterday by now")),
    "sold-this-month": sold_shortcut("sold-this-month", gettext_lazy("Sold this month")),
    "sold-last-month": sold_shortcut("sold-last-month", gettext_lazy("Sold last month by now")),
}
SHORTCUTS = [TO_SHIP, *SOLD.values()]


def orders_to_ship_count(request):
    """For the sidebar: how many orders wait to be shipped."""
    return TO_SHIP.count(request)


def orders_to_ship(request):
    """Orders that are paid, or sold on credit, and wait for somebody to send them."""
    calm = _("Nothing waits to be sent.")
    return todo_card(request, TO_SHIP, title=_("Orders to ship"), icon="local_shipping", calm=calm)


def sales_today(request):
    """Today's sales beside yesterday's until the same hour."""
    return sales_card(
        request, _("Sales today"), "sold-today", "sold-yesterday", before_words=_("yesterday by now")
    )


def sales_this_month(request):
    """This month's sales beside the last month's until the same day and hour."""
    return sales_card(
        request,
        _("Sales this month"),
        "sold-this-month",
        "sold-last-month",
        before_words=_("last month by now"),
    )


def sales_card(request, title, name, name_before, *, before_words):
    if not SOLD[name].is_visible(request):
        return None
    totals = sales_totals(request)
    now, before = totals[PERIODS[name]], totals[PERIODS[name_before]]
    data = {
        "amounts": amounts_by_currency(request, sums(now)) or [nothing(request)],
        "count": count(now),
        "link": SOLD[name].link(),
        "before": amounts_by_currency(request, sums(before)) or [nothing(request)],
        "before_count": count(before),
        "before_link": SOLD[name_before].link(),
        "before_words": before_words,
        "change": change_in_percent(request, sums(now), sums(before)),
        "split": [
            (
                business,
                count({0: now.get(business.pk, (0, 0))}),
                format_money(sums(now).get(business.pk, 0), business.currency),
                SOLD[name].link(business),
            )
            for business in several_businesses(request)
        ],
    }
    return Card(title, "sales", "backoffice/cards/sales.html", data)


def sales_totals(request):
    """The sales of all periods, asked once per request."""
    if not hasattr(request, "sales_totals"):
        request.sales_totals = figures.sales_by_period(PERIODS.values(), clocks(request))
    return request.sales_totals


def count(totals):
    return sum(n for n, _total in totals.values())


def sums(totals):
    return {pk: total for pk, (_n, total) in totals.items()}


def nothing(request):
    shown = shown_businesses(request)
    return format_money(0, shown[0].currency if shown else "KES")


def change_in_percent(request, now, before):
    """Return how much more or less was sold, or None over several currencies or without a before."""
    currencies = {business.currency for business in shown_businesses(request)}
    old, new = sum(before.values()), sum(now.values())
    return round((new - old) / old * 100) if old and len(currencies) == 1 else None


def sales_chart(request):
    """Sales of the last 30 days: a bar per day, a colour per business, a chart per currency."""
    if not businesses_with(request.user, "sales.view_order"):
        return None
    by_business = figures.sales_by_day(clocks(request))
    if not by_business:
        return None
    end = timezone.localdate()
    days = [end - timedelta(days=n) for n in reversed(range(periods.CHART_DAYS))]
    charts = defaultdict(list)
    for business in shown_businesses(request):
        if business.pk in by_business:
            values = [float(by_business[business.pk].get(day, 0)) for day in days]
            charts[business.currency].append(
                {
                    "label": business.name,
                    "data": values,
                    "backgroundColor": business.colour,
                    "borderRadius": 2,
                }
            )
    for sets in charts.values():
        sets[0] |= {"displayYAxis": True, "maxTicksXLimit": 8}
    labels = [date_format(day, "j M") for day in days]
    data = {
        "charts": [
            (currency, json.dumps({"labels": labels, "datasets": sets}), sets)
            for currency, sets in sorted(charts.items())
        ],
        "options": json.dumps(CHART_OPTIONS),
        "legend": several_businesses(request),
    }
    return Card(_("Sales of the last 30 days"), "wide", "backoffice/cards/chart.html", data)


CHART_OPTIONS = {
    "animation": False,
    "maintainAspectRatio": False,
    "interaction": {"mode": "index", "intersect": False},
    "plugins": {"legend": {"display": False}},
    "scales": {
        "x": {"stacked": True, "grid": {"display": False}, "ticks": {"maxTicksLimit": 8, "maxRotation": 0}},
        "y": {"stacked": True, "beginAtZero": True, "ticks": {"maxTicksLimit": 5}},
    },
}


def top_products(request):
    """The products of which most pieces were sold this month."""
    if not businesses_with(request.user, "sales.view_order"):
        return None
    rows = list(figures.most_sold(periods.this_month, clocks(request)))
    if not rows:
        return None
    of_key = {business.pk: business for business in shown_businesses(request)}
    data = {
        "rows": [
            {
                "name": row["product__name"],
                "link": reverse("admin:inventory_product_change", args=[row["product"]]),
                "business": of_key[row["business"]] if len(of_key) > 1 else None,
                "pieces": row["pieces"],
                "amount": format_money(row["amount"], of_key[row["business"]].currency),
            }
            for row in rows
        ]
    }
    return Card(_("Most sold this month"), "wide", "backoffice/cards/top.html", data)


def first_order(request):
    """What to do next in a new business: take an order. None once there is one."""
    if not businesses_with(request.user, "sales.add_order"):
        return None
    # The orders to ship are counted anyway, and mostly there are some.
    if TO_SHIP.count(request) or Order.objects.exists():
        return None
    text = _("Choose the customer and the goods; the price, the total and the stock look after themselves.")
    links = [(_("Take an order"), list_url("sales.Order", "add"), "add_shopping_cart")]
    data = {"icon": "receipt_long", "text": text, "links": links}
    return Card(_("Take the first order"), "start", "backoffice/cards/step.html", data)
