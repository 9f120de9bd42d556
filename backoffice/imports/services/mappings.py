from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.imports.models import ColumnMapping
from backoffice.spreadsheets.columns import heading_key
from backoffice.transitions import record_change


def remembered_columns(job):
    """Return {heading as compared: our column} as chosen for this supplier before, or {}."""
    found = mappings_of(job).filter(supplier__iexact=job.supplier).first() if job.supplier else None
    return found.columns if found else {}


def known_suppliers(business, resource):
    """Return the names of the suppliers whose columns are remembered."""
    found = ColumnMapping._base_manager.filter(business=business, resource=resource)
    return list(found.values_list("supplier", flat=True))


def remember_columns(job, *, by):
    """Keep what the columns of this supplier's file mean, for the next one. Call inside a transaction."""
    headings = job.report.get("guess", {}).get("headings", {})
    if not job.supplier or not headings:
        return
    chosen = job.options["columns"]
    columns = {heading_key(text): chosen.get(position, "") for position, text in headings.items()}
    mapping = mappings_of(job).filter(supplier__iexact=job.supplier).first() or ColumnMapping(
        business_id=job.business_id, resource=job.resource, supplier=job.supplier
    )
    if mapping.columns != columns:
        mapping.columns = columns
        mapping._history_user, mapping._change_reason = by, _("import %d") % job.number
        mapping.save()


@transaction.atomic
def rename_supplier(mapping, *, supplier, by):
    """Give remembered columns another name; raises RuleBroken when that one is taken."""
    if mappings_of(mapping).filter(supplier__iexact=supplier).exclude(pk=mapping.pk).exists():
        raise RuleBroken(_("There are remembered columns of “%s” already.") % supplier)
    return record_change(mapping, ["supplier"], by=by, reason=_("renamed"), supplier=supplier)


@transaction.atomic
def forget_columns(mapping, *, by):
    """Forget what the columns of a supplier mean; the next file asks again."""
    mapping._history_user, mapping._change_reason = by, _("forgotten")
    mapping.delete()


def mappings_of(job):
    return ColumnMapping._base_manager.filter(business=job.business_id, resource=job.resource)
