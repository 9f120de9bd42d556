"""Statuses move only here: one table per model, one function that writes."""

from dataclasses import dataclass

from django.db import models
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken


@dataclass(frozen=True)
class Move:
    """One way a row may change its status.

    `service` and `preview` are dotted names, because a model may not import its services:
    service(row, *, by, **form data) does the move, preview(row) returns sentences about what it will do.
    A move without a permission is made by services only and has no button. Rows whose status is in
    `one_by_one` need their own dialog and cannot be moved together with others. The button of a `usual` move
    stands out, as what most rows need next.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    permission: str = ""
    service: str = ""
    label: str = ""
    preview: str = ""
    form: str = ""
    icon: str = "arrow_forward"
    harmful: bool = False
    usual: bool = True
    one_by_one: tuple[str, ...] = ()

    def run(self, row, *, by, **data):
        """Call the service behind the move; raises RuleBroken when it refuses."""
        return import_string(self.service)(row, by=by, **data)

    def effects(self, row):
        """Return the sentences that tell staff what the move will do to this row."""
        return import_string(self.preview)(row) if self.preview else []


def moves_from(row):
    """Return the moves that the row's status allows."""
    return [each for each in type(row).MOVES if row.status in each.sources]


def move(row, *, to, by, reason="", via="", **stamps):
    """Lock the row, look again, change its status and leave history with user and reason.

    Call inside transaction.atomic(). `via` names the move where several lead to the same status; `stamps` are
    other columns that change with it. Returns the locked, fresh row. Raises RuleBroken when the table has no
    such move.
    """
    model = type(row)
    row = lock(row)
    moves = [each for each in model.MOVES if each.target == to and via in ("", each.name)]
    if not any(row.status in each.sources for each in moves):
        target = dict(model._meta.get_field("status").flatchoices)[to]
        raise RuleBroken(
            _("%(row)s is %(status)s; it cannot become %(target)s.")
            % {"row": row, "status": row.get_status_display().lower(), "target": str(target).lower()}
        )
    row.status = to
    return record_change(row, ["status", *stamps], by=by, reason=reason or _("became %s") % to, **stamps)


def record_change(row, fields, *, by, reason, **values):
    """Save the named fields and leave one history row that says who and why. Returns the row."""
    for name, value in values.items():
        setattr(row, name, value)
    row._history_user = by
    row._change_reason = str(reason)[:100]
    if any(isinstance(f, models.DateTimeField) and f.name == "updated_at" for f in row._meta.fields):
        fields = [*fields, "updated_at"]
    row.save(update_fields=fields)
    return row


def lock(row):
    """Return the row fresh from the database, locked until the transaction ends.

    On SQLite the transaction itself holds the only write lock (transaction_mode IMMEDIATE).
    """
    return type(row)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
