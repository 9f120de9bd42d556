"""The cleaned rows of a file in a temporary table, of which only this connection knows."""

from contextlib import contextmanager
from io import StringIO
from itertools import islice

from django.db import connection, transaction
from django.db.models import UUIDField

from backoffice.imports.engine.packing import packed, unpacked

STAGE, PLAN, PROBLEMS = "import_stage", "import_plan", "import_problem"
# How much of a file goes to PostgreSQL at a time.
BLOCK = 1 << 18
# How many rows SQLite is given at a time.
CHUNK = 1000
# Kilobytes that SQLite holds meanwhile of its tables and indexes, and of the temporary ones; usually 2,000.
ROOM = {"main": 12_000, "temp": 5_000}


@contextmanager
def snapshot():
    """Compare the file with one state of the database, in temporary tables, keeping nobody from writing.

    A transaction of Django's would take the write lock on SQLite.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic(), temporary_tables():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            with temporary_tables():
                yield
        finally:
            cursor.execute("ROLLBACK")


@contextmanager
def temporary_tables():
    """Drop the tables of the engine when the work is done or has failed."""
    drop_tables()
    if connection.vendor == "sqlite":
        connection.connection.create_function("casefold", 1, str.casefold, deterministic=True)
    with room_for_pages():
        yield
    drop_tables()


@contextmanager
def room_for_pages():
    """Let SQLite hold the pages that a large import goes through, until it is over."""
    if connection.vendor != "sqlite":
        yield
        return
    usual = {each: select(f"PRAGMA {each}.cache_size")[0][0] for each in ROOM}
    set_room({each: -kilobytes for each, kilobytes in ROOM.items()})
    try:
        yield
    finally:
        set_room(usual)


def set_room(sizes):
    """Set how much SQLite holds of each database: pages, or kilobytes below zero."""
    for database, size in sizes.items():
        execute(f"PRAGMA {database}.cache_size = {size}")


def drop_tables():
    for table in (STAGE, PLAN, PROBLEMS):
        drop_table(table)


def drop_table(table):
    execute(f"DROP TABLE IF EXISTS {table}")


def create_table(table, columns):
    """Create a temporary table from {column: type}; row numbers are the key where that costs nothing."""
    if connection.vendor == "sqlite":
        columns = {
            name: kind + (" PRIMARY KEY" if name == "number" and table != PROBLEMS else "")
            for name, kind in columns.items()
        }
    definition = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({definition})")


def insert_rows(table, rows):
    """Put rows of plain values into a temporary table."""
    if rows:
        fill_table(table, len(rows[0]), StringIO(packed(zip(*rows, strict=True))))


def fill_table(table, width, lines):
    """Put the packed rows of an open text file into a temporary table with so many columns."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.cursor.copy_expert(f"COPY {table} FROM STDIN", lines, BLOCK)
        else:
            # The types of the columns make numbers of the texts.
            marks = ", ".join(["%s"] * width)
            # Django would hold all that an iterator gives.
            while some := list(map(unpacked, islice(lines, CHUNK))):
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", some)


def settle(table, indexed, others=()):
    """Tell PostgreSQL what a filled table holds; what it estimates wrongly shall at least find an index."""
    if connection.vendor == "postgresql":
        for column in indexed:
            add_index(table, column)
        execute(f"ANALYZE {table} ({', '.join([*indexed, *others])})")


def add_index(table, column):
    """Let rows of a temporary table be found by a column."""
    name = f"temp.{table}_{column}" if connection.vendor == "sqlite" else ""
    execute(f"CREATE INDEX {name} ON {table} ({column})")


def uuid_type():
    return UUIDField().db_type(connection)


def uuid_mark():
    """Return the placeholder of a key, whose type PostgreSQL has to be told."""
    return "CAST(%s AS uuid)" if connection.vendor == "postgresql" else "%s"


def folded(text):
    """Return the SQL of a text in small letters; LOWER of SQLite knows only those without accents."""
    return f"casefold({text})" if connection.vendor == "sqlite" else f"LOWER({text})"


def time_mark():
    """Return the placeholder of a moment, whose type PostgreSQL has to be told."""
    return "CAST(%s AS timestamptz)" if connection.vendor == "postgresql" else "%s"


def load_stage(staged, derived, key, lines):
    """Create the stage for these columns and fill it from an open file of packed rows.

    Before them stand the row number, the key that the row gets if it is new, whether a cell of it is
    refused, and what tells it apart whatever its capital letters. `key` is the column that names the row.
    """
    own = {"number": "integer", "id": uuid_type(), "bad": "boolean", "folded": "text"}
    follow = {name: kind for name, kind, _make in derived}
    columns = own | {each.name: each.stage_type for each in staged} | follow
    create_table(STAGE, columns)
    fill_table(STAGE, len(columns), lines)
    add_index(STAGE, "folded")
    settle(STAGE, ["number"], ["folded", key])


def execute(sql, *values):
    """Run one statement; returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def select(sql, *values):
    """Return the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def select_each(sql):
    """Yield the rows of a query without holding them all."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(1000):
            yield from rows
