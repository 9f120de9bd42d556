"""The people of the matrix: each role at home, in the other business, and those without a role."""

from django.contrib.auth.models import Group, Permission

from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from tests.builders import make_user

VIEWER = "Viewer"
ANONYMOUS = "anonymous"
NO_RIGHTS = "staff without rights"
ADMINISTRATOR = "superuser"
HOME_ROLES = [VIEWER, STAFF, ACCOUNTANT, OWNER]
FOREIGN = "of the other business"
PEOPLE = [
    ANONYMOUS,
    NO_RIGHTS,
    *HOME_ROLES,
    *(f"{role} {FOREIGN}" for role in HOME_ROLES),
    ADMINISTRATOR,
]


def make_viewer_role():
    """A role that may look at everything and change nothing."""
    group, _ = Group.objects.get_or_create(name=VIEWER)
    labels = ["people", "inventory", "sales", "payments", "imports"]
    group.permissions.set(
        Permission.objects.filter(codename__startswith="view_", content_type__app_label__in=labels).exclude(
            codename__startswith="view_historical"
        )
    )
    return group


def make_people(home, foreign):
    """Return {description: user} for the whole cast; None is nobody logged in."""
    make_viewer_role()
    cast = {ANONYMOUS: None, NO_RIGHTS: make_user(), ADMINISTRATOR: make_user(is_superuser=True)}
    for role in HOME_ROLES:
        cast[role] = make_user((home, role))
        cast[f"{role} {FOREIGN}"] = make_user((foreign, role))
    return cast
