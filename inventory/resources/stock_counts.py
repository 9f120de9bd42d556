"""Stock counts in a spreadsheet: what somebody found on the shelf, product by product and warehouse."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.imports.engine.stage import select
from backoffice.imports.engine.staged import StagedColumn
from backoffice.spreadsheets.columns import Column
from backoffice.spreadsheets.widgets import CellWidget
from inventory.models import MovementReason, Product, StockMovement
from inventory.resources.by_sku import BySkuAndWarehouse, business_column, sku_column, warehouse_column
from inventory.resources.widgets import PiecesWidget
from inventory.services.stock_file_undo import (
    last_counts_again,
    moved_levels,
    moved_there_since,
    reverse_movements,
)
from inventory.services.stock_files import book, reference

LONGEST_NOTE = 150


class NoteWidget(CellWidget):
    def read(self, text):
        if len(text) > LONGEST_NOTE:
            raise ValueError(_("A note has at most %d characters.") % LONGEST_NOTE)
        return text


class StockCountImport(BySkuAndWarehouse):
    """The part of StockCountResource that the engine asks; c is the count by this very file."""

    name = "counts"
    title = gettext_lazy("Stock counts")
    permission = "inventory.move_stock"

    @property
    def joins(self):
        return (
            f'{super().joins} LEFT JOIN "{StockMovement._meta.db_table}" c '
            f"ON c.business_id = '{self.business.pk.hex}' AND c.reference = {reference(self.reference)}"
        )

    def stage_counted(self, column):
        return StagedColumn(
            column,
            "counted",
            "integer",
            self.reader(column),
            now="COALESCE(l.quantity, 0)",
            extra=True,
            # A count is booked even when it finds what was expected, but by one file only once.
            changes_when="s.counted IS NOT NULL AND (c.id IS NULL OR s.counted <> COALESCE(l.quantity, 0))",
        )

    def stage_note(self, column):
        return StagedColumn(column, "note", "text", self.reader(column), now="s.note", extra=True)

    def problems(self, plan):
        yield from super().problems(plan)
        yield from self.impossible(plan)

    def impossible(self, plan):
        """Yield the counts that cannot be right, and those that this very file brought before."""
        rows = select(
            f"SELECT p.number, s.counted, l.reserved, c.id FROM {plan.planned} "
            f"WHERE p.state = 'changed' AND (c.id IS NOT NULL OR s.counted < l.reserved)"
        )
        for number, counted, reserved, booked in rows:
            text = _("%d pieces are reserved for orders, so there cannot be fewer.") % (reserved or 0)
            if booked:
                text = _("This file was already counted once. Count again and save the result in a new file.")
            yield [number, "counted", counted, text]

    def write_slice(self, writer, part):
        names = {each.name for each in writer.plan.staged}
        book(
            writer,
            f"p.state = 'changed' AND {part}",
            reason=MovementReason.COUNT,
            pieces="s.counted - l.quantity",
            reference=reference(self.reference),
            note="s.note" if "note" in names else "''",
        )

    def undo_models(self):
        return []

    def undo_locks(self, undo):
        return moved_levels(undo)

    def used_since(self, undo):
        return moved_there_since(undo)

    def undo_more(self, undo):
        last_counts_again(undo)
        reverse_movements(undo)


class StockCountResource(StockCountImport):
    """What was counted, by SKU and warehouse; the difference is booked as by the button Count stock."""

    sku = sku_column()
    warehouse = warehouse_column()
    counted = Column(
        "counted",
        "Counted",
        PiecesWidget(),
        aliases=[
            "count",
            "counted_quantity",
            "physical_count",
            "quantity_counted",
            "actual",
            "actual_quantity",
            "found",
            "on_hand",
            "quantity",
            "qty",
            "stock",
            "pieces",
        ],  # fmt: skip
        needed="always",
        keeps=True,
        examples=["25", "112"],
        when_empty=gettext_lazy("Nothing was counted, the stock stays."),
    )
    note = Column(
        "note",
        "Note",
        NoteWidget(),
        aliases=["notes", "remarks", "comment", "comments"],
        keeps=True,
        examples=["", "Two bottles leak"],
        when_empty=gettext_lazy("No note; the movement names the file."),
    )
    business = business_column()

    class Meta:
        model = Product
        import_id_fields = ["sku"]
        fields = ["sku", "warehouse", "counted", "note", "business"]
