from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.dialogs.stock import StockDialog, WarehouseField, pieces_field, text_field, warehouses_of
from inventory.models import MovementReason, Warehouse
from inventory.services.stock import transfer_stock


class TransferDialog(StockDialog):
    name = "transfer_stock"
    label = gettext_lazy("Transfer")
    icon = "move_up"
    reason = MovementReason.TRANSFER

    target = WarehouseField(label=gettext_lazy("To"), queryset=Warehouse._base_manager.none())
    quantity = pieces_field(gettext_lazy("Pieces"))
    paper = text_field(gettext_lazy("Paper no."), 60, required=False)
    field_order = ["token", "warehouse", "target", "quantity", "paper", "note"]

    def __init__(self, *args, row, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        source = self.fields["warehouse"].initial.pk if self.product is row else row.warehouse_id
        self.offer("target", warehouses_of(row))
        self.fields["target"].initial = warehouses_of(row).exclude(pk=source).first()
        if "warehouse" in self.fields:
            self.fields["warehouse"].label = _("From")

    @classmethod
    def is_available(cls, row, user):
        return super().is_available(row, user) and warehouses_of(row).count() > 1

    def promise(self):
        return _("The pieces leave one warehouse and arrive in the other; the total stays.")

    def book(self, *, warehouse, **where):
        target, quantity = self.cleaned_data["target"], self.cleaned_data["quantity"]
        _out, arrived = transfer_stock(
            self.product, quantity=quantity, source=warehouse, target=target, **where
        )
        return arrived
