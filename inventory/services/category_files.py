"""What a file of categories writes: new ones together, parents first, and changed ones through save_category.

That a new one is in its right place follows from its path; that it is there once, the database holds.
"""

from uuid import UUID

from simple_history.utils import bulk_create_with_history
from uuid_utils.compat import uuid7

from backoffice.imports.engine.stage import select
from backoffice.transitions import lock
from inventory.models import Category
from inventory.models.slug import first_free, slug_base
from inventory.services.categories import save_category
from inventory.services.imports import PLANNED

BATCH = 500
WRITTEN = ("description", "is_active", "slug")


def above(path):
    """Return the paths of what lies above a category, from the top."""
    names = path.split(Category.SEPARATOR)
    return [Category.SEPARATOR.join(names[:depth]) for depth in range(1, len(names))]


def create_categories(writer, missing):
    """Create the new categories of the file, and the `missing` paths above them."""
    business = writer.resource.business
    rows = {path: (uuid7(), {}) for path in missing} | {path: row for path, *row in rows_of(writer, "new")}
    every = Category._base_manager.filter(business=business).values_list("path", "pk", "slug")
    keys, slugs = {path: key for path, key, _slug in every}, {slug for _path, _key, slug in every}
    slugs |= {values["slug"] for _key, values in rows.values() if "slug" in values}
    made = []
    for path in sorted(rows, key=depth):
        key, values = rows[path]
        over, _separator, name = path.rpartition(Category.SEPARATOR)
        category = Category(
            id=key, business=business, parent_id=keys.get(over), name=name, path=path, **values
        )
        if not category.slug:
            category.slug = first_free(slug_base(Category, path) or key.hex, slugs)
            slugs.add(category.slug)
        keys[path] = key
        made.append(category)
    lock(business)
    told = {"default_user": writer.by, "default_change_reason": writer.reason, "default_date": writer.now}
    bulk_create_with_history(made, Category, batch_size=BATCH, **told)


def change_categories(writer):
    """Write what the file says differently of categories that exist."""
    for _path, key, values in rows_of(writer, "changed"):
        category = Category._base_manager.get(pk=key)
        for name, value in values.items():
            setattr(category, name, value)
        category._history_date = writer.now  # one moment marks everything that an import wrote
        save_category(category, by=writer.by, reason=writer.reason)


def rows_of(writer, state):
    """Return [(path, key, {field: value})] of the rows of a state; an empty cell may say nothing."""
    staged = {each.name: each for each in writer.plan.staged if each.name in WRITTEN}
    cells = "".join(f", {each.staged}" for each in staged.values())
    rows = select(f"SELECT s.path, p.id{cells} FROM {PLANNED} WHERE p.state = %s ORDER BY p.number", state)
    return [(path, as_key(key), told(staged, values)) for path, key, *values in rows]


def told(staged, values):
    """Return {field: value} of a row; SQLite says yes and no as numbers."""
    pairs = zip(staged.values(), values, strict=True)
    found = {
        each.name: value
        for each, value in pairs
        if value is not None and not (each.column.keeps and value == "")
    }
    if "is_active" in found:
        found["is_active"] = bool(found["is_active"])
    return found


def as_key(key):
    return key if isinstance(key, UUID) else UUID(key)


def depth(path):
    return path.count(Category.SEPARATOR)
