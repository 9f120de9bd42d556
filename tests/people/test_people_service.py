"""People are added with a role, changed by those above them, and never deleted."""

import pytest

from backoffice.errors import RuleBroken
from backoffice.people.models import BusinessAccess, User
from backoffice.people.services.people import add_person, change_person, may_change_person, set_password
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from tests.builders import give_role, make_business, make_user

pytestmark = pytest.mark.django_db
GOOD = "a long enough password"


def test_a_new_person_may_log_in_with_a_role_and_a_username_made_of_the_email():
    business = make_business()
    owner = make_user((business, OWNER))
    person = add_person(
        email="Wanjiru@Example.com",
        password=GOOD,
        business=business,
        role=STAFF,
        first_name="Wanjiru",
        by=owner,
    )
    assert (person.email, person.username, person.is_staff) == ("wanjiru@example.com", "wanjiru", True)
    assert person.check_password(GOOD) and not person.is_superuser
    assert BusinessAccess._base_manager.get(user=person).role.name == STAFF
    assert person.history.latest().history_user == owner


def test_two_people_of_one_mailbox_name_get_two_usernames():
    first = add_person(email="amina@example.com", password=GOOD, by=None)
    second = add_person(email="amina@example.org", password=GOOD, by=None)
    assert (first.username, second.username) == ("amina", "amina2")


@pytest.mark.parametrize(
    "said",
    [
        {"role": OWNER},
        {"role": ""},
        {"business": None},
        {"password": "short"},
        {"password": "123456789012345"},
    ],
)
def test_an_owner_cannot_add_a_person_above_him_without_business_or_with_a_weak_password(said):
    business = make_business()
    owner = make_user((business, OWNER))
    values = {"email": "new@example.com", "password": GOOD, "business": business, "role": STAFF, **said}
    with pytest.raises(RuleBroken):
        add_person(by=owner, **values)
    assert not User.objects.filter(email="new@example.com").exists()


def test_an_email_is_used_once_in_whatever_case():
    business = make_business()
    owner = make_user((business, OWNER))
    make_user(email="baraka@example.com")
    with pytest.raises(RuleBroken, match="can log in already"):
        add_person(email="BARAKA@example.com", password=GOOD, business=business, role=STAFF, by=owner)


def test_an_owner_may_change_only_those_below_him_in_all_their_businesses():
    ours, theirs = make_business(), make_business()
    owner = make_user((ours, OWNER))
    assert may_change_person(owner, make_user((ours, STAFF)))
    assert may_change_person(owner, make_user((ours, ACCOUNTANT)))
    assert not may_change_person(owner, owner)
    assert not may_change_person(owner, make_user((ours, OWNER)))
    assert not may_change_person(owner, make_user((ours, STAFF), (theirs, STAFF)))
    assert not may_change_person(owner, make_user((ours, STAFF), is_superuser=True))
    assert not may_change_person(owner, make_user())


@pytest.mark.parametrize("role", [STAFF, ACCOUNTANT])
def test_nobody_but_owners_and_administrators_changes_people(role):
    business = make_business()
    assert not may_change_person(make_user((business, role)), make_user((business, STAFF)))


@pytest.mark.parametrize("field", ["is_staff", "is_superuser", "email", "username", "password"])
def test_an_owner_changes_names_and_active_and_nothing_else(field):
    business = make_business()
    owner, person = make_user((business, OWNER)), make_user((business, STAFF), is_staff=False)
    change_person(person, by=owner, first_name="Njeri", is_active=False)
    person.refresh_from_db()
    assert (person.first_name, person.is_active) == ("Njeri", False)
    before = getattr(person, field)
    with pytest.raises(RuleBroken, match="Only an administrator"):
        change_person(person, by=owner, **{field: True})
    person.refresh_from_db()
    assert getattr(person, field) == before


def test_saving_nothing_new_leaves_no_history():
    person = make_user(first_name="Otieno")
    n = person.history.count()
    change_person(person, by=None, first_name="Otieno")
    assert person.history.count() == n


@pytest.mark.parametrize("field", ["is_active", "is_staff", "is_superuser"])
def test_an_administrator_cannot_lock_himself_out(field):
    boss = make_user(is_superuser=True)
    with pytest.raises(RuleBroken, match="lock yourself out"):
        change_person(boss, by=boss, **{field: False})


def test_a_new_password_works_leaves_history_and_is_not_in_it():
    business = make_business()
    owner, person = make_user((business, OWNER)), make_user((business, STAFF))
    set_password(person, password=GOOD, by=owner)
    person.refresh_from_db()
    assert person.check_password(GOOD)
    last = person.history.latest()
    assert (last.history_user, last.history_change_reason) == (owner, "new password")
    assert not hasattr(last, "password")


def test_nobody_sets_the_password_of_somebody_above_him():
    business = make_business()
    owner = make_user((business, OWNER))
    for person in (make_user((business, OWNER)), make_user(is_superuser=True)):
        with pytest.raises(RuleBroken):
            set_password(person, password=GOOD, by=owner)
        person.refresh_from_db()
        assert not person.check_password(GOOD)


def test_a_person_of_a_second_business_is_out_of_reach_of_the_first_owner():
    ours, theirs = make_business(), make_business()
    owner, person = make_user((ours, OWNER)), make_user((ours, STAFF))
    give_role(person, theirs, STAFF)
    with pytest.raises(RuleBroken, match="rank below you in all their businesses"):
        set_password(person, password=GOOD, by=owner)
