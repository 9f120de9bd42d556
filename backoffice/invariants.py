"""What must be true of the whole database at every moment, asked in set-wise queries; nothing is written.

Each app lists its own in a module named in settings.INVARIANTS. An invariant is a function without
arguments whose docstring says what holds; it returns the breaches, one sentence each, as an iterable.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from itertools import islice

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import Lag

from backoffice.guards import missing_guards
from backoffice.models import BusinessOwned

EXAMPLES = 5

Invariant = Callable[[], Iterable[str]]


@dataclass(frozen=True)
class Finding:
    """What came of asking for one invariant: up to EXAMPLES breaches, and whether there are more."""

    name: str
    meaning: str
    examples: list[str]
    more: bool

    @property
    def holds(self) -> bool:
        return not self.examples


def check(invariant: Invariant) -> Finding:
    """Ask whether an invariant holds."""
    breaches = list(islice(invariant(), EXAMPLES + 1))
    meaning = (invariant.__doc__ or "").strip()
    name = f"{invariant.__module__.split('.')[0]}.{invariant.__name__}"
    return Finding(name, meaning, breaches[:EXAMPLES], len(breaches) > EXAMPLES)


def all_invariants() -> list[Invariant]:
    """Return the invariants of every app, in the order of settings.INVARIANTS."""
    return [each for module in settings.INVARIANTS for each in import_module(module).INVARIANTS]


def check_all() -> list[Finding]:
    """Ask for all of them."""
    return [check(invariant) for invariant in all_invariants()]


def guards_are_present():
    """Every database guard that the models ask for is installed."""
    return [f"{name} is missing" for name in missing_guards()]


def references_stay_inside_the_business():
    """A row of one business refers to no row of another."""
    for model in apps.get_models():
        if not issubclass(model, BusinessOwned):
            continue
        for field in model.same_business_fields():
            rows = model._base_manager.alias(other=F(f"{field.name}__business"))
            crossed = rows.filter(Q(other__lt=F("business")) | Q(other__gt=F("business")))
            for key in crossed.values_list("pk", flat=True)[: EXAMPLES + 1]:
                yield f"{field.name} of {model._meta.label} {key} belongs to another business"


def tracked_models():
    """Yield (model, its history model) for every model with history."""
    for model in apps.get_models():
        manager = getattr(model, "history", None)
        if manager is not None and not hasattr(model, "instance_type"):
            yield model, manager.model


def history_ends_at_the_present():
    """The newest history row of every row says what the row says: no change went by without a trace."""
    differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
    for model, past in tracked_models():
        key, table, history = model._meta.pk.column, model._meta.db_table, past._meta.db_table
        columns = {field.column for field in model._meta.concrete_fields}
        tracked = sorted(columns & {field.column for field in past._meta.concrete_fields} - {key})
        wrong = " OR ".join(f'now."{column}" {differs} past."{column}"' for column in tracked)
        query = (
            f'SELECT now."{key}" AS "{key}" FROM "{table}" now LEFT JOIN "{history}" past '
            f'ON past.history_id = (SELECT MAX(history_id) FROM "{history}" WHERE "{key}" = now."{key}") '
            f"WHERE past.history_id IS NULL OR {wrong} LIMIT {EXAMPLES + 1}"
        )
        for row in model._base_manager.raw(query):
            yield f"{model._meta.label} {row.pk} differs from its newest history row"


def deleted_rows_have_a_last_word():
    """A row that is gone was deleted in its history too."""
    for model, past in tracked_models():
        key = model._meta.pk.attname
        present = Exists(model._base_manager.filter(pk=OuterRef(key)))
        closed = Exists(past.objects.filter(**{key: OuterRef(key)}, history_type="-"))
        lost = past.objects.order_by().filter(~present, ~closed).values_list(key, flat=True).distinct()
        for each in lost[: EXAMPLES + 1]:
            yield f"{model._meta.label} {each} is gone without a history row"


def statuses_moved_as_allowed():
    """Every step between statuses that history shows is in the model's table and names a reason."""
    for model, past in tracked_models():
        if not hasattr(model, "MOVES"):
            continue
        key = model._meta.pk.attname
        steps = past.objects.order_by().annotate(
            before=Window(Lag("status"), partition_by=[F(key)], order_by="history_id")
        )
        moved = steps.filter(before__isnull=False).exclude(before=F("status"))
        allowed = Q()
        for move in model.MOVES:
            allowed |= Q(before__in=[str(each) for each in move.sources], status=str(move.target))
        wrong = moved.filter(~allowed | Q(history_change_reason=None) | Q(history_change_reason=""))
        for row in wrong.values_list(key, "before", "status")[: EXAMPLES + 1]:
            yield "{} {} went from {} to {} without a rule or a reason".format(model._meta.label, *row)


INVARIANTS = [
    guards_are_present,
    references_stay_inside_the_business,
    history_ends_at_the_present,
    deleted_rows_have_a_last_word,
    statuses_moved_as_allowed,
]
