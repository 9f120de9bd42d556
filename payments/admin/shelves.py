"""The shelves of the money inbox, above the lists of what lies there."""

from backoffice.dashboard import amounts_by_currency
from payments.dashboard import SHELVES


def shelves(request):
    """Return the shelves that this person may look at."""
    return [shelf(request, each) for each in SHELVES if each.is_visible(request)]


def shelf(request, shortcut):
    """Return a shelf: its label, its address, how many lie there, their money, is it open."""
    totals = shortcut.totals(request)
    amounts = amounts_by_currency(request, {pk: total for pk, (_n, total, _oldest) in totals.items()})
    is_here = request.GET.get("shortcut") == shortcut.name
    return shortcut.label, shortcut.link(), shortcut.count(request), amounts, is_here
