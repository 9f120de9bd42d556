"""What a file of prices writes: the set-wise twin of change_price, and planned prices.

In the SQL p is the plan, s the file, t the product, r the price planned for the day of the row.
A row with `planned_on` is for a later day; a product has one such row a day, and one without.
"""

from backoffice.imports.engine.stage import PLAN, STAGE, execute, select, time_mark, uuid_mark
from backoffice.imports.engine.undoing import table_of
from backoffice.imports.engine.writing import key_value, record_history, stamp
from inventory.models import PlannedPrice, Product
from inventory.services.imports import PLANNED, PRODUCTS

PLANNED_PRICES = table_of(PlannedPrice)
AT_ONCE = "p.state = 'changed' AND s.planned_on IS NULL"
LATER = "p.state = 'changed' AND s.planned_on IS NOT NULL"


def change_prices(writer, part):
    """Set the prices that begin at once."""
    now = stamp(writer.now)
    execute(
        f"UPDATE {PRODUCTS} AS t SET price = s.price, updated_at = {time_mark()} FROM {PLANNED} "
        f"WHERE t.id = p.id AND {AT_ONCE} AND {part}",
        now,
    )
    record(writer, Product, "~", f"ON p.id = t.id AND {AT_ONCE} AND {part}")


def plan_prices(writer, part, has_list):
    """Keep the prices that begin later, and change those that were planned for the same day."""
    now, chosen = stamp(writer.now), f"{LATER} AND {part}"
    name = "COALESCE(s.price_list, r.price_list)" if has_list else "r.price_list"
    new_name = "COALESCE(s.price_list, '')" if has_list else "''"
    same = "r.product_id = p.id AND r.starts_on = s.planned_on"
    execute(
        f"UPDATE {PLANNED_PRICES} AS r SET price = s.price, price_list = {name}, by_id = {uuid_mark()}, "
        f"updated_at = {time_mark()} FROM {PLANNED} WHERE {same} AND {chosen}",
        writer.by and key_value(writer.by),
        now,
    )
    of_the_row = f"ON p.id = t.product_id AND {chosen} AND s.planned_on = t.starts_on"
    record(writer, PlannedPrice, "~", f"{of_the_row} AND t.created_at <> {time_mark()}", now)
    execute(
        f"INSERT INTO {PLANNED_PRICES} (id, business_id, product_id, price, starts_on, price_list, by_id, "
        f"created_at, updated_at) SELECT s.id, t.business_id, t.id, s.price, s.planned_on, "
        f"{new_name}, {uuid_mark()}, {time_mark()}, {time_mark()} "
        f"FROM {PLANNED} JOIN {PRODUCTS} t ON t.id = p.id LEFT JOIN {PLANNED_PRICES} r ON {same} "
        f"WHERE {chosen} AND r.id IS NULL",
        writer.by and key_value(writer.by),
        now,
        now,
    )
    record(writer, PlannedPrice, "+", f"{of_the_row} AND t.created_at = {time_mark()}", now)


def planned_days():
    """Return the later days for which the file brings prices."""
    return [day for (day,) in select(f"SELECT DISTINCT s.planned_on FROM {PLANNED} WHERE {LATER}")]


def record(writer, model, kind, chosen, *values):
    """Write history rows of the rows t that the plan and the file choose."""
    source = f"JOIN ({PLAN} p JOIN {STAGE} s ON s.number = p.number) {chosen}"
    who = {"at": writer.now, "by": writer.by, "reason": writer.reason}
    record_history(model, kind, source, **who, values=values)
