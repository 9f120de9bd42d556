"""The same rows one by one, through the services that people use: what the engine has to agree with.

A row is {heading: cell}. Each is one step: done as a whole, or refused and left out.
"""

from collections import Counter

from django.core.exceptions import ValidationError
from django.db import transaction

from backoffice.errors import RuleBroken
from backoffice.spreadsheets.cells import cell_text
from backoffice.transitions import record_change
from inventory.models import Category, Product, StockLevel
from inventory.resources import ProductResource
from inventory.services.categories import save_category
from inventory.services.levels import set_reorder_level
from inventory.services.prices import change_price
from inventory.services.products import save_product
from inventory.services.stock import count_stock, default_warehouse

KEEPS = ("Reorder level", "Stock", "Active", "Slug")
OWN = ("sku", "name", "category", "price", "cost", "barcode", "is_active", "description", "slug")


def import_rows(business, rows, *, by, reason, reference):
    """Import {number: row} and return the numbers that were refused.

    Rows that bring their slug go first: the others take what is free.
    """
    refused = set(alike(business, rows))
    order = sorted(rows, key=lambda number: (not rows[number].get("Slug"), number))
    for number in order:
        try:
            with transaction.atomic():
                if number not in refused:
                    import_row(business, rows[number], by=by, reason=reason, reference=reference)
        except (RuleBroken, ValidationError, ValueError):
            refused.add(number)
    return refused


def alike(business, rows):
    """Yield the rows that a file may not hold: two of one product, or of products that differ in capitals."""
    known = set(Product._base_manager.filter(business=business).values_list("sku", flat=True))
    keys = {number: row["SKU"] if row["SKU"] in known else fold(row["SKU"]) for number, row in rows.items()}
    often = Counter(keys.values())
    twins = {fold(sku) for sku in known}
    for number, row in rows.items():
        is_twin = row["SKU"] not in known and fold(row["SKU"]) in twins
        if row["SKU"] and (often[keys[number]] > 1 or is_twin):
            yield number


def fold(sku):
    return ("folded", sku.casefold())


def import_row(business, row, *, by, reason, reference):
    values = read(row)
    product = Product._base_manager.filter(business=business, sku=values["sku"]).first()
    if "category" in values:
        values["category"] = find_category(business, values["category"], by=by, reason=reason)
    counted, reorder = values.pop("stock", None), values.pop("reorder_level", None)
    if product is None:
        product = Product(business=business, **values)
        product.full_clean(exclude=["slug"] if not product.slug else [])
        save_product(product, by=by, reason=reason)
    else:
        change(product, values, by=by, reason=reason)
    keep_level(product, counted, reorder, by=by, reason=reason)
    if counted is not None and counted != product.stock:
        count_here(product, counted, by=by, reason=reason, reference=reference)


def read(row):
    """Return {field: value} as the cells of a form would be read; raises ValueError."""
    columns = {column.column_name: (name, column) for name, column in ProductResource().columns.items()}
    values = {}
    for heading, cell in row.items():
        (name, column), text = columns[heading], cell_text(cell)
        if text or heading not in KEEPS:
            values[name] = column.widget.clean(text)
    return values


def find_category(business, names, *, by, reason):
    """Return the category of a path, whatever its capitals, created where it is missing."""
    parent = None
    for name in names or ():
        here = Category._base_manager.filter(business=business, parent=parent)
        found = next((each for each in here if each.name.casefold() == name.casefold()), None)
        if found is None:
            found = save_category(Category(business=business, parent=parent, name=name), by=by, reason=reason)
        parent = found
    return parent


def change(product, values, *, by, reason):
    """Change what differs: a price alone as the dialog does, other columns as the form does."""
    changed = [name for name in OWN if name in values and getattr(product, name) != values[name]]
    for name in changed:
        setattr(product, name, values[name])
    if not changed:
        return
    product.full_clean()
    product.refresh_from_db()
    if changed == ["price"]:
        change_price(product, price=values["price"], by=by, reason=reason)
    elif "price" in changed:
        record_change(product, changed, by=by, reason=reason, **{name: values[name] for name in changed})
    else:
        for name in changed:
            setattr(product, name, values[name])
        save_product(product, by=by, changed=changed, reason=reason)


def keep_level(product, counted, reorder, *, by, reason):
    """See to the level in the default warehouse: made by the first count or reorder level, then changed."""
    warehouse = default_warehouse(product.business)
    level = StockLevel._base_manager.filter(product=product, warehouse=warehouse).first()
    if level is None and (reorder is not None or counted not in (None, product.stock)):
        first = product.business.default_reorder_level if reorder is None else reorder
        level = StockLevel(
            business=product.business, product=product, warehouse=warehouse, reorder_level=first
        )
        level._history_user, level._change_reason = by, reason
        level.save()
    elif level and reorder is not None and reorder != level.reorder_level:
        set_reorder_level(level, reorder_level=reorder, by=by, reason=reason)


def count_here(product, counted, *, by, reason, reference):
    """Book a count of all warehouses in the default one."""
    here = StockLevel._base_manager.get(product=product, warehouse=default_warehouse(product.business))
    elsewhere = product.stock - here.quantity
    count_stock(
        product, counted=counted - elsewhere, by=by, note=reason, reference=f"{reference}{product.sku}"
    )
