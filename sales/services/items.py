"""The lines of an order: written while it is pending, priced by us, reserved at once."""

from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, record_change
from inventory.services.stock import MOST_PIECES
from sales.models import OrderItem
from sales.services import hooks
from sales.services.reservations import reserve_order

MAX_TOTAL = Decimal("9999999999.99")


@transaction.atomic
def change_items(order, *, by, save=(), remove=()):
    """Write the lines of a pending order, make its reservations equal them and store the total.

    `save` are new or changed items; a new line, or another product on an old one, takes the product's price
    of now. Returns the order, fresh. Raises RuleBroken, with the sentences by product, when a line
    cannot be sold, stock is short, nothing would be left or the order is not pending any more.
    """
    order = lock(order)
    require_editable(order)
    before = {item.pk: item for item in order_items(order)}
    for item in remove:
        item._history_user = by
        before.pop(item.pk, None)
        item.delete()
    require_sellable(order, before, save)
    for item in save:
        write_item(item, before.get(item.pk), order=order, by=by)
    if not order_items(order).exists():
        raise RuleBroken(_("An order needs at least one item."))
    reserve_order(order, by=by)
    total = order_items(order).aggregate(total=Sum("subtotal"))["total"]
    if total > MAX_TOTAL:
        raise RuleBroken(_("The total of an order cannot exceed %s.") % f"{MAX_TOTAL:,}")
    if total == order.total_amount:
        return order
    return record_change(order, ["total_amount"], by=by, reason=_("items changed"), total_amount=total)


def write_item(item, old, *, order, by):
    """Save a line that is new or differs from `old`."""
    if old and (old.product_id, old.quantity) == (item.product_id, item.quantity):
        return
    if old is None or old.product_id != item.product_id:
        item.unit_price = item.product.price
    item.order = order
    item.business_id = order.business_id
    item._history_user = by
    item.save()


def require_sellable(order, before, items):
    """Refuse lines that cannot be sold, all of them at once, each with its reason."""
    problems = {}
    products = {pk: item.product_id for pk, item in before.items()}
    for item in items:
        problem = item_problem(item, before.get(item.pk), order)
        taken = [pk for pk, product in products.items() if product == item.product_id and pk != item.pk]
        if taken:
            problem = _("%s is already on the order; change its quantity instead.") % item.product
        if problem:
            problems[item.product_id] = problem
        products[item.pk] = item.product_id
    if problems:
        raise RuleBroken(" ".join(problems.values()), problems)


def item_problem(item, old, order):
    """Say why a line cannot be sold, or return an empty string."""
    product = item.product
    is_new = old is None or old.product_id != product.pk
    price = product.price if is_new else old.unit_price
    if product.business_id != order.business_id:
        return _("%s belongs to another business.") % product
    if is_new and not product.is_active:
        return _("%s is not sold any more.") % product
    if not 0 < item.quantity <= MOST_PIECES:
        return _("A quantity is a number from 1 to %d.") % MOST_PIECES
    if item.quantity * price > MAX_TOTAL:
        return _("The total of an order cannot exceed %s.") % f"{MAX_TOTAL:,}"
    return ""


def require_editable(order):
    if not order.is_editable:
        raise RuleBroken(
            _("%(order)s is %(status)s; its items cannot change.")
            % {"order": order, "status": order.get_status_display().lower()}
        )
    for problem in filter(None, (look(order) for look in hooks.before_edit)):
        raise RuleBroken(problem)


def order_items(order):
    """The items in the one order in which stock is locked: by product."""
    return OrderItem._base_manager.filter(order=order).select_related("product").order_by("product_id")
