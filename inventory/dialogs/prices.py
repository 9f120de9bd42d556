from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from backoffice.dialogs import RowDialog
from backoffice.money import format_money
from inventory.services.prices import change_price


class ChangePriceDialog(RowDialog):
    """Sets a new price, in the currency of the business, and asks why."""

    name = "change_price"
    label = gettext_lazy("Change price")
    icon = "sell"
    permission = "inventory.change_price"

    price = forms.DecimalField(
        label=gettext_lazy("New price"),
        min_value=Decimal(0),
        max_digits=12,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=100,
        help_text=gettext_lazy("Kept in the history of the product."),
        widget=UnfoldAdminTextInputWidget,
    )

    def effects(self):
        currency = self.row.business.currency
        return [
            _("It costs %s now.") % format_money(self.row.price, currency),
            margin_sentence(self.row, currency),
            _("Orders taken before keep their price."),
        ]

    def apply(self, *, by):
        product = change_price(self.row, by=by, **self.cleaned_data)
        currency = self.row.business.currency
        costs = _("%(product)s costs %(price)s now.") % {
            "product": product.name,
            "price": format_money(product.price, currency),
        }
        return f"{costs} {margin_sentence(product, currency)}"


def margin_sentence(product, currency):
    """Return what a sale of one piece leaves after its cost, in words."""
    if product.margin is None:
        return _("Its cost is not known, so neither is the margin.")
    cost, margin = format_money(product.cost, currency), format_money(abs(product.margin), currency)
    if product.margin < 0:
        return _("That is %(margin)s below its cost of %(cost)s.") % {"margin": margin, "cost": cost}
    percent = 100 * product.margin / product.price if product.price else 0
    return _("The margin over its cost of %(cost)s is %(margin)s (%(percent).0f\u00a0%%).") % {
        "cost": cost,
        "margin": margin,
        "percent": percent,
    }
