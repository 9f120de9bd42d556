"""The buttons for stock, on a product or on one of its levels. Quantities are whole pieces."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)
from uuid_utils.compat import uuid7

from backoffice.dialogs import RowDialog
from inventory.models import MovementReason, Product, Warehouse
from inventory.queries import levels_of
from inventory.services.stock import (
    MOST_PIECES,
    adjust_stock,
    count_stock,
    issue_stock,
    receive_stock,
)


class WarehouseField(forms.ModelChoiceField):
    """A warehouse of one business, shown with what lies in it."""

    widget = UnfoldAdminSelectWidget
    on_hand: dict = {}

    def label_from_instance(self, warehouse):
        pieces = self.on_hand.get(warehouse.pk, 0)
        return _("%(warehouse)s (%(pieces)d on hand)") % {"warehouse": warehouse, "pieces": pieces}


def pieces_field(label, least=1, **options):
    widget = UnfoldAdminIntegerFieldWidget
    return forms.IntegerField(label=label, min_value=least, max_value=MOST_PIECES, widget=widget, **options)


def text_field(label, longest, **options):
    return forms.CharField(label=label, max_length=longest, widget=UnfoldAdminTextInputWidget, **options)


def warehouses_of(row):
    """Return the active warehouses of the row's business, the default first."""
    found = Warehouse._base_manager.filter(business=row.business_id, is_active=True)
    return found.order_by("-is_default", "name")


class StockDialog(RowDialog):
    """The base: a warehouse, a note, and a token that lets one opened dialog book only once."""

    permission = "inventory.move_stock"
    reason = ""

    token = forms.CharField(validators=[RegexValidator(r"^[0-9a-f]{32}$")], widget=forms.HiddenInput)
    warehouse = WarehouseField(label=gettext_lazy("Warehouse"), queryset=Warehouse._base_manager.none())
    note = text_field(gettext_lazy("Note"), 255, required=False)

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        self.product = row if isinstance(row, Product) else row.product
        self.levels = list(levels_of(self.product))
        self.fields["token"].initial = uuid7().hex
        if self.product is row:
            self.offer("warehouse", warehouses_of(row))
        else:
            self.fields.pop("warehouse")

    @classmethod
    def is_available(cls, row, user):
        is_open = isinstance(row, Product) or row.warehouse.is_active
        return is_open and super().is_available(row, user)

    def offer(self, name, warehouses):
        field = self.fields[name]
        field.queryset, field.initial = warehouses, warehouses.first()
        field.on_hand = {level.warehouse_id: level.quantity for level in self.levels}

    def clean(self):
        if "token" in self.errors:  # nobody sees what is wrong with a hidden field
            self.add_error(None, _("Close this window and open it again."))
        return super().clean()

    def effects(self):
        text = _("%(warehouse)s: %(quantity)d on hand, %(reserved)d of them reserved.")
        now = [
            text % {"warehouse": level.warehouse, "quantity": level.quantity, "reserved": level.reserved}
            for level in self.levels
            if self.row in (self.product, level)
        ]
        return [*(now or [_("There is none of it yet.")]), self.promise()]

    def promise(self):
        """Return the sentence that says what the button does to these numbers."""
        raise TypeError(f"{type(self).__name__} has no promise().")

    def apply(self, *, by):
        movement = self.book(
            by=by,
            warehouse=self.cleaned_data.get("warehouse") or self.row.warehouse,
            reference=self.reference(),
            note=self.cleaned_data["note"],
        )
        return _("Done: %s.") % movement

    def book(self, *, by, warehouse, reference, note):
        """Call the service. Returns the movement."""
        raise TypeError(f"{type(self).__name__} has no book().")

    def reference(self):
        """What makes the movement unique: the paper it stands on, for this product, or this opened dialog."""
        paper = self.cleaned_data.get("paper")
        return (
            f"{self.reason}:{paper}:{self.product.sku}"
            if paper
            else f"{self.reason}:{self.cleaned_data['token']}"
        )


class ReceiveDialog(StockDialog):
    name = "receive_stock"
    label = gettext_lazy("Receive")
    icon = "input"
    reason = MovementReason.RECEIVE

    quantity = pieces_field(gettext_lazy("Pieces delivered"))
    paper = text_field(gettext_lazy("Delivery note no."), 60, required=False)
    field_order = ["token", "warehouse", "quantity", "paper", "note"]

    def promise(self):
        return _("The delivered pieces are added. A delivery note can be booked once for each product.")

    def book(self, **where):
        return receive_stock(self.product, quantity=self.cleaned_data["quantity"], **where)


class CountDialog(StockDialog):
    name = "count_stock"
    label = gettext_lazy("Count")
    icon = "fact_check"
    reason = MovementReason.COUNT

    counted = pieces_field(gettext_lazy("Pieces found"), least=0)
    field_order = ["token", "warehouse", "counted", "note"]

    def promise(self):
        return _("The number on hand becomes the number you found; the difference is kept as a movement.")

    def book(self, **where):
        return count_stock(self.product, counted=self.cleaned_data["counted"], **where)


class AdjustDialog(StockDialog):
    name = "adjust_stock"
    label = gettext_lazy("Adjust")
    icon = "exposure"
    reason = MovementReason.ADJUST

    change = pieces_field(
        gettext_lazy("Change"), -MOST_PIECES, help_text=gettext_lazy("Pieces more, or with a minus less.")
    )
    note = text_field(gettext_lazy("Reason"), 255)
    field_order = ["token", "warehouse", "change", "note"]

    def promise(self):
        return _("The change is added to the number on hand, or taken from it: breakage, theft, a find.")

    def book(self, **where):
        return adjust_stock(self.product, change=self.cleaned_data["change"], **where)


class IssueDialog(StockDialog):
    name = "issue_stock"
    label = gettext_lazy("Issue")
    icon = "output"
    reason = MovementReason.ISSUE

    quantity = pieces_field(gettext_lazy("Pieces taken out"))
    paper = text_field(gettext_lazy("Paper no."), 60, required=False)
    field_order = ["token", "warehouse", "quantity", "paper", "note"]

    def promise(self):
        return _("The pieces leave without an order: own use, a sample. Reserved pieces cannot be taken.")

    def book(self, **where):
        return issue_stock(self.product, quantity=self.cleaned_data["quantity"], **where)
