"""The sidebar in the words of staff: what one may open, numbers that are fresh and one's own, and search."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.navigation import NAVIGATION
from backoffice.people.models import BusinessAccess
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from sales.services.orders import confirm_order, ship_order
from tests.builders import make_business, make_customer, make_order, make_product, make_user

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")
ORDERS = reverse("admin:sales_order_changelist")
PAYMENTS = reverse("admin:payments_payment_changelist")
INBOX = reverse("admin:payments_unmatchedmoney_changelist")
SEARCH = reverse("admin:search")


@pytest.fixture(autouse=True)
def fresh_badges():
    cache.clear()


def links(client, address=HOME):
    """Return {title: (address, active, badge)} of the sidebar."""
    text = client.get(address).text
    text = text[text.index('id="nav-sidebar-apps"') :]
    found = {}
    for link, css, inside in re.findall(
        r'<a href="([^"]*)" class="flex h-\[38px\]([^"]*)">(.*?)</a>', text, re.S
    ):
        title, *badge = [word for word in re.sub(r"<[^>]*>", "\n", inside).split("\n") if word.strip()][1:]
        found[unescape(title.strip())] = (
            link,
            css.split()[-1] == "active",
            badge[0].strip() if badge else "",
        )
    return found


@pytest.mark.parametrize(
    ("role", "missing"),
    [
        (STAFF, {"People", "Businesses", "Deliveries", "Provider accounts", "Reconciliation"}),
        (ACCOUNTANT, {"People", "Provider accounts"}),
        (OWNER, set()),
    ],
)
def test_each_role_sees_what_it_may_open_and_can_open_what_it_sees(client, role, missing):
    client.force_login(make_user((make_business(), role)))
    every = {str(each["title"]) for _title, items in NAVIGATION for each in items}
    shown = links(client)
    assert set(shown) == every - missing
    for title, (link, _active, _badge) in shown.items():
        assert client.get(link).status_code == 200, title


def test_who_has_no_role_sees_today_only(client):
    client.force_login(make_user())
    assert set(links(client)) == {"Today"}


def test_the_entry_of_the_page_one_is_on_is_marked_and_only_that(client):
    client.force_login(make_user((make_business(), OWNER)))
    for address, title in (
        (HOME, "Today"),
        (ORDERS, "Orders"),
        (reverse("admin:sales_order_add"), "Orders"),
        (PAYMENTS, "Payments"),
        (INBOX + "?shortcut=unmatched", "Money inbox"),
        (PAYMENTS + "?shortcut=failed", "Payments"),
        (reverse("admin:inventory_stocklevel_changelist") + "?shortcut=low", "Low stock"),
    ):
        assert [name for name, (_, active, _) in links(client, address).items() if active] == [title]


def test_a_number_shows_what_waits_and_is_hidden_when_nothing_does(client):
    business = make_business()
    client.force_login(make_user((business, STAFF)))
    assert links(client)["Orders"][2] == ""
    cache.clear()
    confirm_order(make_order(business), by=None)
    assert links(client)["Orders"][2] == "1"


def test_numbers_are_kept_for_a_moment_and_cost_no_query_meanwhile(client):
    business = make_business()
    client.force_login(make_user((business, STAFF)))
    address = reverse("admin:people_customer_changelist")
    with CaptureQueriesContext(connection) as cold:
        client.get(address)
    with CaptureQueriesContext(connection) as warm:
        client.get(address)
    assert len(warm) <= len(cold) - 2
    confirm_order(make_order(business), by=None)
    assert links(client)["Orders"][2] == ""
    cache.clear()  # half a minute later
    assert links(client)["Orders"][2] == "1"


def test_numbers_are_those_of_the_person_and_the_business_shown(client):
    first, second = make_business(), make_business()
    confirm_order(make_order(first), by=None)
    confirm_order(make_order(second), by=None)
    client.force_login(make_user((first, OWNER), (second, OWNER)))
    assert links(client)["Orders"][2] == "2"
    client.post(reverse("switch_business"), {"business": first.pk})
    assert links(client)["Orders"][2] == "1"
    client.force_login(make_user((make_business(), OWNER)))
    assert links(client)["Orders"][2] == ""


def test_a_shipped_order_no_longer_waits(client):
    business = make_business()
    order = make_order(business)
    confirm_order(order, by=None)
    ship_order(order, by=None)
    client.force_login(make_user((business, STAFF)))
    assert links(client)["Orders"][2] == ""


# Search


def found(client, term, **more):
    return client.get(SEARCH, {"s": term, "extended": 1, **more}).text


def test_search_finds_orders_products_customers_and_pages(client):
    business = make_business(code="MAJI")
    order = make_order(business, customer=make_customer(name="Wanjiru Kamau", phone="+254712345678"))
    make_product(business, name="Hand pump", sku="PUMP-1")
    client.force_login(make_user((business, STAFF)))
    assert reverse("admin:sales_order_change", args=[order.pk]) in found(client, order.number)
    assert "Hand pump" in found(client, "pump-1") and "Hand pump" in found(client, "hand")
    for typed in ("wanjiru", "0712 345 678", "+254712345678"):
        assert "Wanjiru Kamau" in found(client, typed), typed
    assert INBOX in found(client, "inbox")


def test_search_shows_at_most_ten_of_a_kind(client):
    business = make_business()
    for n in range(15):
        make_product(business, stock=0, name=f"Bucket {n}")
    client.force_login(make_user((business, STAFF)))
    assert found(client, "bucket").count("<li") == 10


def test_search_never_shows_another_business(client):
    ours, theirs = make_business(), make_business()
    make_product(theirs, name="Canary seed")
    order = make_order(theirs)
    client.force_login(make_user((ours, OWNER)))
    assert "Canary" not in found(client, "canary")
    assert order.number not in found(client, order.number)


def test_search_forgets_at_once_what_one_may_no_longer_see(client):
    first, second = make_business(), make_business()
    make_product(first, name="Canary seed")
    user = make_user((first, OWNER), (second, OWNER))
    client.force_login(user)
    assert "Canary" in found(client, "canary")
    client.post(reverse("switch_business"), {"business": second.pk})
    assert "Canary" not in found(client, "canary")
    client.post(reverse("switch_business"), {"business": ""})
    assert "Canary" in found(client, "canary")
    BusinessAccess._base_manager.filter(user=user, business=first).delete()
    assert "Canary" not in found(client, "canary")


def test_search_asks_for_a_login_and_survives_rubbish(client):
    assert client.get(SEARCH, {"s": "x"}).status_code == 302
    client.force_login(make_user((make_business(), OWNER)))
    for rubbish in (
        "",
        " ",
        "\x00",
        "'\"<script>",
        "%",
        "_",
        "a" * 5000,
        "((((",
        "0" * 40,
        "😀",
    ):
        response = client.get(SEARCH, {"s": rubbish, "extended": 1, "page": "999999"})
        assert response.status_code == 200
        assert "<script>" not in response.text


def test_who_has_no_role_finds_nothing(client):
    make_product(make_business(), name="Canary seed")
    make_customer(name="Canary bird")
    client.force_login(make_user())
    assert "Canary" not in found(client, "canary")


# Look


def test_the_demo_says_that_it_is_one(client, settings):
    client.force_login(make_user((make_business(), OWNER)))
    assert ">\n\nDemo\n<" not in client.get(HOME).text
    settings.DEMO = True
    assert re.search(r">\s*Demo\s*<", client.get(HOME).text)


def test_every_name_in_the_sidebar_and_of_a_card_can_be_imported():
    from django.utils.module_loading import import_string

    names = [each["badge"] for _title, items in NAVIGATION for each in items if each["badge"]]
    for name in [*names, *settings.DASHBOARD_CARDS]:
        assert callable(import_string(name))
