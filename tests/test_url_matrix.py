"""Every address x every role x two businesses: what is not granted shows nothing and writes nothing."""

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from backoffice.people.backend import RoleBackend
from backoffice.roles import OWNER, PERMISSIONS, STAFF
from tests.matrix.people import ADMINISTRATOR, ANONYMOUS, FOREIGN, HOME_ROLES, PEOPLE, VIEWER, make_people
from tests.matrix.requests import QUERY, hostile_form, model_of, path_for
from tests.matrix.rows import CANARY, make_world, snapshot
from tests.matrix.table import ANY_ROLE, NOBODY, PUBLIC, RIGHTS, STAFF_LOGIN
from tests.matrix.urls import addresses

ADDRESSES = sorted(set(addresses()), key=lambda each: each.name)
# Rows that the businesses of the group share by decision.
SHARED = {"people.customer"}


@pytest.fixture
def world(db):
    home, foreign = make_world()
    for business in (home, foreign):
        name = f"products/{business.pk}/tap.png"
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(b"png"))
    return home, foreign, make_people(home, foreign)


def granted(role):
    if role != VIEWER:
        return set(PERMISSIONS[role])
    return {
        f"{p.content_type.app_label}.{p.codename}"
        for p in Group.objects.get(name=VIEWER).permissions.select_related("content_type")
    }


def may(who, right):
    """What the table says of this person and the rows of the home business."""
    if right == PUBLIC:
        return True
    if right == NOBODY or who == ANONYMOUS:
        return False
    if right == STAFF_LOGIN or who == ADMINISTRATOR:
        return True
    if right == ANY_ROLE:
        return who in HOME_ROLES
    return who in HOME_ROLES and not granted(who).isdisjoint(right)


def is_shared(address):
    """Whether somebody of another business may come here: no row is named, or its rows are shared."""
    model = model_of(address)
    return (
        not address.arity
        or address.name == "admin:app_list"
        or (model is not None and model._meta.label_lower in SHARED)
    )


def is_refused(response):
    """Sent to the login, to the start, or told no: never a page."""
    return response.status_code in (302, 403, 404, 405)


def body_of(response):
    """Read an answer to its end, which also closes the file behind a picture."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace") + str(response.headers)


def log_in(client, user):
    client.raise_request_exception = False
    if user is not None:
        client.force_login(user)


def test_the_table_has_a_row_for_every_address_and_no_other():
    assert {each.name for each in ADDRESSES} == set(RIGHTS)


@pytest.mark.parametrize("who", PEOPLE)
def test_reading_is_as_the_table_says(client, world, who):
    home, _, people = world
    log_in(client, people[who])
    wrong = []
    for address in ADDRESSES:
        if RIGHTS[address.name] == PUBLIC:
            continue
        response = client.get(path_for(address, home), QUERY.get(address.name))
        allowed = may(who, RIGHTS[address.name])
        elsewhere = FOREIGN in who and is_shared(address)
        if response.status_code >= 500 or not (
            elsewhere or is_refused(response) != allowed or is_redirect(address)
        ):
            wrong.append(f"{address.name}: {response.status_code}, allowed: {allowed}")
        text = body_of(response)
        if FOREIGN not in who and who != ADMINISTRATOR and CANARY in text:
            wrong.append(f"{address.name} shows the other business")
    assert not wrong, "\n".join(wrong)


def is_redirect(address):
    """Addresses that answer everybody by leading somewhere else, or only to a POST."""
    return address.name.endswith("_import") or address.name in {
        "admin:<path:object_id>/",
        "admin:password_change_done",
        "admin:payments_unmatchedmoney_change",
        "switch_business",
    }


@pytest.mark.parametrize("who", HOME_ROLES)
def test_rows_of_another_business_are_not_found(client, world, who):
    _, foreign, people = world
    log_in(client, people[who])
    leaks = foreign_leaks(client, foreign)
    assert not leaks, "\n".join(leaks)


def foreign_leaks(client, foreign):
    leaks = []
    for address in ADDRESSES:
        if RIGHTS[address.name] in (PUBLIC, NOBODY) or is_shared(address):
            continue
        response = client.get(path_for(address, foreign))
        text = body_of(response)
        if not is_refused(response) or CANARY in text:
            leaks.append(f"{address.name}: {response.status_code}")
    return leaks


def test_the_search_for_leaks_finds_one_when_the_scope_is_taken_away(client, world, monkeypatch):
    """The control: with scope and rights broken, the rows of the other business come to light."""
    _, foreign, people = world
    monkeypatch.setattr(
        "backoffice.scoping.accessible_businesses", lambda user: [*type(foreign).objects.all()]
    )
    monkeypatch.setattr(RoleBackend, "has_perm", lambda *args, **kwargs: True)
    monkeypatch.setattr("backoffice.admin.scope.businesses_with", lambda *args: [foreign.pk])
    log_in(client, people[STAFF])
    assert len(foreign_leaks(client, foreign)) > 20


@pytest.mark.parametrize("who", PEOPLE)
def test_writing_without_the_right_changes_nothing(client, world, who):
    home, foreign, people = world
    log_in(client, people[who])
    before, wrong = snapshot(), []
    for address in ADDRESSES:
        for business in (home, foreign):
            if can_write(who, address, business is home):
                continue
            response = client.post(path_for(address, business), hostile_form(address, business))
            body_of(response)
            if response.status_code >= 500:
                wrong.append(f"{address.name} of {business}: {response.status_code}")
    after = snapshot()
    changed = [label for label in after if after[label] != before[label]]
    assert not wrong and not changed, "\n".join([*wrong, f"changed: {changed}"])


def can_write(who, address, at_home):
    """Whether a POST may change something: not for viewers and strangers, nor on somebody else's rows."""
    right = RIGHTS[address.name]
    if right in (PUBLIC, NOBODY, STAFF_LOGIN, ANY_ROLE):
        return address.name in {"admin:password_change", "admin:logout", "admin:login"}
    if who in (ANONYMOUS, VIEWER):
        return False
    is_home = at_home != (FOREIGN in who)
    return who == ADMINISTRATOR or ((is_home or is_shared(address)) and who.split(" of the")[0] in HOME_ROLES)


@pytest.mark.parametrize("who", [STAFF, OWNER, ADMINISTRATOR])
def test_no_form_sent_with_rubbish_is_a_server_error(client, world, who):
    home, _, people = world
    log_in(client, people[who])
    broken = []
    for address in ADDRESSES:
        for form in (
            {},
            hostile_form(address, home),
            {"price": "\x00", "quantity": "9" * 40, "phone": "(", "amount": "NaN"},
        ):
            response = client.post(path_for(address, home), form)
            body_of(response)
            if response.status_code >= 500:
                broken.append(f"{address.name}: {response.status_code}")
    assert not broken, "\n".join(broken)
