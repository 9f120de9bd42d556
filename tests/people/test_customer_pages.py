"""Customers are shared by the businesses; what they bought is shown by scope."""

import re

import pytest
from django.urls import reverse

from backoffice.people.models import Customer
from backoffice.roles import ACCOUNTANT, STAFF
from payments.services.payments import record_cash
from tests.builders import make_business, make_customer, make_order, make_user

pytestmark = pytest.mark.django_db
LIST = reverse("admin:people_customer_changelist")
ADD = reverse("admin:people_customer_add")


@pytest.fixture
def business():
    return make_business("Ours")


@pytest.fixture
def desk(client, business):
    client.force_login(make_user((business, STAFF)))
    return client


@pytest.mark.parametrize(
    "typed",
    ["0712 345 678", "0712345678", "+254712345678", "254712345678", "712345678", "0712-345", "345 678"],
)
def test_a_phone_is_found_however_it_is_typed(desk, typed):
    make_customer(name="Wanjiru", phone="+254712345678")
    make_customer(name="Otieno", phone="+254799999999")
    text = desk.get(LIST, {"q": typed}).text
    assert "Wanjiru" in text and "Otieno" not in text


def test_a_name_is_found_by_its_parts_and_an_email_too(desk):
    make_customer(name="Mary Wanjiru Kamau", email="mary@example.com")
    for typed in ("kamau mary", "MARY@example"):
        assert "Wanjiru" in desk.get(LIST, {"q": typed}).text
    assert "Nothing found" in desk.get(LIST, {"q": "nobody"}).text


def test_the_order_form_finds_customers_by_phone_too(desk):
    customer = make_customer(name="Wanjiru", phone="+254712345678")
    asked = {"app_label": "sales", "model_name": "order", "field_name": "customer", "term": "0712 345"}
    answer = desk.get(reverse("admin:autocomplete"), asked)
    assert [each["id"] for each in answer.json()["results"]] == [str(customer.pk)]


def test_a_new_customer_needs_a_name_and_a_phone_as_people_type_it(desk):
    response = desk.post(ADD, {"name": "Akinyi", "phone": "0722 000 111", "is_active": "on"})
    assert response.status_code == 302
    customer = Customer.objects.get(name="Akinyi")
    assert str(customer.phone) == "+254722000111"
    assert customer.history.get().history_user is not None


def test_customers_may_have_no_phone_but_not_the_same_one(desk):
    for name in ("Firm one", "Firm two"):
        assert desk.post(ADD, {"name": name, "phone": "", "is_active": "on"}).status_code == 302
    other = make_customer(name="Wanjiru <b>", phone="+254712345678")
    response = desk.post(ADD, {"name": "Twice", "phone": "0712345678", "is_active": "on"})
    assert response.status_code == 200
    text = response.text
    assert "This phone belongs to" in text and "Wanjiru &lt;b&gt;" in text
    assert reverse("admin:people_customer_change", args=[other.pk]) in text
    assert not Customer.objects.filter(name="Twice").exists()


@pytest.mark.parametrize("phone", ["12", "07123", "rubbish", "+254712345678901", "<script>"])
def test_a_phone_that_cannot_exist_is_refused(desk, phone):
    response = desk.post(ADD, {"name": "Rubbish", "phone": phone, "is_active": "on"})
    assert response.status_code == 200 and "phone" in response.context["adminform"].form.errors


def test_saving_a_card_unchanged_leaves_no_history(desk):
    customer = make_customer(name="Same")
    form = {"name": "Same", "phone": str(customer.phone), "is_active": "on"}
    desk.post(reverse("admin:people_customer_change", args=[customer.pk]), form)
    assert customer.history.count() == 1


def test_staff_cannot_tie_a_card_to_a_login(desk, business):
    person, customer = make_user((business, STAFF)), make_customer()
    form = {"name": "Card", "phone": str(customer.phone), "is_active": "on", "user": person.pk}
    desk.post(reverse("admin:people_customer_change", args=[customer.pk]), form)
    customer.refresh_from_db()
    assert customer.name == "Card" and customer.user is None


def test_the_card_shows_what_was_bought_here_and_nothing_of_another_business(desk, business):
    customer = make_customer()
    ours = make_order(business, customer=customer)
    theirs = make_order(make_business("Theirs"), customer=customer)
    text = desk.get(reverse("admin:people_customer_change", args=[customer.pk])).text
    assert ours.number in text and theirs.number not in text


def test_the_card_leads_to_all_orders_and_payments_of_the_customer(desk, business):
    customer = make_customer()
    order, other = make_order(business, customer=customer), make_order(business)
    for each in (order, other):
        record_cash(each, amount=each.total_amount, by=None)
    text = desk.get(reverse("admin:people_customer_change", args=[customer.pk])).text
    found = re.findall(r'href="([^"]*customer__id__exact=[^"]*)"', text)
    assert len(found) == 2
    for link in found:
        assert [row.customer for row in desk.get(link).context["cl"].queryset] == [customer]


def test_an_accountant_reads_customers_and_does_not_write_them(client, business):
    client.force_login(make_user((business, ACCOUNTANT)))
    customer = make_customer(name="Before")
    address = reverse("admin:people_customer_change", args=[customer.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "After", "is_active": "on"}).status_code == 403
    assert client.get(ADD).status_code == 403


def test_a_customer_cannot_be_deleted(client):
    customer = make_customer()
    client.force_login(make_user(is_superuser=True))
    address = reverse("admin:people_customer_delete", args=[customer.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403


def test_the_list_costs_the_same_however_many_there_are(desk, django_assert_max_num_queries):
    for _n in range(30):
        make_customer()
    desk.get(LIST)
    with django_assert_max_num_queries(8):
        assert len(desk.get(LIST).text) < 300_000
