"""Database triggers that hold the rules of the abstract models on both engines, whoever writes.

Installed after every migrate, derived from the models: nothing to declare, nothing to forget.
SQLite rebuilds a table to alter it, which drops its triggers and refuses triggers that name
a missing table; there they are dropped before a migrate starts.
"""

from django.apps import apps
from django.db import connections, transaction

from backoffice.models import BusinessOwned, Frozen

MESSAGES = {
    "frozen": "rows are append-only",
    "moved": "a row cannot change its business",
    "crossed": "a row cannot refer to another business",
}


def guards_for(model):
    """Yield (name, event, when, message) for each guard of a model; `when` is the condition of the breach."""
    table, column = model._meta.db_table, model._meta.get_field
    if issubclass(model, Frozen) or hasattr(model, "instance_type"):
        mutable = getattr(model, "mutable_fields", ())
        fields = [f for f in model._meta.concrete_fields if f.name not in mutable and not f.generated]
        frozen = ", ".join(f'"{f.column}"' for f in fields)
        yield f"guard_{table}_update", f"UPDATE OF {frozen}", "1 = 1", "frozen"
        yield f"guard_{table}_delete", "DELETE", "1 = 1", "frozen"
    if issubclass(model, BusinessOwned):
        yield (
            f"guard_{table}_business",
            "UPDATE OF business_id",
            "NEW.business_id <> OLD.business_id",
            "moved",
        )
        for field in model.same_business_fields():
            related = field.related_model._meta
            other = f'(SELECT business_id FROM "{related.db_table}" WHERE id = NEW."{field.column}")'
            # A missing parent gives NULL: not ours to report, the foreign key does.
            breach = f"{other} <> NEW.business_id"
            for event, short in (("INSERT", "ins"), (f'UPDATE OF "{column(field.name).column}"', "upd")):
                yield f"guard_{table}_{field.name}_{short}", event, breach, "crossed"


def all_guards():
    """Yield (table, name, event, when, message) for every guard of the installed models."""
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            for guard in guards_for(model):
                yield (model._meta.db_table, *guard)


def install_guards(using="default"):
    """Create every guard that is missing or outdated, all or none. Idempotent."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using), connection.cursor() as cursor:
        for table, *guard in all_guards():
            if table in tables:
                create = create_on_postgresql if connection.vendor == "postgresql" else create_on_sqlite
                create(cursor, table, *guard)


def drop_guards(using="default"):
    """Remove every guard, all or none, for the time of a schema change on SQLite."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using), connection.cursor() as cursor:
        for table, name, *_ in all_guards():
            if connection.vendor == "sqlite":
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
            elif table in tables:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')


def missing_guards(using="default"):
    """Return the names of guards that the database lacks."""
    connection = connections[using]
    query = (
        "SELECT tgname FROM pg_trigger"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {name for (name,) in cursor.fetchall()}
    return sorted({name for _, name, *_ in all_guards()} - present)


def create_on_sqlite(cursor, table, name, event, when, message):
    cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
    cursor.execute(
        f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW WHEN {when} '
        f"BEGIN SELECT RAISE(ABORT, '{table}: {MESSAGES[message]}'); END"
    )


def create_on_postgresql(cursor, table, name, event, when, message):
    # A function each, because a trigger's WHEN may not hold a subquery.
    cursor.execute(
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        f"IF {when} THEN RAISE EXCEPTION '{table}: {MESSAGES[message]}' USING ERRCODE = '23514'; END IF; "
        f"RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$"
    )
    cursor.execute(
        f'CREATE OR REPLACE TRIGGER "{name}" BEFORE {event} ON "{table}" '
        f'FOR EACH ROW EXECUTE FUNCTION "{name}"()'
    )
