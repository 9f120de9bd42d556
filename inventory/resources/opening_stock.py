"""Opening stock in a spreadsheet: what lies where on the day that the office begins to count."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.imports.engine.stage import select
from backoffice.imports.engine.staged import StagedColumn, as_money, staged_column
from backoffice.spreadsheets.columns import Column
from backoffice.spreadsheets.widgets import MoneyWidget
from inventory.models import MovementReason, Product, StockMovement
from inventory.resources.aliases import ALIASES
from inventory.resources.by_sku import BySkuAndWarehouse, business_column, sku_column, warehouse_column
from inventory.resources.widgets import PiecesWidget
from inventory.services.stock_file_undo import moved_levels, moved_there_since, reverse_movements
from inventory.services.stock_files import (
    HAS_MOVED,
    book,
    forget_opened,
    other_costs,
    reference,
    write_costs,
)


class OpeningStockImport(BySkuAndWarehouse):
    """The part of OpeningStockResource that the engine asks; c is the movement of this very file."""

    name = "opening"
    title = gettext_lazy("Opening stock")
    permission = "inventory.move_stock"

    @property
    def own_reference(self):
        return reference(self.reference.replace("import:", "opening:", 1))

    @property
    def joins(self):
        return (
            f'{super().joins} LEFT JOIN "{StockMovement._meta.db_table}" c '
            f"ON c.business_id = '{self.business.pk.hex}' AND c.reference = {self.own_reference}"
        )

    def stage_quantity(self, column):
        return StagedColumn(
            column,
            "opening",
            "integer",
            self.reader(column),
            now="COALESCE(l.quantity, 0)",
            extra=True,
            changes_when="s.opening > 0 AND c.id IS NULL",
        )

    def stage_cost(self, column):
        # Of the product, which the file may name once for each warehouse: written by write_costs().
        return staged_column(Product, "cost", column, self.reader(column), extra=True)

    def problems(self, plan):
        yield from super().problems(plan)
        moved = select(
            f"SELECT p.number, s.opening, w.name FROM {plan.planned} "
            f"WHERE p.state = 'changed' AND s.opening > 0 AND c.id IS NULL AND {HAS_MOVED}"
        )
        for number, pieces, warehouse in moved:
            text = _(
                "This product has moved in “%s” already, so it has no opening stock there. Count it instead."
            )
            yield [number, "opening", pieces, text % warehouse]
        if "cost" in {each.name for each in plan.staged}:
            for number, cost in other_costs():
                yield [number, "cost", as_money(cost), _("The same product has another cost in this file.")]

    # Writing

    def before_write(self, writer):
        if "cost" in {each.name for each in writer.plan.staged}:
            write_costs(writer)
        forget_opened(writer.plan)

    def write_slice(self, writer, part):
        book(
            writer,
            f"p.state = 'changed' AND s.opening > 0 AND {part}",
            reason=MovementReason.RECEIVE,
            pieces="s.opening",
            reference=self.own_reference,
            note="''",
        )

    # Undoing

    def undo_models(self):
        return [Product]

    def undo_locks(self, undo):
        return [*moved_levels(undo), *super().undo_locks(undo)]

    def used_since(self, undo):
        return moved_there_since(undo)

    def undo_more(self, undo):
        reverse_movements(undo)


class OpeningStockResource(OpeningStockImport):
    """What lies where at the beginning, received as by the button; only where nothing moved before."""

    sku = sku_column()
    warehouse = warehouse_column()
    quantity = Column(
        "quantity",
        "Quantity",
        PiecesWidget(),
        aliases=[
            *ALIASES["stock"],
            "opening_stock",
            "opening_balance",
            "opening_quantity",
            "pieces",
            "balance",
        ],
        needed="always",
        keeps=True,
        examples=["25", "112"],
        when_empty=gettext_lazy("Nothing is there yet."),
    )
    cost = Column(
        "cost",
        "Cost",
        MoneyWidget(),
        aliases=ALIASES["cost"],
        keeps=True,
        examples=["210.00", ""],
        when_empty=gettext_lazy("The cost of the product stays."),
    )
    business = business_column()

    class Meta:
        model = Product
        import_id_fields = ["sku"]
        fields = ["sku", "warehouse", "quantity", "cost", "business"]
