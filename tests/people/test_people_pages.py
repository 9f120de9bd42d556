"""The pages of people: who is seen, who is changed, and that nobody climbs."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from backoffice.people.models import BusinessAccess, User
from backoffice.roles import ACCOUNTANT, OWNER, RANKS, STAFF
from tests.builders import make_business, make_user

pytestmark = pytest.mark.django_db
GOOD = "a long enough password"
PEOPLE = reverse("admin:people_user_changelist")

# Everything that would raise somebody, sent along with every form.
MORE_RIGHTS = {
    "is_staff": "on",
    "is_superuser": "on",
    "groups": ["1", "2", "3"],
    "user_permissions": ["1", "2", "3"],
    "password": "pbkdf2_sha256$stolen",
    "username": "root",
    "_save": "Save",
}


def page(name, *args):
    return reverse(f"admin:people_{name}", args=args)


def rights():
    """Everybody's rights, to compare before with after."""
    fields = ("pk", "is_staff", "is_superuser", "is_active", "email", "username")
    return (
        list(User.objects.order_by("pk").values_list(*fields)),
        list(User.groups.through.objects.values_list("user_id", "group_id")),
        list(User.user_permissions.through.objects.values_list("user_id", "permission_id")),
        list(BusinessAccess._base_manager.order_by("pk").values_list("user", "business", "role")),
    )


@pytest.fixture
def house():
    """Two businesses; everybody of ours, and an owner of theirs."""
    ours, theirs = make_business("Ours"), make_business("Theirs")
    return {
        "ours": ours,
        "theirs": theirs,
        "owner": make_user((ours, OWNER), first_name="Olivia"),
        "other owner": make_user((ours, OWNER), first_name="Otto"),
        "accountant": make_user((ours, ACCOUNTANT), first_name="Achieng"),
        "staff": make_user((ours, STAFF), first_name="Sam"),
        "shared": make_user((ours, STAFF), (theirs, STAFF), first_name="Shared"),
        "stranger": make_user((theirs, OWNER), first_name="Stranger"),
        "nobody": make_user(first_name="Nobody"),
        "boss": make_user(is_superuser=True, first_name="Boss"),
    }


def new_person(house, **values):
    return {
        "email": "new@example.com",
        "first_name": "New",
        "last_name": "",
        "business": house["ours"].pk,
        "role": STAFF,
        "password1": GOOD,
        "password2": GOOD,
        **values,
    }


def test_an_owner_sees_the_people_of_his_business_and_no_administrator(client, house):
    client.force_login(house["owner"])
    text = client.get(PEOPLE).text
    for name in ("owner", "other owner", "accountant", "staff", "shared"):
        assert house[name].email in text
    for name in ("stranger", "nobody", "boss"):
        assert house[name].email not in text


def test_an_owner_does_not_see_which_role_somebody_has_elsewhere(client, house):
    client.force_login(house["owner"])
    for address in (PEOPLE, page("user_change", house["shared"].pk)):
        assert "Theirs" not in client.get(address).text


@pytest.mark.parametrize("whom", ["stranger", "nobody", "boss"])
@pytest.mark.parametrize("name", ["change", "history", "delete", "do-set-password", "do-grant-access"])
def test_pages_of_people_one_may_not_see_are_not_there(client, house, whom, name):
    client.force_login(house["owner"])
    address = f"{PEOPLE}{house[whom].pk}/{name}/"
    for response in (client.get(address), client.post(address, {"password1": GOOD, "password2": GOOD})):
        assert response.status_code in (302, 403, 404)
        assert house[whom].email not in response.text
    house[whom].refresh_from_db()
    assert not house[whom].check_password(GOOD)


def test_an_owner_adds_a_person_who_can_log_in_at_once(client, house):
    client.force_login(house["owner"])
    response = client.post(page("user_add"), {**new_person(house), **MORE_RIGHTS})
    assert response.status_code == 302, response.context["errors"]
    person = User.objects.get(email="new@example.com")
    assert (person.is_staff, person.is_superuser, person.username) == (True, False, "new")
    assert not person.groups.exists() and not person.user_permissions.exists()
    assert BusinessAccess._base_manager.get(user=person).role.name == STAFF
    client.logout()
    assert client.login(username="NEW@example.com", password=GOOD)
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"role": OWNER}, "valid choice"),
        ({"role": ""}, "required"),
        ({"password2": "something else"}, "differ"),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"email": "rubbish"}, "valid email"),
        ({"email": ""}, "required"),
    ],
)
def test_a_bad_new_person_is_refused_with_a_reason(client, house, wrong, says):
    client.force_login(house["owner"])
    before = rights()
    response = client.post(page("user_add"), new_person(house, **wrong))
    assert response.status_code == 200
    assert says in response.text
    assert rights() == before


