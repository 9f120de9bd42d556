from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, record_change


@transaction.atomic
def change_price(product, *, price, by, reason):
    """Set the selling price, in the currency of the business; history keeps old, new, who and why.

    Returns the product. Raises RuleBroken for a negative price, a missing reason or no change.
    """
    price = Decimal(price)
    if price < 0:
        raise RuleBroken(_("A price cannot be negative."))
    if not reason:
        raise RuleBroken(_("Say why the price changes."))
    product = lock(product)
    if product.price == price:
        raise RuleBroken(_("%(product)s already costs %(price)s.") % {"product": product, "price": price})
    return record_change(product, ["price"], by=by, reason=reason, price=price)
