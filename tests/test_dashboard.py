"""Today: what waits and what was sold, each number with the list behind it, nothing of anybody else."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.demo import clock_at
from backoffice.people.models import Business
from backoffice.periods import last_month_by_now
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from inventory.models import StockLevel
from payments.models import Payment
from payments.services.payments import record_cash
from sales.services.orders import cancel_order, confirm_order, ship_order
from tests.builders import make_business, make_order, make_product, make_user

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")
SWITCH = reverse("switch_business")
# A Wednesday, 15:00 in Nairobi and 12:00 in Accra.
NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
NUMBER = re.compile(r'<a (?:class="[^"]*" )?href="([^"]*shortcut=[^"]*)">(\d+)')


@pytest.fixture(autouse=True)
def fresh_badges():
    cache.clear()


def sell(business, price, at=NOW, by=None):
    """An order of two pieces, placed and paid in cash at a moment."""
    with clock_at(at):
        order = make_order(business, [(make_product(business, price=Decimal(price) / 2), 2)])
        record_cash(order, amount=order.total_amount, by=by)
    order.refresh_from_db()
    return order


def today(client, user=None, at=NOW, business=None):
    """The index page at a moment, for a person, after he chose a business (empty for all)."""
    with clock_at(at):
        if user:
            client.force_login(user)
        if business is not None:
            client.post(SWITCH, {"business": business and business.pk})
        response = client.get(HOME)
    assert response.status_code == 200
    return response


def card(response, title):
    """The piece of the page that belongs to a card, or None."""
    start = response.text.find(f'aria-label="{title}"')
    return response.text[start : response.text.index("</section>", start)] if start >= 0 else None


def rows_behind(client, link, at=NOW):
    with clock_at(at):
        response = client.get(unescape(link))
    assert response.status_code == 200, link
    return len(response.context["cl"].queryset)


def busy(business):
    """Something on every card; the numbers differ from card to card."""
    for _n in range(2):
        sell(business, 100)
    for _n in range(3):
        sell(business, 50, at=NOW - timedelta(days=1, hours=2))
    sell(business, 70, at=NOW - timedelta(days=1) + timedelta(hours=2))  # yesterday, but later than now
    sell(business, 500, at=NOW - timedelta(days=5))
    for _n in range(4):
        sell(business, 30, at=NOW - timedelta(days=30))
    with clock_at(NOW):
        confirm_order(make_order(business), by=None)
        order = sell(business, 900)
        ship_order(order, by=None)
        make_product(business, stock=0)
        make_product(business, stock=1)
    with clock_at(NOW - timedelta(days=2)):
        for _n in range(3):
            order = make_order(business)
            add_payment(order, status="failed", amount=7)
            add_payment(
                order, order=None, amount=11, status="successful", paid_at=NOW, transaction_id=f"U{order.pk}"
            )


def add_payment(order, /, **values):
    """A payment as the callbacks would leave it."""
    row = {
        "business": order.business,
        "customer": order.customer,
        "order": order,
        "method": "mpesa",
        "free": values["amount"] if values["status"] == "successful" else 0,
        **values,
    }
    return Payment._base_manager.create(currency=order.business.currency, **row)


def take_right(role, codename):
    group = Group.objects.get(name=role)
    group.permissions.remove(group.permissions.get(codename=codename))


def with_levels(business, reorder_level=5):
    StockLevel._base_manager.filter(business=business).update(reorder_level=reorder_level)


def test_every_number_leads_to_a_list_of_exactly_that_many_rows(client):
    ours = make_business("Ours", time_zone="Africa/Nairobi")
    ghana = make_business("Ghana", currency="GHS", time_zone="Africa/Accra")
    for business in (ours, ghana):
        busy(business)
        with_levels(business)
    sell(ghana, 10, at=NOW.replace(hour=0, minute=30))  # today in Accra, and 03:30 of today in Nairobi
    sell(
        ours, 10, at=NOW.replace(hour=0) - timedelta(hours=1)
    )  # 23:00 of yesterday in Accra, today in Nairobi
    user = make_user((ours, OWNER), (ghana, OWNER))
    for choice in ("", ours, ghana):
        numbers = NUMBER.findall(today(client, user, business=choice).text)
        assert len(numbers) >= (20 if not choice else 8)
        for link, number in numbers:
            assert rows_behind(client, link) == int(number), link


def test_the_cards_say_how_much_money_waits(client):
    business = make_business()
    busy(business)
    page = today(client, make_user((business, OWNER)))
    assert ">3<" in card(page, "Unmatched money") and "KES 33.00" in card(page, "Unmatched money")
    assert ">3<" in card(page, "Failed payments") and "KES 21.00" in card(page, "Failed payments")


def test_today_is_compared_with_yesterday_by_now_and_the_month_with_the_last_by_now(client):
    business = make_business()
    for price, before in ((100, timedelta()), (200, timedelta(hours=1))):
        sell(business, price, at=NOW - before)
    sell(business, 150, at=NOW - timedelta(days=1))  # at this very moment yesterday: not yet
    sell(business, 200, at=NOW - timedelta(days=1, minutes=1))
    sell(business, 40, at=datetime(2026, 2, 18, 11, 0, tzinfo=UTC))
    sell(business, 60, at=datetime(2026, 2, 18, 13, 0, tzinfo=UTC))  # last month, but later than now
    sell(business, 999, at=datetime(2026, 1, 31, 20, 30, tzinfo=UTC))  # January
    page = today(client, make_user((business, STAFF)))
    day, month = card(page, "Sales today"), card(page, "Sales this month")
    assert "KES 300.00" in day and "2 orders" in day
    assert "Yesterday by now: KES 200.00" in day and "+50 %" in day
    assert "KES 650.00" in month and "Last month by now: KES 40.00" in month


def test_a_day_begins_by_the_clock_of_the_business(client):
    nairobi = make_business("Nairobi", time_zone="Africa/Nairobi")
    accra = make_business("Accra", time_zone="Africa/Accra")
    late = datetime(
        2026, 3, 17, 22, 30, tzinfo=UTC
    )  # 01:30 of the 18th in Nairobi, 22:30 of the 17th in Accra
    for business in (nairobi, accra):
        sell(business, 100, at=late)
    user = make_user((nairobi, OWNER), (accra, OWNER))
    assert "1 order<" in card(today(client, user), "Sales today")
    for business, expected in ((nairobi, "1 order<"), (accra, "0 orders<")):
        assert expected in card(today(client, business=business), "Sales today")


def test_cancelled_orders_are_no_sales_and_credit_sales_count_when_they_are_paid(client):
    business = make_business()
    cancelled = sell(business, 100)
    with clock_at(NOW):
        cancel_order(cancelled, by=None)
        credit = make_order(business)
        confirm_order(credit, by=None)
        ship_order(credit, by=None)
    user = make_user((business, STAFF))
    assert "0 orders" in card(today(client, user), "Sales today")
    with clock_at(NOW):
        credit.refresh_from_db()
        record_cash(credit, amount=credit.total_amount, by=None)
    assert "1 order<" in card(today(client), "Sales today")


def test_amounts_of_two_currencies_are_never_added_up(client):
    kenya, ghana = make_business("Kenya"), make_business("Ghana", currency="GHS")
    sell(kenya, 100), sell(ghana, 30)
    page = today(client, make_user((kenya, OWNER), (ghana, OWNER)))
    sales = card(page, "Sales today")
    assert "KES 100.00" in sales and "GHS 30.00" in sales and "130.00" not in sales
    assert page.text.count('<canvas class="chart"') == 2


def test_several_businesses_are_split_and_one_alone_is_not(client):
    first, second = make_business("First"), make_business("Second")
    sell(first, 100), sell(second, 20)
    page = today(client, make_user((first, OWNER), (second, OWNER)))
    assert "KES 120.00" in card(page, "Sales today") and "KES 20.00" in card(page, "Sales today")
    page = today(client, business=first)
    assert "Second" not in card(page, "Sales today") and "KES 100.00" in card(page, "Sales today")


def test_numbers_of_another_business_are_nowhere_on_the_page(client):
    ours, theirs = make_business("Ours"), make_business("Canary Ltd", colour="#bada55")
    busy(ours)
    sell(theirs, "7777777.76")
    with clock_at(NOW):
        order = make_order(theirs)
        add_payment(order, order=None, amount=Decimal("7777777.77"), status="successful", paid_at=NOW)
        product = make_product(theirs, stock=0, name="Canary seed")
    page = today(client, make_user((ours, OWNER)))
    for canary in ("7,777,777", "7777777", "Canary", "#bada55", product.sku):
        assert canary not in page.text


def test_control_without_the_scope_the_other_business_would_show(client):
    """The same page for an administrator shows the canary: the test above can see it."""
    sell(make_business("Canary Ltd"), "7777777.76")
    page = today(client, make_user(is_superuser=True))
    assert "7,777,777.76" in page.text


def test_who_may_not_see_orders_or_payments_gets_no_card_about_them(client):
    business = make_business()
    busy(business)
    user = make_user((business, STAFF))
    take_right(STAFF, "view_payment")
    page = today(client, user)
    assert card(page, "Unmatched money") is None and card(page, "Failed payments") is None
    assert card(page, "Orders to ship") and "Unmatched money" not in page.text


def test_a_role_in_one_business_opens_no_number_of_another(client):
    """Owner here, and without any right on orders there: only the sales of here count."""
    here, there = make_business("Here"), make_business("There")
    take_right(ACCOUNTANT, "view_order")
    sell(here, 100), sell(there, 7000)
    page = today(client, make_user((here, OWNER), (there, ACCOUNTANT)))
    assert "KES 100.00" in card(page, "Sales today") and "7,000" not in page.text


def test_a_new_business_is_told_what_to_do_first(client):
    business = make_business()
    page = today(client, make_user((business, OWNER)))
    assert card(page, "Fill the catalogue") and card(page, "Take the first order")
    assert reverse("admin:inventory_product_add") in page.text
    assert reverse("admin:sales_order_add") in page.text
    assert "Nothing waits to be sent." in page.text and "<canvas" not in page.text
    make_order(business)
    page = today(client)
    assert not card(page, "Fill the catalogue") and not card(page, "Take the first order")


def test_who_has_no_role_is_told_whom_to_ask(client):
    assert "You have no role yet" in today(client, make_user()).text


def test_the_month_before_january_is_december_and_a_short_month_ends_early():
    start, end = last_month_by_now(datetime(2027, 1, 15, 9, 0, tzinfo=UTC))
    assert (start.year, start.month, start.day, end.day) == (2026, 12, 1, 15)
    start, end = last_month_by_now(datetime(2026, 3, 31, 9, 0, tzinfo=UTC))
    assert (start.month, end.month, end.day, end.hour) == (2, 2, 28, 9)


@pytest.mark.parametrize("businesses", [1, 3])
def test_the_page_takes_at_most_fifteen_queries_even_with_cold_badges(client, businesses):
    owned = [
        make_business(time_zone=zone)
        for zone in ["Africa/Nairobi", "Africa/Accra", "Africa/Lagos"][:businesses]
    ]
    for business in owned:
        busy(business)
    today(client, make_user(*((business, OWNER) for business in owned)))
    cache.clear()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        today(client)
    assert len(queries) <= 15, "\n".join(query["sql"][:150] for query in queries)


def test_the_page_of_a_busy_business_stays_light(client):
    business = make_business()
    busy(business)
    assert len(today(client, make_user((business, OWNER))).content) < 100_000


def test_the_chart_has_a_bar_for_each_of_thirty_days(client):
    business = make_business()
    (
        sell(business, 100),
        sell(business, 50, at=NOW - timedelta(days=29)),
        sell(business, 1, at=NOW - timedelta(days=30)),
    )
    page = today(client, make_user((business, OWNER)))
    data = json.loads(unescape(re.search(r'data-value="([^"]*)"', page.text)[1]))
    assert len(data["labels"]) == 30 and data["labels"][-1] == "18 Mar"
    assert (data["datasets"][0]["data"][0], data["datasets"][0]["data"][-1]) == (50, 100)
    assert sum(data["datasets"][0]["data"]) == 150


def test_a_business_with_an_odd_name_breaks_nothing(client):
    business = make_business("</script><b>\"'&")
    sell(business, 100)
    Business.objects.update(colour="#0f766e")
    page = today(client, make_user((business, OWNER), (make_business(), OWNER)))
    assert "</script><b>" not in page.text
