"""Questions about orders that lists and pages ask."""

from django.db.models import Count, Q

from backoffice.people.models import Customer
from backoffice.people.queries import phone_query
from sales.models import OrderItem, OrderStatus

# The statuses in which somebody still has to do something: few orders at any time, so counting them is cheap.
OPEN = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PAID, OrderStatus.SHIPPED)


def search_orders(orders, text):
    """Return the orders in which every word, or the whole text as a phone, is found.

    Looked at are the number, the customer's name and phone (0712…, +254712…) and the SKUs of the items.
    """
    phone = phone_query(text)
    if phone is not None:
        return orders.filter(
            Q(customer__in=Customer.objects.filter(phone)) | Q(number__icontains=text.strip())
        )
    for word in text.split():
        items = OrderItem.objects.filter(product__sku__istartswith=word)
        customers = Customer.objects.filter(name__icontains=word)
        orders = orders.filter(
            Q(number__icontains=word) | Q(customer__in=customers) | Q(pk__in=items.values("order"))
        )
    return orders


def open_counts(orders):
    """Return {status: number of orders} for the statuses that still ask for work; one query."""
    counts = orders.filter(status__in=OPEN).order_by().values("status").annotate(n=Count("pk"))
    return {row["status"]: row["n"] for row in counts}
