"""What a confirmed spreadsheet writes beside the products themselves: free slugs, levels and counts.

The set-wise twins of save_product, set_reorder_level and count_stock, with the same history and the same
movements. In the SQL p is the plan, s the file, t the product, l its level in the default warehouse.
"""

from django.utils.translation import gettext as _

from backoffice.imports.engine.stage import (
    PLAN,
    STAGE,
    create_table,
    drop_table,
    execute,
    insert_rows,
    select,
    time_mark,
    uuid_mark,
)
from backoffice.imports.engine.writing import key_value, quote, record_history, stamp
from inventory.models import MovementReason, Product, StockLevel, StockMovement
from inventory.models.slug import numbered

LEVELS, PRODUCTS, MOVEMENTS = (f'"{m._meta.db_table}"' for m in (StockLevel, Product, StockMovement))
COUNTED = "s.stock IS NOT NULL AND s.stock <> COALESCE(t.stock, 0)"
SLUGS = "import_slug"
PLANNED = f"{PLAN} p JOIN {STAGE} s ON s.number = p.number"


def impossible_counts(resource, plan):
    """Yield [number, column, text, reason] of each count that cannot be right."""
    reference = f"'{resource.reference}' || s.sku"
    repeated = f"m.business_id = '{resource.business.pk.hex}' AND m.reference = {reference}"
    for number, counted in select(
        f"SELECT p.number, s.stock FROM {plan.planned} JOIN {MOVEMENTS} m ON {repeated} WHERE {COUNTED}"
    ):
        text = _("This file was already counted once. Count again and save the result in a new file.")
        yield [number, "stock", counted, text]
    elsewhere = "(t.stock - COALESCE(l.quantity, 0))"
    for number, counted, kept, reserved in select(
        f"SELECT p.number, s.stock, {elsewhere}, l.reserved FROM {plan.planned} WHERE {COUNTED} "
        f"AND (s.stock < {elsewhere} OR s.stock - {elsewhere} < l.reserved)"
    ):
        text = _("%d pieces are reserved for orders, so there cannot be fewer.") % (reserved or 0)
        yield [number, "stock", counted, too_few(kept) if counted < kept else text]


def lock_business(business):
    """Return the query that locks the business itself, as transitions.lock() does."""
    return f"SELECT id FROM {quote(business._meta.db_table)} WHERE id = '{business.pk.hex}' FOR NO KEY UPDATE"


def too_few(elsewhere):
    """Return the sentence that refuses a count below what other warehouses hold."""
    return _("%d pieces lie in other warehouses, so there cannot be fewer.") % elsewhere


def same_slug_twice(key):
    """Return the SQL of (number, slug, key of the first row) of each row with the slug of an earlier one."""
    first = f"SELECT slug, MIN(number) AS number FROM {STAGE} WHERE slug <> '' GROUP BY slug"
    return (
        f"SELECT s.number, s.slug, o.{key} FROM ({first}) f JOIN {STAGE} s ON s.slug = f.slug "
        f"AND s.number > f.number JOIN {STAGE} o ON o.number = f.number"
    )


def free_the_slugs(resource, plan):
    """Give the new products whose slug is taken, or comes twice in the file, the next free one."""
    taken = f"SELECT slug FROM {PRODUCTS} WHERE business_id = '{resource.business.pk.hex}'"
    new = f"SELECT s.number, s.made_slug FROM {PLANNED} WHERE p.state = 'new'"
    twice = f"SELECT made_slug FROM ({new}) n GROUP BY made_slug HAVING count(*) > 1"
    if "slug" in plan.by_field:
        taken += f" UNION SELECT slug FROM {STAGE} WHERE slug <> ''"
        new += " AND COALESCE(s.slug, '') = ''"
    clashes = select(
        f"SELECT number, made_slug FROM ({new}) m WHERE made_slug IN ({taken}) OR made_slug IN ({twice}) "
        f"ORDER BY number"
    )
    if clashes:
        write_slugs(free_slugs(clashes, taken))


def free_slugs(clashes, taken):
    """Return [[number, free slug]]; a thousand rows of one slug go through its numbers once."""
    used = {slug for (slug,) in select(taken)}
    made = {slug for (slug,) in select(f"SELECT made_slug FROM {STAGE}")}
    candidates = {slug: numbered(slug) for _number, slug in clashes}
    given = []
    for number, slug in clashes:
        numbers = candidates[slug]
        free = next(each for each in numbers if each not in used and (each == slug or each not in made))
        used.add(free)
        given.append([number, free])
    return given


