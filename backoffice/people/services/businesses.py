from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.models import BusinessOwned
from backoffice.people.backend import role_permissions
from backoffice.people.models import Business
from backoffice.people.services.access import is_boss

# Documents are numbered by the code and counted in the currency.
FIXED_BY_DOCUMENTS = ("code", "currency")


def has_documents(business):
    """Whether there are rows with money of this business: its orders, its payments."""
    return any(
        model._base_manager.filter(business=business).exists()
        for model in apps.get_models()
        if issubclass(model, BusinessOwned) and any(field.name == "currency" for field in model._meta.fields)
    )


@transaction.atomic
def save_business(business, *, by, reason=""):
    """Add a business, or change the settings of one. Returns it.

    Raises RuleBroken for a person who does not manage it, and for another code or currency once
    there are orders.
    """
    before = Business.objects.select_for_update(no_key=True).filter(pk=business.pk).first()
    if not is_boss(by) and (before is None or before.is_active != business.is_active):
        raise RuleBroken(_("Only an administrator may add, open or close a business."))
    if not is_boss(by) and "people.change_business" not in role_permissions(by).get(business.pk, ()):
        raise RuleBroken(_("You do not manage %s.") % business)
    moved = before and any(getattr(before, name) != getattr(business, name) for name in FIXED_BY_DOCUMENTS)
    if moved and has_documents(business):
        raise RuleBroken(_("There are orders already: code and currency of %s stay as they are.") % before)
    business._history_user, business._change_reason = by, reason
    business.save()
    return business
