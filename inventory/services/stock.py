"""Stock moves by one conditional UPDATE and one StockMovement, in one transaction.

Quantities are whole pieces. Every function raises RuleBroken with a sentence for staff when it
refuses, and a reference makes a repeat harmless: it is unique among the movements of a business.

Locks are taken in one order by everybody: the levels of a product by warehouse, then the product,
and several products by key. Without an order, two people can wait for each other for ever.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from backoffice.errors import RuleBroken
from backoffice.transitions import lock
from inventory.models import MovementReason, Product, StockLevel, StockMovement, Warehouse

# Enough for any shelf, and far from what the database can hold.
MOST_PIECES = 1_000_000


@dataclass(frozen=True)
class Change:
    """What a movement does to a level: pieces on hand, pieces reserved; positive is more."""

    quantity: int = 0
    reserved: int = 0


def default_warehouse(business):
    """Return the warehouse that a business sends from; raises RuleBroken when it has none."""
    found = default_warehouses([business])
    if not found:
        raise RuleBroken(_("%s has no warehouse yet. Add one under Stock, Warehouses.") % business)
    return found[0]


def default_warehouses(businesses):
    """Return the warehouse that each of the businesses sends from; one without any has none."""
    warehouses = Warehouse._base_manager.filter(business__in=businesses, is_active=True)
    first: dict[UUID, Warehouse] = {}
    for warehouse in warehouses.order_by("-is_default", "created_at"):
        first.setdefault(warehouse.business_id, warehouse)
    return list(first.values())


def receive_stock(product, *, quantity, by, warehouse=None, reference="", note=""):
    """Put `quantity` delivered pieces on the shelf. Returns the movement."""
    require_positive(quantity)
    return apply(product, Change(quantity), MovementReason.RECEIVE, by, warehouse, reference, note)


def return_stock(product, *, quantity, by, warehouse=None, reference="", note=""):
    """Put `quantity` pieces back that had been issued. Returns the movement."""
    require_positive(quantity)
    return apply(product, Change(quantity), MovementReason.RETURN, by, warehouse, reference, note)


def reserve_stock(product, *, quantity, by, warehouse=None, reference="", note=""):
    """Promise `quantity` available pieces to an order. Returns the movement."""
    require_positive(quantity)
    return apply(product, Change(reserved=quantity), MovementReason.RESERVE, by, warehouse, reference, note)


def release_stock(product, *, quantity, by, warehouse=None, reference="", note=""):
    """Take back a promise of `quantity` pieces. Returns the movement."""
    require_positive(quantity)
    return apply(product, Change(reserved=-quantity), MovementReason.RELEASE, by, warehouse, reference, note)


def issue_stock(product, *, quantity, by, warehouse=None, reference="", note="", reserved=0):
    """Take `quantity` pieces off the shelf, of which `reserved` had been promised. Returns the movement."""
    require_positive(quantity)
    change = Change(-quantity, -reserved)
    return apply(product, change, MovementReason.ISSUE, by, warehouse, reference, note)


def adjust_stock(product, *, change, by, warehouse=None, reference="", note=""):
    """Correct the pieces on hand by `change`, up or down, with a note that says why. Returns the movement."""
    if not 0 < abs(change) <= MOST_PIECES:
        raise RuleBroken(_("An adjustment is a number up to %d, above or below 0.") % MOST_PIECES)
    if not note:
        raise RuleBroken(_("Say why the stock is adjusted."))
    return apply(product, Change(change), MovementReason.ADJUST, by, warehouse, reference, note)


@transaction.atomic
def count_stock(product, *, counted, by, warehouse=None, reference="", note=""):
    """Record that `counted` pieces were found; the difference becomes a movement, 0 included. Returns it."""
    if not 0 <= counted <= MOST_PIECES:
        raise RuleBroken(_("A count is a number from 0 to %d.") % MOST_PIECES)
    warehouse = warehouse or default_warehouse(product.business_id)
    level = lock(level_of(product, warehouse))
    if counted < level.reserved:
        raise RuleBroken(
            _(
                "%(reserved)d pieces of %(product)s are reserved for orders, so %(counted)d cannot be right. "
                "Cancel or ship those orders first."
            )
            % {"reserved": level.reserved, "product": product, "counted": counted}
        )
    movement = apply(
        product, Change(counted - level.quantity), MovementReason.COUNT, by, warehouse, reference, note
    )
    StockLevel._base_manager.filter(pk=level.pk).update(last_counted=movement.created_at)
    return movement


@transaction.atomic
def transfer_stock(product, *, quantity, source, target, by, reference="", note=""):
    """Move `quantity` available pieces between two warehouses of the business. Returns both movements."""
    require_positive(quantity)
    if source == target:
        raise RuleBroken(_("Choose two different warehouses."))
    reference = reference or f"transfer:{uuid7().hex}"
    for warehouse in sorted([source, target], key=lambda each: each.pk):
        lock(level_of(product, warehouse))
    return [
        apply(product, Change(change), MovementReason.TRANSFER, by, warehouse, f"{reference}:{way}", note)
        for warehouse, change, way in [(source, -quantity, "out"), (target, quantity, "in")]
    ]


def require_positive(quantity):
    if not 0 < quantity <= MOST_PIECES:
        raise RuleBroken(_("A quantity is a number from 1 to %d.") % MOST_PIECES)


def level_of(product, warehouse):
    """Return the level of a product in a warehouse, created empty when there is none."""
    if warehouse.business_id != product.business_id:
        raise RuleBroken(_("%s belongs to another business.") % warehouse)
    level, _created = StockLevel._base_manager.get_or_create(
        product=product,
        warehouse=warehouse,
        defaults={
            "business_id": product.business_id,
            "reorder_level": warehouse.business.default_reorder_level,
        },
    )
    return level


@transaction.atomic
def apply(product, change, reason, by, warehouse, reference, note):
    """Change the level, the product's sum and the journal together, or refuse."""
    warehouse = warehouse or default_warehouse(product.business_id)
    if change.quantity > 0 and not warehouse.is_active:
        raise RuleBroken(_("%s is closed, so nothing can be put there. Open it again first.") % warehouse)
    level = level_of(product, warehouse)
    if not change_level(level, change):
        refuse_repeat(product.business_id, reference)
        raise RuleBroken(shortage(product, warehouse, change))
    if change.quantity:
        Product._base_manager.filter(pk=product.pk).update(stock=F("stock") + change.quantity)
    movement = StockMovement(
        business_id=product.business_id,
        product=product,
        warehouse=warehouse,
        reason=reason,
        quantity=change.quantity,
        reserved=change.reserved,
        reference=reference or f"{reason}:{uuid7().hex}",
        note=note[:255],
        by=by,
        created_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            movement.save(force_insert=True)
    except IntegrityError:
        refuse_repeat(product.business_id, movement.reference)
        raise
    return movement


def refuse_repeat(business, reference):
    """Raise RuleBroken when the business has a movement with this reference."""
    found = StockMovement._base_manager.filter(business=business, reference=reference).first()
    if found:
        when = localize(timezone.localtime(found.created_at))
        raise RuleBroken(
            _("This stock movement was already made: %(movement)s, %(when)s.")
            % {"movement": found, "when": when}
        )


def change_level(level, change):
    """Write the change if the level allows it, in one statement. Returns whether it did."""
    quantity, reserved = F("quantity") + change.quantity, F("reserved") + change.reserved
    allowed = StockLevel._base_manager.alias(q=quantity, r=reserved).filter(
        pk=level.pk, q__gte=F("r"), r__gte=0
    )
    return allowed.update(quantity=quantity, reserved=reserved, updated_at=timezone.now())


def shortage(product, warehouse, change):
    """Return the sentence that says why a level does not allow a change."""
    level = StockLevel._base_manager.get(product=product, warehouse=warehouse)
    values = {"product": product, "warehouse": warehouse, "available": level.available}
    if level.reserved + change.reserved < 0:
        text = _("Only %(reserved)d of %(product)s are reserved in %(warehouse)s; %(wanted)d to be released.")
        return text % {**values, "reserved": level.reserved, "wanted": -change.reserved}
    text = _("Only %(available)d of %(product)s available in %(warehouse)s; %(wanted)d wanted.")
    return text % {**values, "wanted": change.reserved - change.quantity}
