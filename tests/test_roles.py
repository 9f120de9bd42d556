"""Rights: by role, per business, from one source."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from backoffice.people.backend import businesses_with
from backoffice.people.models import User
from backoffice.roles import ACCOUNTANT, OWNER, PERMISSIONS, STAFF
from backoffice.scoping import business_scope
from tests.builders import make_business, make_order, make_user

pytestmark = pytest.mark.django_db


def test_migrate_leaves_the_roles_and_nobody_who_could_log_in():
    assert set(Group.objects.values_list("name", flat=True)) == {OWNER, ACCOUNTANT, STAFF}
    assert not User.objects.exists()


def test_seeding_the_roles_twice_takes_back_what_was_added_by_hand():
    staff = Group.objects.get(name=STAFF)
    staff.permissions.add(Permission.objects.get(codename="delete_product"))
    call_command("seed_roles", verbosity=0)
    assert staff.permissions.count() == len(set(PERMISSIONS[STAFF]))


def test_a_person_has_in_each_business_exactly_the_rights_of_the_role_there():
    books, counter = make_business(), make_business()
    user = make_user((books, ACCOUNTANT), (counter, STAFF))
    order_there, order_here = make_order(books), make_order(counter)
    with business_scope(books, counter):
        assert user.has_perm("sales.ship_order", order_here)
        assert not user.has_perm("sales.ship_order", order_there)
        assert user.has_perm("payments.match_payment", order_there)
        assert not user.has_perm("payments.match_payment", order_here)
        assert businesses_with(user, "sales.ship_order") == [counter.pk]


def test_a_right_without_a_row_counts_in_the_active_scope_only():
    ours, theirs = make_business(), make_business()
    user = make_user((ours, OWNER))
    with business_scope(ours):
        assert user.has_perm("sales.ship_order")
    with business_scope(theirs):
        assert not user.has_perm("sales.ship_order")


def test_groups_and_permissions_given_the_django_way_count_for_nothing():
    business = make_business()
    user = make_user()
    user.groups.add(Group.objects.get(name=OWNER))
    user.user_permissions.add(Permission.objects.get(codename="ship_order"))
    with business_scope(business):
        assert not user.has_perm("sales.ship_order")
        assert not user.has_module_perms("sales")


def test_a_deactivated_person_or_business_ends_every_right():
    business = make_business()
    user, gone = make_user((business, OWNER)), make_user((business, OWNER), is_active=False)
    with business_scope(business):
        assert user.has_perm("sales.ship_order")
        assert not gone.has_perm("sales.ship_order")
    business.is_active = False
    business.save()
    with business_scope(business):
        assert not User.objects.get(pk=user.pk).has_perm("sales.ship_order")
