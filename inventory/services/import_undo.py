"""What undoing an import of products takes back beside the rows: counts are reversed, used rows stay.

In the SQL o is the history row that the import wrote, m a movement, t the row itself.
"""

from backoffice.imports.engine.stage import execute, select, time_mark, uuid_mark
from backoffice.imports.engine.undoing import SHOWN, history_table, table_of, told
from backoffice.imports.engine.writing import key_value, stamp
from inventory.models import Category, PlannedPrice, Product, StockLevel, StockMovement
from inventory.services.imports import LEVELS, MOVEMENTS, PRODUCTS

CATEGORIES, PLANNED_PRICES = table_of(Category), table_of(PlannedPrice)
HAS_MOVED = f"EXISTS (SELECT 1 FROM {MOVEMENTS} m WHERE m.product_id = t.%s)"
# Movements are for ever, so what they name stays; a product stays while something else needs it, and a
# category while something is in it.
NEEDED = {
    StockLevel: HAS_MOVED % "product_id",
    Product: f"{HAS_MOVED % 'id'} OR EXISTS (SELECT 1 FROM {PLANNED_PRICES} f WHERE f.product_id = t.id) "
    f"OR EXISTS (SELECT 1 FROM {LEVELS} v WHERE v.product_id = t.id)",
    Category: f"EXISTS (SELECT 1 FROM {PRODUCTS} c WHERE c.category_id = t.id) "
    f"OR EXISTS (SELECT 1 FROM {CATEGORIES} c WHERE c.parent_id = t.id)",
}


def ours(undo):
    """Return (SQL, values) of the movements that the import made."""
    business = undo.resource.business.pk.hex
    sql = f"m.business_id = '{business}' AND m.created_at = {time_mark()} AND m.note = %s"
    return f"{sql} AND m.reason = 'count'", [stamp(undo.at), undo.reason]


def moved_since(undo):
    """Yield what moved, or was ordered, since the import: a product that it counted or made."""
    condition, values = ours(undo)
    made, made_values = undo.wrote(Product, "+")
    chosen = (
        f"SELECT m.product_id FROM {MOVEMENTS} m WHERE {condition} "
        f"UNION SELECT o.id FROM {history_table(Product)} o WHERE {made}"
    )
    later = select(
        f"SELECT n.id FROM {MOVEMENTS} n WHERE n.created_at > {time_mark()} AND n.product_id IN ({chosen}) "
        f"ORDER BY n.id LIMIT {SHOWN}",
        stamp(undo.at),
        *values,
        *made_values,
    )
    moved = StockMovement._base_manager.filter(pk__in=[pk for (pk,) in later])
    for movement in moved.select_related("product", "by"):
        yield told(movement.product, movement.by, movement.created_at, movement.get_reason_display())


def counted_levels(undo):
    """Return (query, values) that locks the levels that the import counted or wrote, as orders take them."""
    condition, values = ours(undo)
    wrote, wrote_values = undo.wrote(StockLevel)
    query = (
        f"SELECT r.id FROM {LEVELS} r WHERE r.product_id IN (SELECT m.product_id FROM {MOVEMENTS} m "
        f"WHERE {condition}) OR r.id IN (SELECT o.id FROM {history_table(StockLevel)} o WHERE {wrote}) "
        f"ORDER BY r.product_id, r.warehouse_id FOR NO KEY UPDATE"
    )
    return query, [*values, *wrote_values]


def reverse_counts(undo):
    """Write a reversing movement for each count of the import, and take levels and sums back."""
    condition, values = ours(undo)
    execute(
        f"UPDATE {LEVELS} AS t SET quantity = t.quantity - m.quantity, updated_at = {time_mark()} "
        f"FROM {MOVEMENTS} m "
        f"WHERE m.product_id = t.product_id AND m.warehouse_id = t.warehouse_id AND {condition}",
        stamp(undo.now),
        *values,
    )
    execute(
        f"UPDATE {PRODUCTS} AS t SET stock = t.stock - m.quantity FROM {MOVEMENTS} m "
        f"WHERE m.product_id = t.id AND {condition}",
        *values,
    )
    execute(
        f"INSERT INTO {MOVEMENTS} (business_id, product_id, warehouse_id, reason, quantity, reserved, "
        f"reference, note, by_id, reverses_id, created_at) "
        f"SELECT m.business_id, m.product_id, m.warehouse_id, m.reason, -m.quantity, 0, "
        f"'undo:' || m.reference, %s, {uuid_mark()}, m.id, {time_mark()} "
        f"FROM {MOVEMENTS} m WHERE {condition}",
        undo.told[:255],
        undo.by and key_value(undo.by),
        stamp(undo.now),
        *values,
    )


def deactivate_products(undo, source, values):
    """Products of the import that movements name stay, but are no longer sold."""
    execute(
        f"UPDATE {PRODUCTS} SET is_active = %s, updated_at = {time_mark()} "
        f"WHERE is_active AND id IN (SELECT t.id FROM {PRODUCTS} t {source})",
        False,
        stamp(undo.now),
        *values,
    )
    undo.record(Product, "~", f"{source} AND t.updated_at = {time_mark()}", [*values, stamp(undo.now)])
