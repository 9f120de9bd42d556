"""Rights come from one place: the role a person has in the business that a row belongs to."""

from django.contrib.auth.backends import ModelBackend

from backoffice.scoping import active_businesses


def role_permissions(user):
    """Return {business id: set of "app.codename"} for the person's roles in active businesses.

    Read once per user object, that is once per request.
    """
    if not hasattr(user, "_role_permissions"):
        rows = user.accesses.model.objects.with_scopes_disabled().filter(user=user, business__is_active=True)
        found = {}
        for business, app, codename in rows.values_list(
            "business_id", "role__permissions__content_type__app_label", "role__permissions__codename"
        ):
            found.setdefault(business, set()).add(f"{app}.{codename}")
        user._role_permissions = found
    return user._role_permissions


def businesses_with(user, *permissions):
    """Return the ids of the active scope's businesses in which the person has any of the permissions."""
    active = active_businesses()
    if user.is_superuser:
        return list(active)
    roles = role_permissions(user)
    return [pk for pk in active if not roles.get(pk, set()).isdisjoint(permissions)]


class RoleBackend(ModelBackend):
    """Answer has_perm(permission, row) by the role in the row's business.

    Without a row, or for a row that all businesses share, any business of the active scope will do.
    Django's own user permissions and groups are not read: there is one way to have a right.
    """

    def has_perm(self, user_obj, perm, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        business = getattr(obj, "business_id", None) or (obj.pk if is_business(obj) else None)
        if business is not None and not user_obj.is_superuser:
            return business in active_businesses() and perm in role_permissions(user_obj).get(business, ())
        return bool(businesses_with(user_obj, perm))

    def has_module_perms(self, user_obj, app_label):
        return user_obj.is_active and any(
            permission.startswith(f"{app_label}.")
            for pk in active_businesses()
            for permission in role_permissions(user_obj).get(pk, ())
        )

    def get_all_permissions(self, user_obj, obj=None):
        return set().union(*role_permissions(user_obj).values()) if user_obj.is_active else set()


def is_business(obj):
    return obj is not None and obj._meta.label == "people.Business"


def typed_login(request, credentials):
    """The login as wrong passwords are counted: one person, however he types his email.

    By way of capitals, because PostgreSQL compares in capitals, where ı is an I and ſ an S.
    """
    return str((credentials or request.POST).get("username") or "").strip().upper().lower()
