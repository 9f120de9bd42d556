"""Roles are given from above, in one's own business, and never to oneself."""

import pytest

from backoffice.errors import RuleBroken
from backoffice.people.models import BusinessAccess
from backoffice.people.services.access import grant_access, grantable_roles, revoke_access
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from tests.builders import give_role, make_business, make_user

pytestmark = pytest.mark.django_db


def role_of(person, business):
    access = BusinessAccess._base_manager.filter(user=person, business=business).first()
    return access and access.role.name


def test_an_owner_may_give_the_roles_below_his_own_and_nobody_else_any():
    business = make_business()
    owner, accountant = make_user((business, OWNER)), make_user((business, ACCOUNTANT))
    assert grantable_roles(owner, business) == [STAFF, ACCOUNTANT]
    assert grantable_roles(accountant, business) == []
    assert grantable_roles(make_user((make_business(), OWNER)), business) == []
    assert grantable_roles(make_user(is_superuser=True), business) == [STAFF, ACCOUNTANT, OWNER]


def test_a_granted_role_replaces_the_one_before_and_history_says_who():
    business = make_business()
    owner, person = make_user((business, OWNER)), make_user((business, STAFF))
    access = grant_access(person, business=business, role=ACCOUNTANT, by=owner)
    assert role_of(person, business) == ACCOUNTANT
    assert access.history.latest().history_user == owner
    assert BusinessAccess._base_manager.filter(user=person).count() == 1


def test_granting_the_same_role_again_leaves_no_trace():
    business = make_business()
    owner, person = make_user((business, OWNER)), make_user()
    grant_access(person, business=business, role=STAFF, by=owner)
    access = grant_access(person, business=business, role=STAFF, by=owner)
    assert access.history.count() == 1


@pytest.mark.parametrize("role", [OWNER, "Manager", "", None])
def test_an_owner_cannot_give_his_own_rank_or_a_role_that_does_not_exist(role):
    business = make_business()
    owner, person = make_user((business, OWNER)), make_user()
    with pytest.raises(RuleBroken):
        grant_access(person, business=business, role=role, by=owner)
    assert role_of(person, business) is None


def test_an_owner_cannot_touch_another_owner_himself_or_an_administrator():
    business = make_business()
    owner, other = make_user((business, OWNER)), make_user((business, OWNER))
    for person in (owner, other, make_user(is_superuser=True)):
        before = role_of(person, business)
        with pytest.raises(RuleBroken):
            grant_access(person, business=business, role=STAFF, by=owner)
        assert role_of(person, business) == before


def test_an_owner_has_no_say_in_another_business():
    ours, theirs = make_business(), make_business()
    owner, person = make_user((ours, OWNER), (theirs, STAFF)), make_user((theirs, STAFF))
    with pytest.raises(RuleBroken, match="You do not manage the people"):
        grant_access(person, business=theirs, role=STAFF, by=owner)
    with pytest.raises(RuleBroken):
        revoke_access(BusinessAccess._base_manager.get(user=person), by=owner)


def test_an_owner_takes_a_role_away_and_its_history_stays():
    business = make_business()
    owner, person = make_user((business, OWNER)), make_user()
    access = give_role(person, business, STAFF)
    revoke_access(access, by=owner)
    assert role_of(person, business) is None
    last = BusinessAccess.history.filter(user=person).latest()
    assert (last.history_type, last.history_user, last.history_change_reason) == ("-", owner, "revoked")


def test_an_owner_cannot_take_away_his_own_role_or_that_of_another_owner():
    business = make_business()
    owner, other = make_user((business, OWNER)), make_user((business, OWNER))
    for person in (owner, other):
        with pytest.raises(RuleBroken):
            revoke_access(BusinessAccess._base_manager.get(user=person), by=owner)
