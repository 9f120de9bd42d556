"""People who log in: added, changed, given a new password; deactivated, never deleted.

`by` is the person who acts; None stands for a machine (the demo, a command) and may do anything.
"""

import re

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.people.backend import role_permissions
from backoffice.people.models import BusinessAccess, User
from backoffice.people.services.access import grant_access, grantable_roles, is_boss
from backoffice.transitions import lock, record_change

# What an owner may change of the people below him; the rest is the administrator's.
NAMES_AND_ACTIVE = {"first_name", "last_name", "is_active"}
ADMINISTRATORS_ONLY = {"email", "username", "is_staff", "is_superuser"}


def may_change_person(by, person):
    """Whether `by` may change the person: all his roles are below `by`'s own, in businesses `by` manages."""
    if is_boss(by):
        return True
    if by == person or person.is_superuser:
        return False
    accesses = BusinessAccess._base_manager.filter(user=person).select_related("role", "business")
    return bool(accesses) and all(
        "people.change_user" in role_permissions(by).get(access.business_id, ())
        and access.role.name in grantable_roles(by, access.business)
        for access in accesses
    )


def require_may_change(by, person, **values):
    """Raise RuleBroken unless `by` may give the person these values."""
    if not may_change_person(by, person):
        raise RuleBroken(_("You may change only people who rank below you in all their businesses."))
    allowed = NAMES_AND_ACTIVE | ADMINISTRATORS_ONLY if is_boss(by) else NAMES_AND_ACTIVE
    if not values.keys() <= allowed:
        raise RuleBroken(_("Only an administrator may change this."))
    if by == person and not all(values.get(name, True) for name in ("is_active", "is_staff", "is_superuser")):
        raise RuleBroken(_("You cannot lock yourself out. Ask another administrator."))


@transaction.atomic
def add_person(*, email, password, by, first_name="", last_name="", business=None, role=""):
    """Create a person who may log in, with a role (its name) in a business. Returns the person.

    Only an administrator may leave the business out. Raises RuleBroken for a used email, a weak
    password, or a role that `by` may not grant.
    """
    email = email.strip().lower()
    if business is None and not is_boss(by):
        raise RuleBroken(_("Choose the business this person works for."))
    if business is not None and role not in grantable_roles(by, business):
        raise RuleBroken(_("You may not give this role in %s.") % business)
    if User.objects.filter(email__iexact=email).exists():
        raise RuleBroken(
            _("%s can log in already. Ask an administrator to let this person work for your business.")
            % email
        )
    person = User(email=email, username=free_username(email), is_staff=True)
    person.first_name, person.last_name = first_name, last_name
    require_good_password(password, person)
    person.set_password(password)
    person._history_user, person._change_reason = by, _("added")
    person.save()
    if business is not None:
        grant_access(person, business=business, role=role, by=by)
    return person


@transaction.atomic
def change_person(person, *, by, **values):
    """Change a person's names, or whether he may log in; an administrator may change more. Returns him."""
    person = lock(person)
    require_may_change(by, person, **values)
    changed = {name: value for name, value in values.items() if getattr(person, name) != value}
    if changed:
        record_change(person, [*changed], by=by, reason=_("changed"), **changed)
    return person


@transaction.atomic
def set_password(person, *, password, by):
    """Give a person a new password; his open sessions end at their next request."""
    person = lock(person)
    require_may_change(by, person)
    require_good_password(password, person)
    person.set_password(password)
    return record_change(person, ["password"], by=by, reason=_("new password"))


def require_good_password(password, person):
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise RuleBroken(" ".join(error.messages)) from error


def free_username(email):
    """Return a username nobody has, made of the part of the email before the @."""
    base = re.sub(r"[^\w.+-]", "", email.split("@")[0])[:140] or "person"
    taken = set(User.objects.filter(username__istartswith=base).values_list("username", flat=True))
    n = 1
    while (name := base if n == 1 else f"{base}{n}") in taken:
        n += 1
    return name