def test_an_owner_cannot_add_people_to_another_business(client, house):
    client.force_login(house["owner"])
    before = rights()
    client.post(page("user_add"), new_person(house, business=house["theirs"].pk))
    assert rights() == before


@pytest.mark.parametrize(
    "who", ["owner", "other owner", "accountant", "staff", "shared", "stranger", "nobody"]
)
def test_nobody_can_raise_his_own_or_anothers_rights(client, house, who):
    """Each role sends every right to every people page; nothing may change but what the owner may do."""
    client.force_login(house[who])
    before = rights()
    for whom in (person for name, person in house.items() if name not in ("ours", "theirs")):
        higher = {"role": OWNER, "business": house["ours"].pk, "user": whom.pk}
        form = {"first_name": whom.first_name, "last_name": "", "is_active": "on", "email": whom.email}
        accesses = BusinessAccess._base_manager.filter(user=whom)
        role = {**higher, "role": owner_role()}
        for address, data in (
            (page("user_change", whom.pk), {**form, **MORE_RIGHTS, **higher}),
            (f"/admin/people/user/{whom.pk}/do-grant-access/", {**higher, **MORE_RIGHTS}),
            (page("user_history", whom.pk), {**form, **MORE_RIGHTS}),
            (page("user_delete", whom.pk), {"post": "yes"}),
            (page("businessaccess_add"), {**role, **MORE_RIGHTS}),
            *(
                (page("businessaccess_change", access.pk), {**role, **MORE_RIGHTS})
                for access in owners(accesses)
            ),
            *((page("businessaccess_delete", access.pk), {"post": "yes"}) for access in owners(accesses)),
            (PEOPLE, {"action": "delete_selected", "_selected_action": [whom.pk], "post": "yes"}),
        ):
            assert client.post(address, data).status_code < 500, address
    assert rights() == before


def owners(accesses):
    return [access for access in accesses.select_related("role") if access.role.name == OWNER]


def owner_role():
    return Group.objects.get(name=OWNER).pk


def test_control_without_the_rule_of_ranks_an_owner_could_raise_anybody(client, house, monkeypatch):
    """The same request as above, with the rule switched off: the test above would see it."""
    for module in ("people.services.access", "people.admin.forms"):
        monkeypatch.setattr(f"backoffice.{module}.grantable_roles", lambda by, business: RANKS)
    client.force_login(house["owner"])
    address = f"{PEOPLE}{house['staff'].pk}/do-grant-access/"
    client.post(address, {"business": house["ours"].pk, "role": OWNER})
    assert BusinessAccess._base_manager.get(user=house["staff"]).role.name == OWNER


def test_roles_are_taken_from_many_at_once_by_the_same_rule(client, house):
    client.force_login(house["owner"])
    before = rights()
    every = [str(pk) for pk in BusinessAccess._base_manager.values_list("pk", flat=True)]
    data = {"action": "delete_selected", "_selected_action": every, "post": "yes"}
    assert client.post(page("businessaccess_changelist"), data).status_code < 500
    assert rights() == before
    below = BusinessAccess._base_manager.filter(user__in=[house["staff"], house["accountant"]])
    data["_selected_action"] = [str(access.pk) for access in below]
    client.post(page("businessaccess_changelist"), data)
    assert not below.all().exists()
    assert BusinessAccess.history.filter(history_type="-", history_user=house["owner"]).count() == 2


@pytest.mark.parametrize("who", ["accountant", "staff", "nobody"])
def test_people_are_no_business_of_those_without_the_right(client, house, who):
    client.force_login(house[who])
    for address in (PEOPLE, page("user_add"), page("user_change", house["staff"].pk)):
        assert client.get(address).status_code in (302, 403)


def test_an_owner_renames_and_deactivates_his_staff(client, house):
    client.force_login(house["owner"])
    person = house["staff"]
    response = client.post(page("user_change", person.pk), {"first_name": "Samuel", "last_name": "K"})
    assert response.status_code == 302
    person.refresh_from_db()
    assert (person.first_name, person.is_active) == ("Samuel", False)
    assert person.history.latest().history_user == house["owner"]
    assert person.history.count() == 2


