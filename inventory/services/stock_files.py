"""What files of counts and of opening stock write: the set-wise twins of count_stock and receive_stock.

In the SQL p is the plan, s the file, t the product, l its level in the warehouse of the row. `chosen` is the
SQL of which rows are booked. A product and warehouse stand in a file once.
"""

from backoffice.imports.engine.stage import PLAN, STAGE, execute, select, time_mark, uuid_mark
from backoffice.imports.engine.writing import key_value, record_history, stamp
from inventory.models import Product, StockLevel
from inventory.services.imports import LEVELS, MOVEMENTS, PLANNED, PRODUCTS


def same_place(one, other):
    """Return the SQL of whether two rows are of one warehouse, found by the product beside it.

    As text, so that no database thinks of its index of warehouses: most rows of a shop are in one.
    """
    return f"CAST({one}.warehouse_id AS text) = CAST({other}.warehouse_id AS text)"


WITH_LEVELS = (
    f"{PLANNED} JOIN {PRODUCTS} t ON t.id = p.id "
    f"JOIN {LEVELS} l ON l.product_id = t.id AND {same_place('l', 's')}"
)
# What was taken back is as if it had never been.
HAS_MOVED = (
    f"EXISTS (SELECT 1 FROM {MOVEMENTS} m WHERE m.product_id = t.id AND {same_place('m', 's')} "
    f"AND m.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM {MOVEMENTS} r WHERE r.reverses_id = m.id))"
)


def reference(prefix):
    """Return the SQL of the reference under which a row of this file is booked once."""
    return f"'{prefix}' || s.sku || ':' || REPLACE(CAST(s.warehouse_id AS text), '-', '')"


def book(writer, chosen, *, reason, pieces, reference, note):
    """Book a movement of `pieces` (SQL) for each chosen row, and change its level and the product's sum."""
    add_levels(writer, chosen)
    write_movements(writer, chosen, reason, pieces, reference, note)
    execute(
        f"UPDATE {PRODUCTS} AS t SET stock = t.stock + d.pieces FROM (SELECT t.id, SUM({pieces}) AS pieces "
        f"FROM {WITH_LEVELS} WHERE {chosen} GROUP BY t.id) d WHERE d.id = t.id"
    )
    counted = f", last_counted = {time_mark()}" if reason == "count" else ""
    now = stamp(writer.now)
    execute(
        f"UPDATE {LEVELS} AS l SET quantity = l.quantity + ({pieces}), updated_at = {time_mark()}{counted} "
        f"FROM {PLANNED} WHERE l.product_id = p.id AND {same_place('l', 's')} AND {chosen}",
        *([now, now] if counted else [now]),
    )


def add_levels(writer, chosen):
    """What lies in a warehouse for the first time gets its level there."""
    now, reorder = stamp(writer.now), writer.resource.business.default_reorder_level
    execute(
        f"INSERT INTO {LEVELS} (business_id, product_id, warehouse_id, quantity, reserved, reorder_level, "
        f"created_at, updated_at) SELECT t.business_id, t.id, s.warehouse_id, 0, 0, %s, "
        f"{time_mark()}, {time_mark()} FROM {PLANNED} JOIN {PRODUCTS} t ON t.id = p.id "
        f"LEFT JOIN {LEVELS} l ON l.product_id = t.id AND {same_place('l', 's')} "
        f"WHERE {chosen} AND l.id IS NULL",
        reorder,
        now,
        now,
    )
    source = (
        f"JOIN {PLAN} p ON p.id = t.product_id JOIN {STAGE} s ON s.number = p.number "
        f"AND {same_place('s', 't')} WHERE {chosen} AND t.created_at = {time_mark()}"
    )
    who = {"at": writer.now, "by": writer.by, "reason": writer.reason}
    record_history(StockLevel, "+", source, **who, values=[now])


def write_movements(writer, chosen, reason, pieces, reference, note):
    """Write the journal; a note of the row stands before the name of the file."""
    execute(
        f"INSERT INTO {MOVEMENTS} (business_id, product_id, warehouse_id, reason, quantity, reserved, "
        f"reference, note, by_id, created_at) "
        f"SELECT t.business_id, t.id, l.warehouse_id, '{reason}', {pieces}, 0, "
        f"{reference}, COALESCE(NULLIF({note}, '') || ' · ', '') || %s, {uuid_mark()}, {time_mark()} "
        f"FROM {WITH_LEVELS} WHERE {chosen} ORDER BY s.number",
        writer.reason,
        writer.by and key_value(writer.by),
        stamp(writer.now),
    )


# Opening stock and the costs beside it


def forget_opened(plan):
    """Leave out what this very file opened before; such a row is here for its cost alone."""
    opened = f"SELECT s.number FROM {plan.planned} WHERE c.id IS NOT NULL"
    execute(f"UPDATE {STAGE} SET opening = NULL WHERE number IN ({opened})")


def other_costs():
    """Return [(number, cost)] of the rows whose product has another cost elsewhere in the file."""
    several = f"SELECT sku FROM {STAGE} WHERE cost IS NOT NULL GROUP BY sku HAVING MIN(cost) <> MAX(cost)"
    return select(f"SELECT number, cost FROM {STAGE} WHERE cost IS NOT NULL AND sku IN ({several})")


def write_costs(writer):
    """Set the costs that the file says, as saving the product does."""
    costs = (
        f"SELECT p.id, MAX(s.cost) AS cost FROM {PLANNED} WHERE p.state = 'changed' AND s.cost IS NOT NULL "
        f"GROUP BY p.id"
    )
    execute(
        f"UPDATE {PRODUCTS} AS t SET cost = c.cost, updated_at = {time_mark()} FROM ({costs}) c "
        f"WHERE c.id = t.id AND (t.cost IS NULL OR t.cost <> c.cost)",
        stamp(writer.now),
    )
    source = f"WHERE t.updated_at = {time_mark()} AND t.id IN (SELECT c.id FROM ({costs}) c)"
    who = {"at": writer.now, "by": writer.by, "reason": writer.reason}
    record_history(Product, "~", source, **who, values=[stamp(writer.now)])
