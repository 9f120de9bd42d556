"""What undoing a file of customers has to know: who of the new ones has bought something by now."""

from typing import Any

from django.utils.translation import gettext as _

from backoffice.imports.engine.stage import select
from backoffice.imports.engine.undoing import SHOWN, history_table, told
from backoffice.imports.engine.writing import quote
from backoffice.people.models import Customer


def bought_since(undo):
    """Yield the documents, such as orders, that name a customer whom the import made.

    Customers are shared, so that other businesses may have some; of those nothing else is told.
    """
    own = undo.resource.business.pk
    condition, values = undo.wrote(Customer, "+")
    made = f"SELECT o.id FROM {history_table(Customer)} o WHERE {condition}"
    for relation in Customer._meta.related_objects:
        model, key = relation.related_model, quote(relation.field.column)
        found = select(
            f"SELECT r.id FROM {quote(model._meta.db_table)} r WHERE r.{key} IN ({made}) LIMIT {SHOWN}",
            *values,
        )
        rows: Any = model._base_manager.filter(pk__in=[pk for (pk,) in found])
        for row in rows.select_related("customer"):
            is_own = row.business_id == own
            yield told(row.customer, None, row.created_at, str(row)) if is_own else elsewhere(row)


def elsewhere(row):
    """Return what may be told of a customer whom another business needs."""
    return {"what": str(row.customer), "who": "", "when": "", "why": _("needed by another business")}
