"""Four eyes above a limit: the one who wrote money down does not also vouch for it."""

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money


def require_second_person(business, *, amount, first, by):
    """Raise RuleBroken when `by` is also `first` and the amount is above the business's limit."""
    if by is not None and first == by and amount > business.second_person_above:
        limit = format_money(business.second_person_above, business.currency)
        raise RuleBroken(_("You recorded this yourself; above %s somebody else has to do it.") % limit)
