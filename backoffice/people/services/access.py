"""Who may do what where: a role is granted per business, by somebody who stands above it there.

`by` is the person who acts; None stands for a machine (the demo, a command) and may do anything.
"""

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.people.backend import role_permissions
from backoffice.people.models import BusinessAccess
from backoffice.roles import RANKS
from backoffice.transitions import record_change


def is_boss(user):
    """Whether no rule about ranks holds for the acting person: a superuser, or a machine."""
    return user is None or (user.is_active and user.is_superuser)


def grantable_roles(by, business):
    """Return the names of the roles that a person may grant in a business: those below his own."""
    if is_boss(by):
        return list(RANKS)
    if "people.add_businessaccess" not in role_permissions(by).get(business.pk, ()):
        return []
    own = BusinessAccess._base_manager.filter(user=by, business=business).values_list("role__name", flat=True)
    return RANKS[: RANKS.index(own[0])] if own and own[0] in RANKS else []


def require_may_grant(by, *, person, business, role):
    """Raise RuleBroken unless `by` may give the person this role there, in place of any he has."""
    if is_boss(by):
        return
    if person == by:
        raise RuleBroken(_("You cannot change your own rights. Ask an administrator."))
    if person.is_superuser:
        raise RuleBroken(_("%s is an administrator and needs no role.") % person)
    allowed = grantable_roles(by, business)
    if not allowed:
        raise RuleBroken(_("You do not manage the people of %s.") % business)
    present = (
        BusinessAccess._base_manager.filter(user=person, business=business).select_related("role").first()
    )
    for name in filter(None, [role, present and present.role.name]):
        if name not in allowed:
            raise RuleBroken(
                _("You may give and take only these roles in %(business)s: %(roles)s.")
                % {"business": business, "roles": ", ".join(allowed)}
            )


@transaction.atomic
def grant_access(person, *, business, role, by):
    """Give a person a role (its name) in a business, or another one than before. Returns the access.

    Raises RuleBroken when the role is not below the grantor's own there, or the grantor means himself.
    """
    require_may_grant(by, person=person, business=business, role=role)
    group = Group.objects.filter(name=role).first() if role in RANKS else None
    if group is None:
        raise RuleBroken(_("There is no role %s.") % role)
    access = BusinessAccess._base_manager.filter(user=person, business=business).first()
    if access is None:
        access = BusinessAccess(user=person, business=business, role=group)
        access._history_user, access._change_reason = by, _("granted")
        access.save()
    elif access.role_id != group.pk:
        record_change(access, ["role"], by=by, reason=_("role changed"), role=group)
    return access


@transaction.atomic
def revoke_access(access, *, by):
    """Take a person's role in a business away; its history stays. Raises RuleBroken like grant_access."""
    require_may_grant(by, person=access.user, business=access.business, role=None)
    access._history_user, access._change_reason = by, _("revoked")
    access.delete()