def write_slugs(given):
    drop_table(SLUGS)
    create_table(SLUGS, {"number": "integer", "slug": "varchar(255)"})
    insert_rows(SLUGS, given)
    execute(f"UPDATE {STAGE} AS s SET made_slug = g.slug FROM {SLUGS} g WHERE g.number = s.number")
    drop_table(SLUGS)


def write_levels(resource, writer, part):
    """Write the levels, counts and reorder levels of the rows that `part` chooses."""
    names = {each.name for each in writer.plan.staged}
    if resource.warehouse is None:
        return
    chosen = f"p.state IN ('new', 'changed') AND {part}"
    here = key_value(resource.warehouse)
    has_stock, has_reorder = "stock" in names, "reorder_level" in names
    add_levels(resource, writer, chosen, here, has_stock, has_reorder)
    if has_reorder:
        set_reorder_levels(writer, chosen, here)
    if has_stock:
        count_products(resource, writer, chosen, here)


def add_levels(resource, writer, chosen, here, has_stock, has_reorder):
    """A product that is counted or watched for the first time gets its level in the default warehouse."""
    reorder = "COALESCE(s.reorder_level, %s)" if has_reorder else "%s"
    wanted = [
        *([f"({COUNTED})"] if has_stock else []),
        *(["s.reorder_level IS NOT NULL"] if has_reorder else []),
    ]
    now = stamp(writer.now)
    execute(
        f"INSERT INTO {LEVELS} (business_id, product_id, warehouse_id, quantity, reserved, reorder_level, "
        f"created_at, updated_at) SELECT t.business_id, t.id, {uuid_mark()}, 0, 0, {reorder}, "
        f"{time_mark()}, {time_mark()} FROM {PLANNED} JOIN {PRODUCTS} t ON t.id = p.id "
        f"LEFT JOIN {LEVELS} l ON l.product_id = t.id AND l.warehouse_id = {uuid_mark()} "
        f"WHERE {chosen} AND l.id IS NULL AND ({' OR '.join(wanted)})",
        here,
        resource.business.default_reorder_level,
        now,
        now,
        here,
    )
    record_levels(writer, "+", f"{chosen} AND t.created_at = {time_mark()}", here, now)


def set_reorder_levels(writer, chosen, here):
    now = stamp(writer.now)
    execute(
        f"UPDATE {LEVELS} AS t SET reorder_level = s.reorder_level, updated_at = {time_mark()} "
        f"FROM {PLANNED} WHERE t.product_id = p.id AND t.warehouse_id = {uuid_mark()} AND {chosen} "
        f"AND s.reorder_level IS NOT NULL AND t.reorder_level <> s.reorder_level",
        now,
        here,
    )
    changed = f"{chosen} AND t.updated_at = {time_mark()} AND t.created_at <> {time_mark()}"
    record_levels(writer, "~", changed, here, now, now)


def record_levels(writer, kind, chosen, here, *values):
    source = (
        f"JOIN {PLAN} p ON p.id = t.product_id JOIN {STAGE} s ON s.number = p.number "
        f"WHERE t.warehouse_id = {uuid_mark()} AND {chosen}"
    )
    record_history(
        StockLevel, kind, source, at=writer.now, by=writer.by, reason=writer.reason, values=(here, *values)
    )


def count_products(resource, writer, chosen, here):
    """Change levels and sums to what was counted and write the movements, as count_stock does for one.

    The sums of products that change in other columns too are left to the statement that changes those.
    """
    now = stamp(writer.now)
    counted = f"{PLANNED} JOIN {PRODUCTS} t ON t.id = p.id"
    execute(
        f"INSERT INTO {MOVEMENTS} (business_id, product_id, warehouse_id, reason, quantity, reserved, "
        f"reference, note, by_id, created_at) "
        f"SELECT t.business_id, t.id, {uuid_mark()}, '{MovementReason.COUNT}', "
        f"s.stock - t.stock, 0, '{resource.reference}' || t.sku, %s, {uuid_mark()}, {time_mark()} "
        f"FROM {counted} WHERE {chosen} AND {COUNTED}",
        here,
        writer.reason,
        writer.by and key_value(writer.by),
        now,
    )
    execute(
        f"UPDATE {LEVELS} AS l SET quantity = l.quantity + s.stock - t.stock, last_counted = {time_mark()}, "
        f"updated_at = {time_mark()} FROM {counted} "
        f"WHERE l.product_id = p.id AND l.warehouse_id = {uuid_mark()} AND {chosen} AND {COUNTED}",
        now,
        now,
        here,
    )
    execute(
        f"UPDATE {PRODUCTS} AS t SET stock = s.stock FROM {PLANNED} "
        f"WHERE t.id = p.id AND {chosen} AND {COUNTED} AND (p.state = 'new' OR NOT p.touched)"
    )
