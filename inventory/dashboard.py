"""What the stock tells on the index page."""

from contextlib import suppress

from django.urls import NoReverseMatch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.dashboard import Card, Shortcut, list_url, todo_card
from backoffice.people.backend import businesses_with
from inventory import queries
from inventory.models import Product


def is_low(request, levels):
    return queries.low_stock(levels)


LOW_STOCK = Shortcut("inventory.StockLevel", "low", gettext_lazy("Low stock"), is_low)
SHORTCUTS = [LOW_STOCK]


def low_stock_count(request):
    """For the sidebar: how many stock levels are to be reordered."""
    return LOW_STOCK.count(request)


def low_stock(request):
    """Stock levels at their reorder level or below it."""
    return todo_card(
        request,
        LOW_STOCK,
        title=_("Low stock"),
        icon="production_quantity_limits",
        calm=_("Enough of everything."),
    )


def first_products(request):
    """What to do first in a new business: fill the catalogue. None once there is a product."""
    if not businesses_with(request.user, "inventory.add_product") or Product.objects.exists():
        return None
    links = [(_("Add a product"), list_url("inventory.Product", "add"), "add")]
    if businesses_with(request.user, "inventory.import_product"):
        with suppress(NoReverseMatch):
            links.append((_("Load a spreadsheet"), list_url("inventory.Product", "import"), "upload_file"))
    text = _("Type in the first product, or load the price list you already have as a spreadsheet.")
    return Card(
        _("Fill the catalogue"),
        "start",
        "backoffice/cards/step.html",
        {"icon": "inventory_2", "text": text, "links": links},
    )
