"""A business and its settings: owners change their own, administrators add, open and close."""

import pytest
from django.urls import reverse

from backoffice.errors import RuleBroken
from backoffice.people.models import Business
from backoffice.people.services.businesses import save_business
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from tests.builders import make_business, make_order, make_user

pytestmark = pytest.mark.django_db
LIST = reverse("admin:people_business_changelist")


def change_page(business):
    return reverse("admin:people_business_change", args=[business.pk])


def form_of(business, **values):
    names = ("name", "code", "kind", "colour", "currency", "time_zone", "default_reorder_level")
    names += ("second_person_above",)
    return {**{name: getattr(business, name) for name in names}, **values}


def test_an_owner_changes_the_settings_of_his_business_and_history_says_so(client):
    business = make_business()
    owner = make_user((business, OWNER))
    client.force_login(owner)
    response = client.post(change_page(business), form_of(business, phone="0712 345 678", colour="#123456"))
    assert response.status_code == 302
    business.refresh_from_db()
    assert (str(business.phone), business.colour) == ("+254712345678", "#123456")
    assert business.history.latest().history_user == owner


def test_an_owner_neither_adds_nor_closes_nor_sees_another_business(client):
    ours, theirs = make_business("Ours"), make_business("Theirs")
    client.force_login(make_user((ours, OWNER)))
    assert client.get(reverse("admin:people_business_add")).status_code == 403
    assert "Theirs" not in client.get(LIST).text
    assert client.get(change_page(theirs)).status_code == 302
    client.post(change_page(theirs), form_of(theirs, name="Taken"))
    client.post(change_page(ours), form_of(ours))  # without is_active: as if the box were not ticked
    ours.refresh_from_db(), theirs.refresh_from_db()
    assert ours.is_active and theirs.name == "Theirs"


@pytest.mark.parametrize(("role", "sees"), [(ACCOUNTANT, 200), (STAFF, 403)])
def test_an_accountant_reads_the_settings_and_staff_do_not(client, role, sees):
    business = make_business()
    client.force_login(make_user((business, role)))
    assert client.get(change_page(business)).status_code == sees
    assert client.post(change_page(business), form_of(business, name="Changed")).status_code == 403


def test_code_and_currency_stay_once_there_are_orders(client):
    business = make_business(code="WATER")
    owner = make_user((business, OWNER))
    client.force_login(owner)
    client.post(change_page(business), form_of(business, code="AQUA"))
    business.refresh_from_db()
    assert business.code == "AQUA"
    make_order(business)
    client.post(change_page(business), form_of(business, code="OTHER", currency="USD"))
    business.refresh_from_db()
    assert (business.code, business.currency) == ("AQUA", "KES")
    business.currency = "USD"
    with pytest.raises(RuleBroken, match="There are orders already"):
        save_business(business, by=owner)


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_zone": "Mars/Olympus"},
        {"colour": "red"},
        {"colour": "#ffffff"},
        {"currency": "XXX"},
        {"code": "with space"},
        {"mpesa_till_number": "12"},
        {"phone": "12"},
        {"default_reorder_level": "-1"},
        {"name": ""},
    ],
)
def test_rubbish_settings_are_refused(client, wrong):
    business = make_business()
    client.force_login(make_user((business, OWNER)))
    response = client.post(change_page(business), form_of(business, **wrong))
    assert response.status_code == 200 and response.context["adminform"].form.errors
    assert business.history.count() == 1


def test_an_administrator_adds_the_first_business(client):
    client.force_login(make_user(is_superuser=True))
    assert "Add the first business" in client.get(reverse("admin:index")).text
    values = form_of(Business(name="Maji", code="MAJI"), is_active="on")
    assert client.post(reverse("admin:people_business_add"), values).status_code == 302
    assert Business.objects.get(code="MAJI").is_active


def test_an_administrator_still_finds_a_closed_business_and_opens_it_again(client):
    business = make_business("Closed", is_active=False)
    client.force_login(make_user(is_superuser=True))
    assert "Closed" in client.get(LIST).text
    client.post(change_page(business), form_of(business, is_active="on"))
    business.refresh_from_db()
    assert business.is_active


def test_a_business_cannot_be_deleted(client):
    business = make_business()
    client.force_login(make_user(is_superuser=True))
    address = reverse("admin:people_business_delete", args=[business.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
