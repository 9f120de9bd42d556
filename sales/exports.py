"""Orders as spreadsheets: one row for each order, or one for each of their lines."""

from django.utils.translation import gettext_lazy as _

from backoffice.spreadsheets.listing import ListColumn, Listing, labels
from sales.models import OrderItem, OrderStatus


class OrderListing(Listing):
    name = _("Orders")
    columns = (
        ListColumn(_("Number"), "number"),
        ListColumn(_("Created"), "created_at", moment=True),
        ListColumn(_("Customer"), "customer__name"),
        ListColumn(_("Status"), "status", told=labels(OrderStatus)),
        ListColumn(_("Total"), "total_amount"),
        ListColumn(_("Currency"), "currency"),
        ListColumn(_("Confirmed"), "confirmed_at", moment=True),
        ListColumn(_("Paid"), "paid_at", moment=True),
        ListColumn(_("Shipped"), "shipped_at", moment=True),
        ListColumn(_("Delivered"), "delivered_at", moment=True),
        ListColumn(_("Cancelled"), "cancelled_at", moment=True),
        ListColumn(_("Sent from"), "warehouse__name"),
        ListColumn(_("Note"), "note"),
    )


class OrderLineListing(Listing):
    """The items of the orders that the list shows, newest order first; the subtotals add up to the totals."""

    name = _("Order lines")
    columns = (
        ListColumn(_("Number"), "order__number"),
        ListColumn(_("Created"), "order__created_at", moment=True),
        ListColumn(_("Customer"), "order__customer__name"),
        ListColumn(_("Status"), "order__status", told=labels(OrderStatus)),
        ListColumn(_("Paid"), "order__paid_at", moment=True),
        ListColumn(_("SKU"), "product__sku"),
        ListColumn(_("Product"), "product__name"),
        ListColumn(_("Quantity"), "quantity"),
        ListColumn(_("Unit price"), "unit_price"),
        ListColumn(_("Subtotal"), "subtotal"),
        ListColumn(_("Currency"), "order__currency"),
    )

    def prepare(self, rows):
        orders = rows.order_by().values("pk")
        return OrderItem.objects.filter(order__in=orders).order_by("-order__created_at", "-order", "pk")
