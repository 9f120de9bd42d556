from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, record_change
from inventory.services.stock import MOST_PIECES


@transaction.atomic
def set_reorder_level(level, *, reorder_level, by, reason=""):
    """Set at how many available pieces the product is low in this warehouse; history says who. Returns it.

    Raises RuleBroken for a number out of bounds and when nothing changes.
    """
    if not 0 <= reorder_level <= MOST_PIECES:
        raise RuleBroken(_("A reorder level is a number from 0 to %d.") % MOST_PIECES)
    level = lock(level)
    if level.reorder_level == reorder_level:
        raise RuleBroken(_("The reorder level of %s is that already.") % level)
    reason = reason or _("reorder level %(old)d to %(new)d") % {
        "old": level.reorder_level,
        "new": reorder_level,
    }
    return record_change(level, ["reorder_level"], by=by, reason=reason, reorder_level=reorder_level)
