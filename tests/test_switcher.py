"""The switcher: in which business one works, always in sight, and nothing of the others meanwhile."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from backoffice.roles import OWNER, STAFF
from tests.builders import make_business, make_order, make_user

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")
SWITCH = reverse("switch_business")
ORDERS = reverse("admin:sales_order_changelist")


@pytest.fixture
def two():
    return make_business("Maji Safi", colour="#0e7490"), make_business("Duka Bora", colour="#c2410c")


@pytest.fixture
def owner(client, two):
    user = make_user(*((business, OWNER) for business in two))
    client.force_login(user)
    return user


def test_the_switcher_names_ones_businesses_and_no_others(client, two, owner):
    make_business("Stranger Ltd")
    text = client.get(HOME).text
    assert "All my businesses" in text and "Stranger Ltd" not in text
    assert all(business.name in text for business in two)


def test_choosing_a_business_shows_its_rows_only_until_all_are_chosen_again(client, two, owner):
    first, second = (make_order(business) for business in two)
    client.post(SWITCH, {"business": two[0].pk})
    text = client.get(ORDERS).text
    assert first.number in text and second.number not in text
    assert f"--business: {two[0].colour}" in text
    client.post(SWITCH, {"business": ""})
    text = client.get(ORDERS).text
    assert first.number in text and second.number in text


def test_a_row_of_the_other_business_is_not_there_while_one_is_chosen(client, two, owner):
    order = make_order(two[1])
    client.post(SWITCH, {"business": two[0].pk})
    response = client.get(reverse("admin:sales_order_change", args=[order.pk]))
    assert response.status_code in (302, 404) and order.number not in response.text


def test_the_page_of_a_row_shows_the_band_of_its_own_business(client, two, owner):
    order = make_order(two[1])
    text = client.get(reverse("admin:sales_order_change", args=[order.pk])).text
    band = text[text.index('class="business-bar') :][:200]
    assert two[1].colour in band
    assert "you are looking at all your businesses" in text


@pytest.mark.parametrize(
    "choice", ["rubbish", "00000000-0000-0000-0000-000000000000", "'; DROP TABLE", "\x00"]
)
def test_rubbish_or_another_business_means_all_of_ones_own(client, two, owner, choice):
    client.post(SWITCH, {"business": two[0].pk})
    assert client.post(SWITCH, {"business": choice}).status_code == 302
    assert "all your businesses" in client.get(HOME).text


def test_a_business_of_somebody_else_cannot_be_chosen(client, two, owner):
    stranger = make_business("Stranger Ltd")
    client.post(SWITCH, {"business": stranger.pk})
    order = make_order(stranger)
    assert order.number not in client.get(ORDERS).text


@pytest.mark.parametrize(
    ("came_from", "goes_to"),
    [
        (ORDERS, ORDERS),
        (ORDERS + "?status__exact=paid&p=3", ORDERS),
        (ORDERS + "0190-some-order/change/", ORDERS),
        (HOME, HOME),
        ("/admin/search/", HOME),
        ("/admin/sales/nothing/", HOME),
        ("/media/products/x.png", HOME),
        ("//evil.example/admin/sales/order/", HOME),
        ("", HOME),
    ],
)
def test_switching_leads_back_to_the_list_one_came_from(client, two, owner, came_from, goes_to):
    referer = f"http://testserver{came_from}" if came_from.startswith("/") else came_from
    response = client.post(SWITCH, {"business": two[0].pk}, headers={"referer": referer})
    assert response.url == goes_to


def test_switching_never_leads_to_another_site(client, two, owner):
    for referer in ("https://evil.example/admin/sales/order/", "javascript:alert(1)", "http://[bad"):
        response = client.post(SWITCH, {"business": ""}, headers={"referer": referer})
        assert response.status_code == 302
        assert response.url.startswith("/admin/") and "//" not in response.url


def test_switching_is_a_post_with_a_token(two, owner, client):
    from django.test import Client

    assert client.get(SWITCH).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert strict.post(SWITCH, {"business": two[0].pk}).status_code == 403


def test_who_has_one_business_sees_its_name_and_no_switcher(client, two):
    client.force_login(make_user((two[0], STAFF)))
    text = client.get(HOME).text
    assert two[0].name in text and 'class="switcher"' not in text


def test_who_is_not_logged_in_cannot_choose_and_leaves_no_session(client, two):
    client.logout()
    assert client.post(SWITCH, {"business": two[0].pk}).status_code == 302
    assert not client.cookies and not Session.objects.exists()


def test_a_role_taken_away_ends_the_choice_at_once(client, two, owner):
    client.post(SWITCH, {"business": two[0].pk})
    order = make_order(two[0])
    owner.accesses.model.objects.with_scopes_disabled().filter(business=two[0]).delete()
    assert order.number not in client.get(ORDERS).text
