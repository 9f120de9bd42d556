"""Take back what an import wrote: every row it wrote carries its moment and its reason in the history."""

from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.imports.engine.stage import execute, select, time_mark
from backoffice.imports.engine.writing import quote, record_history, stamp
from backoffice.models import BusinessOwned

SHOWN = 20
# Of the row itself, not of what a file says about it.
KEPT = {"id", "business_id", "created_at", "updated_at"}


class Undo:
    """What one import wrote, and how it is taken back in the caller's transaction."""

    def __init__(self, resource, *, written_at, reason, by):
        self.resource, self.by, self.reason = resource, by, reason
        self.at, self.now = datetime.fromisoformat(written_at), timezone.now()
        self.told = _("undone: %s") % reason

    def wrote(self, model, kind="", alias="o"):
        """Return (SQL condition, values) of the history rows that the import wrote for a model."""
        condition = f"{alias}.history_date = {time_mark()} AND {alias}.history_change_reason = %s"
        values = [stamp(self.at), self.reason]
        if issubclass(model, BusinessOwned):
            condition += f" AND {alias}.business_id = '{self.resource.business.pk.hex}'"
        if kind:
            condition, values = condition + f" AND {alias}.history_type = %s", [*values, kind]
        return condition, values

    def lock(self):
        """Keep what is taken back from changing meanwhile; call before touched()."""
        if connection.vendor == "sqlite":
            return  # the transaction holds the only write lock
        for query, values in self.resource.undo_locks(self):
            select(f"SELECT count(*) FROM ({query}) locked", *values)

    def lock_query(self, model):
        """Return (query, values) that locks the rows of a model that the import wrote, by key."""
        condition, values = self.wrote(model)
        wrote = f"SELECT o.id FROM {history_table(model)} o WHERE {condition}"
        query = (
            f"SELECT r.id FROM {table_of(model)} r WHERE r.id IN ({wrote}) ORDER BY r.id FOR NO KEY UPDATE"
        )
        return query, values

    def touched(self):
        """Return [{what, who, when, why}] of the first changes that somebody made since."""
        found = [each for model in self.resource.undo_models() for each in self.changed_since(model)]
        return (found + list(self.resource.used_since(self)))[:SHOWN]

    def changed_since(self, model):
        history, (condition, values) = history_table(model), self.wrote(model)
        later = select(
            f"SELECT n.history_id FROM {history} o JOIN {history} n ON n.id = o.id "
            f"AND n.history_id > o.history_id WHERE {condition} ORDER BY n.history_id LIMIT {SHOWN}",
            *values,
        )
        rows = model.history.model._base_manager.filter(pk__in=[pk for (pk,) in later])
        return [
            told(each.instance, each.history_user, each.history_date, each.history_change_reason)
            for each in rows.select_related("history_user")
        ]

    def run(self):
        """Take everything back; call when nothing was touched(). Raises RuleBroken."""
        self.resource.check_undo(self)
        self.resource.undo_more(self)
        for model in self.resource.undo_models():
            self.restore(model)
            self.remove(model)

    def changed_rows(self, model):
        """Return (SQL, values): o is the history row of each change of the import, v the one before it."""
        history, (condition, values) = history_table(model), self.wrote(model, "~")
        before = (
            f"(SELECT max(x.history_id) FROM {history} x WHERE x.id = o.id AND x.history_id < o.history_id)"
        )
        return f"{history} o JOIN {history} v ON v.history_id = {before} WHERE {condition}", values

    def restore(self, model):
        """Give the rows that the import changed what they said before, with a history row each."""
        history, (condition, values) = history_table(model), self.wrote(model, "~")
        fields = [f.column for f in model.history.model._meta.concrete_fields if f.column not in KEPT]
        own = {field.column for field in model._meta.concrete_fields}
        written = ", ".join(f'"{name}" = v."{name}"' for name in fields if name in own)
        [[changed]] = select(f"SELECT count(*) FROM {history} o WHERE {condition}", *values)
        changes, _values = self.changed_rows(model)
        restored = execute(
            f"UPDATE {table_of(model)} AS t SET {written}, updated_at = {time_mark()} "
            f"FROM {changes} AND t.id = o.id",
            stamp(self.now),
            *values,
        )
        if restored != changed:
            raise RuleBroken(_("Some rows have no history from before this import, so it cannot be undone."))
        self.record(model, "~", f"JOIN {history} o ON o.id = t.id WHERE {condition}", values)

    def remove(self, model):
        """Delete the rows that the import made and that nothing needs; the others the resource puts aside."""
        history, (condition, values) = history_table(model), self.wrote(model, "+")
        source = f"JOIN {history} o ON o.id = t.id WHERE {condition}"
        while True:
            free = f"{source} AND NOT ({self.resource.needed_rows(model)})"
            [[left]] = select(f"SELECT count(*) FROM {table_of(model)} t {free}", *values)
            if not left:
                break
            self.record(model, "-", free, values)
            chosen = f"SELECT t.id FROM {table_of(model)} t {free}"
            execute(f"DELETE FROM {table_of(model)} WHERE id IN ({chosen})", *values)
        self.resource.put_aside(self, model, source, values)

    def record(self, model, kind, source, values):
        record_history(model, kind, source, at=self.now, by=self.by, reason=self.told, values=values)


def table_of(model):
    return quote(model._meta.db_table)


def history_table(model):
    return quote(model.history.model._meta.db_table)


def told(row, person, moment, why):
    """Return one change that keeps an import from being undone, as its page shows it."""
    when = localize(timezone.localtime(moment))
    return {"what": str(row), "who": str(person or _("a machine")), "when": when, "why": why or ""}
