"""Questions about people that lists and pages ask."""

import re

from django.db.models import Q

from backoffice.people.backend import businesses_with
from backoffice.people.models import BusinessAccess, User

PHONE_LIKE = re.compile(r"[\d\s()+./-]{3,}")


def visible_people(user):
    """Return the people a person may see: a superuser everybody, an owner those of his businesses."""
    if user.is_superuser:
        return User.objects.all()
    own = BusinessAccess._base_manager.filter(business__in=businesses_with(user, "people.view_user"))
    return User.objects.filter(pk__in=own.values("user"), is_superuser=False)


def phone_query(term, prefix=""):
    """Return a Q for phones that contain what somebody typed, or None when it does not look like a phone.

    0712 345 678, 712345 and +254 712… all mean the same number; phones are stored as +254712345678.
    `prefix` leads to the customer: phone_query(term, "customer__").
    """
    if not PHONE_LIKE.fullmatch(term.strip()):
        return None
    digits = re.sub(r"\D", "", term).lstrip("0")
    return Q(**{f"{prefix}phone__contains": digits}) if len(digits) >= 3 else None
