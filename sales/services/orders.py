"""An order's life: placed, edited while pending, moved through its statuses.

Every function is one transaction and raises RuleBroken with a sentence for staff when it refuses.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, move, record_change
from inventory.services.stock import default_warehouse, issue_stock, return_stock
from sales.models import Order, OrderItem, OrderStatus
from sales.services import hooks
from sales.services.items import change_items, order_items, require_editable
from sales.services.numbers import next_order_number
from sales.services.reservations import release_order, require_available


def place_order(business, *, customer, lines, by, warehouse=None, note=""):
    """Create a pending order with its items and reserve their stock. Returns the order.

    `lines` are (product, quantity) pairs; prices are the products' own, never the caller's.
    """
    warehouse = warehouse or default_warehouse(business)
    require_available(lines, warehouse)
    order = Order(business=business, customer=customer, warehouse=warehouse, note=note)
    items = [OrderItem(order=order, product=product, quantity=quantity) for product, quantity in lines]
    with transaction.atomic():
        return change_items(create_order(order, by=by), by=by, save=items)


@transaction.atomic
def create_order(order, *, by):
    """Give a new order its number, currency and warehouse and save it. Returns it, still without items.

    Call it with change_items in one transaction: an order without items is refused there.
    """
    business = order.business
    if not order.customer.is_active:
        raise RuleBroken(_("%s is no longer a customer; activate the card first.") % order.customer)
    order.warehouse = order.warehouse if order.warehouse_id else default_warehouse(business)
    if order.warehouse.business_id != business.pk or not order.warehouse.is_active:
        raise RuleBroken(
            _("%(business)s does not send from %(warehouse)s.")
            % {"business": business, "warehouse": order.warehouse}
        )
    order.sequence, order.number = next_order_number(business)
    order.currency = business.currency
    order._history_user = by
    order._change_reason = _("placed")
    order.save()
    return order


@transaction.atomic
def edit_order(order, *, by, **values):
    """Change the note of an order or, while it is pending and no payment was tried, its customer."""
    order = lock(order)
    if "customer" in values:
        require_editable(order)
        if order.payments.with_scopes_disabled().exists():
            raise RuleBroken(_("A payment was asked for %s; its customer cannot change any more.") % order)
    return record_change(order, list(values), by=by, reason=_("edited"), **values)


@transaction.atomic
def confirm_order(order, *, by, reason=""):
    """Promise the goods before they are paid (sale on credit)."""
    stamps = {"confirmed_at": timezone.now()}
    return move(order, to=OrderStatus.CONFIRMED, via="confirm", by=by, reason=reason, **stamps)


@transaction.atomic
def pay_order(order, *, by, reason=""):
    """Mark an order as paid. Called by payments once the money is there."""
    return move(order, to=OrderStatus.PAID, by=by, reason=reason, paid_at=timezone.now())


@transaction.atomic
def unpay_order(order, *, by, reason=""):
    """Let a paid order wait for its money again, which did not last. Called by payments.

    Until it leaves it is a confirmed order then, sold on credit; after that only its stamp goes.
    """
    if order.status != OrderStatus.PAID:
        return record_change(order, ["paid_at"], by=by, reason=reason, paid_at=None)
    stamps = {"paid_at": None, "confirmed_at": order.confirmed_at or timezone.now()}
    return move(order, to=OrderStatus.CONFIRMED, via="unpay", by=by, reason=reason, **stamps)


@transaction.atomic
def ship_order(order, *, by, reason=""):
    """Take the goods off the shelf and mark the order as shipped."""
    order = move(order, to=OrderStatus.SHIPPED, by=by, reason=reason, shipped_at=timezone.now())
    for item in order_items(order):
        issue_stock(
            item.product,
            quantity=item.quantity,
            reserved=item.quantity,
            warehouse=order.warehouse,
            reference=f"{item_reference(item)}:issue",
            note=str(order),
            by=by,
        )
    return order


@transaction.atomic
def deliver_order(order, *, by, reason=""):
    """Mark a shipped order as delivered."""
    return move(order, to=OrderStatus.DELIVERED, by=by, reason=reason, delivered_at=timezone.now())


@transaction.atomic
def cancel_order(order, *, by, reason="", restock=None):
    """Cancel an order: give back what is reserved; of shipped goods, restock the chosen lines.

    `restock` is a set of ids of items whose goods came back to the shelf. A shipped order is refused
    without it, because nobody but the person at the shelf knows.
    """
    was_shipped = lock(order).status == OrderStatus.SHIPPED
    if was_shipped and restock is None:
        raise RuleBroken(
            _("%s has left. Cancel it on its own page, where you say which goods came back.") % order
        )
    order = move(order, to=OrderStatus.CANCELLED, by=by, reason=reason, cancelled_at=timezone.now())
    for tell in hooks.after_cancel:
        tell(order, by=by)
    if not was_shipped:
        release_order(order, by=by)
        return order
    for item in order_items(order):
        if item.pk in restock:
            return_stock(
                item.product,
                quantity=item.quantity,
                warehouse=order.warehouse,
                reference=f"{item_reference(item)}:return",
                note=str(order),
                by=by,
            )
    return order


def item_reference(item):
    return f"order:{item.order_id}:{item.product_id}"
