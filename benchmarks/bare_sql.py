"""Yardstick: the least that a database can do for new products with history, all made ready before.

Rows that are typed, checked and encoded go to a temporary table (COPY, or executemany on SQLite), from
there with one upsert to the products and with one INSERT to their history; then one commit. Tables,
indexes, constraints and guards are the real ones, and SQLite has the room for pages that an import has.
No file is read, nothing is compared or shown.
"""

from datetime import UTC, datetime
from io import StringIO

from django.db import connection, transaction
from django.utils.text import slugify
from uuid_utils.compat import uuid7

from backoffice.imports.engine.stage import room_for_pages
from benchmarks.data import products
from inventory.models import Product

PRODUCTS, HISTORY = Product._meta.db_table, Product.history.model._meta.db_table
FIELDS = [field for field in Product._meta.concrete_fields if not field.generated]
COLUMNS = [field.column for field in FIELDS]
KEPT = ("id", "created_at", "business_id", "sku", "slug", "stock")
HISTORY_COLUMNS = [field.column for field in Product.history.model._meta.concrete_fields]
SHARED = [name for name in COLUMNS if name in HISTORY_COLUMNS]


def ready_rows(business, categories, rows):
    """Return so many new products in the form that the driver takes: text for COPY, or tuples."""
    now = datetime.now(UTC)
    values = [typed(row, business, categories, now) for row in products(rows)]
    if connection.vendor == "postgresql":
        return "".join("\t".join(map(copy_text, row)) + "\n" for row in values)
    prepare = [field.get_db_prep_save for field in FIELDS]
    return [tuple(p(v, connection) for p, v in zip(prepare, row, strict=True)) for row in values]


def typed(row, business, categories, now):
    values = {
        "id": uuid7(),
        "created_at": now,
        "updated_at": now,
        "business_id": business.pk,
        "category_id": categories[row["Category"]],
        "sku": row["SKU"],
        "name": row["Name"],
        "slug": slugify(f"{row['Name']} {row['SKU']}"),
        "price": row["Price"],
        "cost": row["Cost"],
        "barcode": row["Barcode"],
        "is_active": True,
        "description": row["Description"],
        "image": "",
        "stock": 0,
    }
    return [values[column] for column in COLUMNS]


def copy_text(value):
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def import_bare(ready):
    """Write rows that ready_rows() made, with their history, in one transaction."""
    columns, shared = ", ".join(COLUMNS), ", ".join(SHARED)
    changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name not in KEPT)
    with room_for_pages(), transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a busy machine may need longer than a page may take
            cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"CREATE TEMPORARY TABLE bench_stage AS SELECT {columns} FROM {PRODUCTS} WHERE 1 = 0")
        fill_stage(cursor, ready)
        cursor.execute(
            f"INSERT INTO {PRODUCTS} ({columns}) SELECT {columns} FROM bench_stage WHERE 1 = 1 "
            f"ON CONFLICT (business_id, sku) DO UPDATE SET {changes}"
        )
        cursor.execute(
            f"INSERT INTO {HISTORY} ({shared}, history_date, history_type, history_change_reason) "
            f"SELECT {shared}, updated_at, '+', 'import products.csv' FROM bench_stage"
        )
        cursor.execute("DROP TABLE bench_stage")


def fill_stage(cursor, ready):
    if connection.vendor == "postgresql":
        return cursor.copy_expert("COPY bench_stage FROM STDIN", StringIO(ready))
    marks = ", ".join(["?"] * len(COLUMNS))
    return connection.connection.executemany(f"INSERT INTO bench_stage VALUES ({marks})", ready)
