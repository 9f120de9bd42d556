"""Orders that the scenes about money need, beside those that customers place by chance."""

from backoffice.roles import STAFF
from sales.demo import choose_goods
from sales.models import Order
from sales.services.orders import cancel_order, order_items, place_order


def order_goods(story, business, customer):
    """Let a customer order some of what is there."""
    lines = []
    while not lines:
        warehouse, lines = choose_goods(story, business, most=8)
    clerk = story.somebody(business, STAFF)
    return place_order(business, customer=customer, warehouse=warehouse, lines=lines, by=clerk)


def order_the_same(story, usual):
    lines = [(item.product, item.quantity) for item in order_items(usual)]
    clerk = story.somebody(usual.business, STAFF)
    return place_order(
        usual.business, customer=usual.customer, warehouse=usual.warehouse, lines=lines, by=clerk
    )


def call_off(story, order):
    cancel_order(order, by=story.somebody(order.business, STAFF), reason="Customer says he cannot pay")


def fresh(order):
    return Order.objects.select_related("business", "customer").get(pk=order.pk)