@pytest.mark.parametrize("whom", ["owner", "other owner", "shared"])
def test_an_owner_reads_but_cannot_change_himself_his_equals_and_those_who_work_elsewhere(
    client, house, whom
):
    client.force_login(house["owner"])
    address = page("user_change", house[whom].pk)
    assert client.get(address).status_code == 200
    assert client.post(address, {"first_name": "Changed"}).status_code == 403
    house[whom].refresh_from_db()
    assert house[whom].first_name != "Changed"


def test_an_owner_sets_the_password_of_his_staff_by_a_dialog(client, house):
    client.force_login(house["owner"])
    address = f"/admin/people/user/{house['staff'].pk}/do-set-password/"
    assert "differ" in client.post(address, {"password1": GOOD, "password2": "x"}).text
    assert "too short" in client.post(address, {"password1": "short", "password2": "short"}).text
    assert client.post(address, {"password1": GOOD, "password2": GOOD}).headers["HX-Redirect"]
    house["staff"].refresh_from_db()
    assert house["staff"].check_password(GOOD)


@pytest.mark.parametrize("whom", ["other owner", "shared"])
def test_the_password_dialog_refuses_for_those_not_below(client, house, whom):
    client.force_login(house["owner"])
    address = f"/admin/people/user/{house[whom].pk}/do-set-password/"
    assert client.post(address, {"password1": GOOD, "password2": GOOD}).status_code in (200, 403)
    house[whom].refresh_from_db()
    assert not house[whom].check_password(GOOD)


def test_an_owner_gives_and_takes_roles(client, house):
    client.force_login(house["owner"])
    person = house["staff"]
    address = f"/admin/people/user/{person.pk}/do-grant-access/"
    response = client.post(address, {"business": house["ours"].pk, "role": ACCOUNTANT})
    assert response.headers["HX-Redirect"]
    access = BusinessAccess._base_manager.get(user=person)
    assert access.role.name == ACCOUNTANT
    assert client.post(page("businessaccess_delete", access.pk), {"post": "yes"}).status_code == 302
    assert not BusinessAccess._base_manager.filter(user=person).exists()


def test_an_administrator_changes_everything_but_groups_and_permissions(client, house):
    client.force_login(house["boss"])
    address = page("user_change", house["staff"].pk)
    text = client.get(address).text
    assert 'name="is_superuser"' in text
    assert 'name="groups"' not in text and 'name="user_permissions"' not in text
    form = {"email": "sam@example.com", "username": "sam", "is_active": "on", "is_superuser": "on"}
    response = client.post(address, {**MORE_RIGHTS, **form})
    assert response.status_code == 302
    house["staff"].refresh_from_db()
    assert house["staff"].is_superuser and house["staff"].email == "sam@example.com"
    assert not house["staff"].groups.exists() and not house["staff"].user_permissions.exists()


def test_an_administrator_gives_the_role_of_an_owner(client, house):
    client.force_login(house["boss"])
    form = {"user": house["nobody"].pk, "business": house["ours"].pk, "role": owner_role()}
    assert client.post(page("businessaccess_add"), form).status_code == 302
    assert BusinessAccess._base_manager.get(user=house["nobody"]).role.name == OWNER


def test_people_cannot_be_deleted_even_by_an_administrator(client, house):
    client.force_login(house["boss"])
    assert client.post(page("user_delete", house["nobody"].pk), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(PEOPLE).text
    assert User.objects.filter(pk=house["nobody"].pk).exists()


def test_a_deactivated_person_is_out_at_the_next_request(client, house):
    client.force_login(house["staff"])
    assert client.get(reverse("admin:index")).status_code == 200
    User.objects.filter(pk=house["staff"].pk).update(is_active=False)
    response = client.get(reverse("admin:index"))
    assert response.status_code == 302 and "/login/" in response.url


def test_a_new_password_ends_the_open_sessions(client, house):
    client.force_login(house["staff"])
    house["staff"].set_password(GOOD)
    house["staff"].save()
    assert client.get(reverse("admin:index")).status_code == 302


def test_the_list_of_people_costs_the_same_however_many_there_are(
    client, house, django_assert_max_num_queries
):
    for n in range(30):
        make_user((house["ours"], STAFF), first_name=f"Person {n}")
    client.force_login(house["owner"])
    client.get(PEOPLE)
    with django_assert_max_num_queries(8):
        client.get(PEOPLE)
