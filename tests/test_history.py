"""The history page of a row: who changed what, when and why, in words."""

import pytest
from django.urls import reverse

from backoffice.people.services.people import change_person
from backoffice.roles import OWNER, STAFF
from inventory.models import StockMovement
from inventory.services.prices import change_price
from sales.services.orders import cancel_order, confirm_order
from tests.builders import make_business, make_order, make_product, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def business():
    return make_business()


@pytest.fixture
def owner(client, business):
    user = make_user((business, OWNER), first_name="Wanjiru")
    client.force_login(user)
    return user


def history(client, row):
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_history", args=[row.pk])
    response = client.get(address)
    assert response.status_code == 200
    rows = response.context["page_obj"].object_list
    told = [
        {
            change["field"]: (change["old"], change["new"])
            for change in getattr(row, "history_delta_changes", [])
        }
        for row in rows
    ]
    return response.text, told


def test_an_order_tells_of_its_statuses_although_no_form_shows_them(client, business, owner):
    order = make_order(business, by=owner)
    confirm_order(order, by=owner, reason="rings on Monday")
    cancel_order(order, by=None, reason="never rang")
    text, told = history(client, order)
    assert told[0]["Status"] == ("Confirmed", "Cancelled")
    assert told[1]["Status"] == ("Pending", "Confirmed")
    assert "the system" in text and "Wanjiru" in text and "rings on Monday" in text
    assert "updated" not in text.lower()


def test_a_price_change_says_old_new_and_why(client, business, owner):
    product = make_product(business, price=100)
    change_price(product, price=1250, reason="the supplier asks more", by=owner)
    text, told = history(client, product)
    assert told[0] == {"Price": ("100.00", "1,250.00")}
    assert "the supplier asks more" in text


def test_a_person_is_told_of_in_words(client, business, owner):
    person = make_user((business, STAFF), first_name="Otieno")
    change_person(person, by=owner, first_name="<b>O", is_active=False)
    text, told = history(client, person)
    assert told[0] == {"First name": ("Otieno", "<b>O"), "Active": ("yes", "no")}
    assert "<b>O" not in text and "&lt;b&gt;O" in text


def test_a_long_history_costs_few_queries(client, business, owner, django_assert_max_num_queries):
    product = make_product(business)
    for price in range(30):
        change_price(product, price=price, reason="again", by=owner)
    history(client, product)
    with django_assert_max_num_queries(12):
        history(client, product)


def test_a_version_says_of_when_it_is_and_offers_nothing_to_press(client, business, owner):
    order = make_order(business, by=owner)
    version = order.history.first()
    address = reverse("admin:sales_order_simple_history", args=[order.pk, version.pk])
    text = client.get(address).text
    assert "This is how it was on" in text and "As it is now" in text
    assert "_save" not in text and "do-cancel" not in text
    assert client.post(address, {}).status_code == 403


def test_an_append_only_row_has_no_button_to_a_history_it_does_not_keep(client, business, owner):
    movement = StockMovement._base_manager.filter(product=make_product(business)).get()
    order = make_order(business)
    assert b"/history/" not in client.get(change_page(movement)).content
    assert b"/history/" in client.get(change_page(order)).content


def change_page(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
