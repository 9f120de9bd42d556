from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, record_change
from inventory.models import StockLevel, Warehouse


@transaction.atomic
def save_warehouse(warehouse, *, by, reason=""):
    """Save a new or changed warehouse; the first one of a business becomes its default. Returns it.

    Raises RuleBroken when a warehouse with stock, or the default one, is made inactive.
    """
    lock(warehouse.business)
    refuse_closing(warehouse)
    if not default_of(warehouse.business_id).exists():
        warehouse.is_default = True
    warehouse._history_user = by
    warehouse._change_reason = str(reason)[:100] or None
    warehouse.save()
    return warehouse


@transaction.atomic
def make_default(warehouse, *, by):
    """Let orders of the business be sent from this warehouse unless they say otherwise. Returns it.

    Raises RuleBroken when it is inactive or already the default.
    """
    lock(warehouse.business)
    warehouse = lock(warehouse)
    if warehouse.is_default:
        raise RuleBroken(_("%s is already the default.") % warehouse)
    if not warehouse.is_active:
        raise RuleBroken(_("%s is inactive.") % warehouse)
    for old in default_of(warehouse.business_id):
        record_change(
            old, ["is_default"], by=by, reason=_("%s is the default now") % warehouse, is_default=False
        )
    return record_change(warehouse, ["is_default"], by=by, reason=_("became the default"), is_default=True)


def refuse_closing(warehouse):
    """Raise RuleBroken when the warehouse is to be inactive but is still needed."""
    if warehouse.is_active:
        return
    if warehouse.is_default:
        raise RuleBroken(_("Orders are sent from %s. Make another warehouse the default first.") % warehouse)
    levels = StockLevel._base_manager.filter(warehouse=warehouse)
    if pieces := levels.aggregate(sum=Sum("quantity"))["sum"]:
        raise RuleBroken(
            _("%(warehouse)s still holds %(pieces)d pieces. Transfer or issue them first.")
            % {"warehouse": warehouse, "pieces": pieces}
        )


def default_of(business):
    return Warehouse._base_manager.filter(business=business, is_default=True)
