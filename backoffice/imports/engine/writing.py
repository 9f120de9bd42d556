"""Write a plan: new rows, changed rows and the history of both, set by set, in the caller's transaction."""

from datetime import datetime
from itertools import chain

from django.db import connection
from django.utils import timezone

from backoffice.imports.engine.plan import CHANGED, NEW
from backoffice.imports.engine.stage import PLAN, STAGE, execute, select
from backoffice.models import BusinessOwned

# Rows that one statement writes: between two, progress is told and a wish to stop is heard.
SLICE = 10_000


class Writer:
    """Writes the rows of a plan at one moment, which marks everything that this import wrote."""

    def __init__(self, plan, *, by, reason):
        self.plan, self.resource = plan, plan.resource
        self.model = plan.resource._meta.model
        self.by, self.reason, self.now = by, reason, timezone.now()

    def lock(self):
        """Keep the rows that will change from changing meanwhile, in the order that everybody takes."""
        if connection.vendor == "sqlite":
            return  # the transaction holds the only write lock
        for query in self.resource.locks(self.plan):
            select(f"SELECT count(*) FROM ({query}) locked")

    def write(self, progress):
        """Write all rows; `progress` is told how many are done."""
        self.resource.before_write(self)
        self.changing = self.plan.changing()
        [[first, last]] = select(f"SELECT min(number), max(number) FROM {PLAN}")
        for start in range(first or 0, (last or -1) + 1, SLICE):
            part = f"s.number BETWEEN {start} AND {start + SLICE - 1}"
            self.resource.write_slice(self, part)
            progress(min(start + SLICE, last) - (first or 0))

    def insert(self, part):
        """Write the new rows, and from the same values the first history row of each."""
        if not self.plan.counts[NEW]:
            return
        columns = self.new_values()
        source = f"FROM {PLAN} p JOIN {STAGE} s ON s.number = p.number WHERE p.state = '{NEW}' AND {part}"
        execute(
            f"INSERT INTO {self.plan.table} ({quoted(columns)}) "
            f"SELECT {', '.join(sql for sql, _values in columns.values())} {source}",
            *chain.from_iterable(values for _sql, values in columns.values()),
        )
        kept = {name: columns[name] for name in history_columns(self.model)}
        insert_history(self.model, "+", kept, source, at=self.now, by=self.by, reason=self.reason)

    def new_values(self):
        """Return {column: (SQL, values)} of a new row: of the file, the resource, or the model's default."""
        staged = {each.name: each for each in self.plan.staged if not each.extra}
        given = self.resource.new_row_values(self)
        columns = {}
        for field in self.model._meta.concrete_fields:
            if field.generated:
                continue
            name, default = field.column, self.default(field)
            if field.primary_key:
                columns[name] = "p.id", []
            elif name in given:
                columns[name] = given[name], []
            elif name in staged and staged[name].column.keeps and default is not None:
                sql, values = self.literal(default, field)
                columns[name] = f"COALESCE({staged[name].staged}, {sql})", values
            elif name in staged:
                columns[name] = staged[name].staged, []
            else:
                columns[name] = self.literal(default, field)
        return columns

    def default(self, field):
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            return self.now
        if field.name == "business" and issubclass(self.model, BusinessOwned):
            return self.resource.business.pk
        return field.get_default()

    def literal(self, value, field):
        """Return (SQL, values) of a value, whose type PostgreSQL is told."""
        mark = f"CAST(%s AS {field.db_type(connection)})" if connection.vendor == "postgresql" else "%s"
        return mark, [field.get_db_prep_save(value, connection)]

    def update(self, part):
        """Write the rows that change in a column of their own, and a history row of each."""
        if not self.changing:
            return
        changed = f"p.state = '{CHANGED}' AND p.touched AND {part}"
        values = {each.name: each.written for each in self.changing} | self.resource.changed_row_values(self)
        written = ", ".join(f'"{name}" = {value}' for name, value in values.items())
        execute(
            f"UPDATE {self.plan.table} AS t SET {written}, updated_at = %s FROM {PLAN} p JOIN {STAGE} s "
            f"ON s.number = p.number WHERE p.id = t.id AND {changed}",
            stamp(self.now),
        )
        self.record(
            "~", f"JOIN {PLAN} p ON p.id = t.id JOIN {STAGE} s ON s.number = p.number WHERE {changed}"
        )

    def record(self, kind, source, model=None):
        """Write a history row of each row of the source, as it stands now in its table, called t."""
        record_history(model or self.model, kind, source, at=self.now, by=self.by, reason=self.reason)


def record_history(model, kind, source, *, at, by, reason, values=()):
    """Write history rows of `kind` (+, ~ or -) for rows of a model, called t in the SQL of `source`."""
    columns = {name: (f't."{name}"', ()) for name in history_columns(model)}
    source = f'FROM "{model._meta.db_table}" t {source}'
    insert_history(model, kind, columns, source, at=at, by=by, reason=reason, values=values)


def insert_history(model, kind, columns, source, *, at, by, reason, values=()):
    """Write history rows of `kind` from {column: (SQL, values)} and where these come from."""
    execute(
        f"INSERT INTO {quote(model.history.model._meta.db_table)} ({quoted(columns)}, history_date, "
        f"history_type, history_user_id, history_change_reason) "
        f"SELECT {', '.join(sql for sql, _values in columns.values())}, {marks(by)} {source}",
        *chain.from_iterable(of_column for _sql, of_column in columns.values()),
        stamp(at),
        kind,
        by and key_value(by),
        reason[:100],
        *values,
    )


def history_columns(model):
    """Return the names of the columns that a model shares with its history."""
    own = {field.column for field in model._meta.concrete_fields}
    return [f.column for f in model.history.model._meta.concrete_fields if f.column in own]


def marks(by):
    if connection.vendor != "postgresql":
        return "%s, %s, %s, %s"
    return "CAST(%s AS timestamptz), %s, CAST(%s AS uuid), %s"


def key_value(row):
    return row._meta.pk.get_db_prep_value(row.pk, connection)


def stamp(moment: datetime):
    """Return a moment as the database takes it."""
    return connection.ops.adapt_datetimefield_value(moment)


def quoted(names):
    return ", ".join(map(quote, names))


def quote(name):
    return f'"{name}"'
