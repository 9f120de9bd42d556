"""How a file of counts or of opening stock is taken back: a reversing movement for each of its own.

In the SQL m is a movement of the import.
"""

from backoffice.imports.engine.stage import execute, select, time_mark, uuid_mark
from backoffice.imports.engine.undoing import SHOWN, told
from backoffice.imports.engine.writing import key_value, stamp
from inventory.models import StockMovement
from inventory.services.imports import LEVELS, MOVEMENTS, PRODUCTS
from inventory.services.stock_files import same_place


def ours(undo):
    """Return (SQL, values) of the movements that the import made: all of its moment."""
    business = undo.resource.business.pk.hex
    sql = f"m.created_at = {time_mark()} AND m.business_id = '{business}' AND m.reverses_id IS NULL"
    return sql, [stamp(undo.at)]


def moved_levels(undo):
    """Return [(query, values)] that locks the levels which the import changed, and then their products."""
    condition, values = ours(undo)
    moved = f"FROM {MOVEMENTS} m WHERE {condition}"
    levels = (
        f"SELECT r.id FROM {LEVELS} r WHERE (r.product_id, r.warehouse_id) IN "
        f"(SELECT m.product_id, m.warehouse_id {moved}) "
        f"ORDER BY r.product_id, r.warehouse_id FOR NO KEY UPDATE"
    )
    products = (
        f"SELECT r.id FROM {PRODUCTS} r WHERE r.id IN (SELECT m.product_id {moved}) "
        f"ORDER BY r.id FOR NO KEY UPDATE"
    )
    return [(levels, values), (products, values)]


def moved_there_since(undo):
    """Yield what moved since in a warehouse of which the import said something."""
    condition, values = ours(undo)
    later = select(
        f"SELECT DISTINCT n.id FROM {MOVEMENTS} n JOIN {MOVEMENTS} m ON n.product_id = m.product_id "
        f"AND {same_place('n', 'm')} AND n.id > m.id WHERE {condition} ORDER BY n.id LIMIT {SHOWN}",
        *values,
    )
    moved = StockMovement._base_manager.filter(pk__in=[pk for (pk,) in later])
    for movement in moved.select_related("product", "by"):
        yield told(movement.product, movement.by, movement.created_at, movement.get_reason_display())


def reverse_movements(undo):
    """Write the reversing movements, and take levels and the sums of the products back."""
    condition, values = ours(undo)
    execute(
        f"UPDATE {LEVELS} AS t SET quantity = t.quantity - m.quantity, updated_at = {time_mark()} "
        f"FROM {MOVEMENTS} m WHERE m.product_id = t.product_id AND {same_place('m', 't')} "
        f"AND {condition}",
        stamp(undo.now),
        *values,
    )
    execute(
        f"UPDATE {PRODUCTS} AS t SET stock = t.stock - d.pieces FROM (SELECT m.product_id, "
        f"SUM(m.quantity) AS pieces FROM {MOVEMENTS} m WHERE {condition} GROUP BY m.product_id) d "
        f"WHERE d.product_id = t.id",
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


def last_counts_again(undo):
    """Let the levels say again when they were counted before; call before the counts are reversed."""
    condition, values = ours(undo)
    before = (
        f"SELECT MAX(c.created_at) FROM {MOVEMENTS} c WHERE c.product_id = m.product_id "
        f"AND {same_place('c', 'm')} AND c.reason = 'count' AND c.id < m.id "
        # Nearly all reverse nothing: an index of that would find them all.
        f"AND COALESCE(c.reverses_id, 0) = 0 "
        f"AND NOT EXISTS (SELECT 1 FROM {MOVEMENTS} r WHERE r.reverses_id = c.id)"
    )
    execute(
        f"UPDATE {LEVELS} AS t SET last_counted = ({before}) FROM {MOVEMENTS} m "
        f"WHERE m.product_id = t.product_id AND {same_place('m', 't')} AND {condition}",
        *values,
    )
