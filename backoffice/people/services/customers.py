from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.people.models import Customer


def same_phone(customer):
    """Return the other customer who has this phone, or None."""
    others = Customer.objects.exclude(pk=customer.pk)
    return others.filter(phone=customer.phone).first() if customer.phone else None


@transaction.atomic
def save_customer(customer, *, by, reason=""):
    """Add a customer, or change his card. Returns him. Raises RuleBroken when the phone is another's."""
    other = same_phone(customer)
    if other is not None:
        raise RuleBroken(
            _("%(phone)s belongs to %(name)s already.") % {"phone": customer.phone, "name": other.name}
        )
    customer._history_user, customer._change_reason = by, reason
    customer.save()
    return customer
