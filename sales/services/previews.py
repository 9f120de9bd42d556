"""What a move of an order will do, in sentences for the dialog that asks for it."""

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from backoffice.money import format_money
from sales.models import OrderStatus


def preview_confirm(order):
    return [_("The goods stay reserved and may be shipped before they are paid."), still_to_pay(order)]


def preview_ship(order):
    lines = [_("%(quantity)d × %(product)s leaves %(warehouse)s.") % line for line in lines_of(order)]
    return lines if order.paid_at else [*lines, still_to_pay(order)]


def preview_deliver(order):
    lines = [_("The order is finished; it cannot be cancelled afterwards.")]
    return lines if order.paid_at else [*lines, still_to_pay(order)]


def preview_cancel(order):
    if order.status == OrderStatus.SHIPPED:
        lines = [_("The goods have left; choose below which of them came back.")]
    else:
        lines = [
            _("%(quantity)d × %(product)s is free to sell again in %(warehouse)s.") % line
            for line in lines_of(order)
        ]
    if order.paid_at:
        lines.append(_("%s was paid and has to be returned to the customer.") % format_total(order))
    return lines


def lines_of(order):
    """Return what the sentences about each line need; reads nothing that the caller has read already."""
    prefetch_related_objects([order], "items__product", "warehouse")
    return [
        {"quantity": item.quantity, "product": item.product, "warehouse": order.warehouse}
        for item in order.items.all()
    ]


def still_to_pay(order):
    return _("%s is still to be paid.") % format_total(order)


def format_total(order):
    return format_money(order.total_amount, order.currency)
