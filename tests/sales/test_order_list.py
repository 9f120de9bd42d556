"""The list of orders: found quickly, counted cheaply, of the businesses one may see."""

from datetime import timedelta

import pytest
from django.utils import timezone

from backoffice.scoping import business_scope
from sales.models import Order, OrderStatus
from sales.services.orders import cancel_order, confirm_order, deliver_order, pay_order, ship_order
from tests.builders import make_business, make_customer, make_order, make_product, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/sales/order/"


def found(client, **query):
    """The numbers of the orders that the list shows."""
    response = client.get(LIST, query)
    assert response.status_code == 200
    return sorted(order.number for order in response.context["cl"].result_list)


def tabs(client, **query):
    items = client.get(LIST, query).context["tab_list"][0]["items"]
    return {str(item["title"]).split(" <")[0]: item for item in items}


@pytest.mark.parametrize(
    "words",
    ["R-0002", "r-0002", "0002", "Njeri", "wambui", "njeri WAMBUI", "0712345678", "0712 345 678", "712345678"]
    + ["+254712345678", "254712345678", "TEA-9", "tea-9", "njeri tea-9"],
)
def test_an_order_is_found_by_number_customer_phone_or_sku(desk, business, words):
    make_order(business)
    tea = make_product(business, sku="TEA-9", stock=100)
    customer = make_customer(name="Njeri Wambui", phone="+254712345678")
    make_order(business, [(tea, 1), (make_product(business, sku="TEA-10"), 1)], customer=customer)
    make_order(business)
    assert found(desk, q=words) == ["R-0002"]


@pytest.mark.parametrize(
    "words", ["Otieno", "njeri otieno", "0799999999", "%", "_", "'", "x" * 500, "R-00021"]
)
def test_what_is_not_there_is_not_found(desk, business, words):
    make_order(business, customer=make_customer(name="Njeri"))
    assert found(desk, q=words) == []


def test_a_sku_on_several_lines_finds_an_order_once(desk, business):
    lines = [(make_product(business, sku=f"TEA-{n}"), 1) for n in range(5)]
    make_order(business, lines)
    assert found(desk, q="tea") == ["R-0001"]


def test_tabs_count_what_still_asks_for_work(desk, business, clerk):
    orders = [make_order(business) for _ in range(7)]
    for order in orders[:2]:
        confirm_order(order, by=clerk)
    for order in orders[2:6]:
        pay_order(order, by=clerk)
    for order in orders[3:6]:
        ship_order(order, by=clerk)
    deliver_order(orders[5], by=clerk)
    shown = tabs(desk)
    counts = {name: "".join(filter(str.isdigit, str(item["title"]))) for name, item in shown.items()}
    assert counts == {
        "All": "",
        "Pending": "1",
        "To ship": "3",
        "On the way": "2",
        "Delivered": "",
        "Cancelled": "",
    }
    assert shown["All"]["active"] and not shown["Pending"]["active"]
    to_ship = desk.get(LIST + shown["To ship"]["link"])
    assert len(to_ship.context["cl"].result_list) == 3
    assert [item["active"] for item in to_ship.context["tab_list"][0]["items"]].index(True) == 2


def test_dates_include_both_days_in_the_time_of_the_business(desk, business):
    order = make_order(business)
    today = timezone.localtime().date()
    # Half past midnight in Nairobi is still yesterday in Greenwich.
    midnight = timezone.localtime().replace(hour=0, minute=30)
    Order.objects.filter(pk=order.pk).update(created_at=midnight)
    day = {"created_at_from": str(today), "created_at_to": str(today)}
    assert found(desk, **day) == ["R-0001"]
    before = str(today - timedelta(days=1))
    assert found(desk, created_at_from=before, created_at_to=before) == []


def test_the_customer_filter_shows_that_customers_orders(desk, business):
    customer = make_customer()
    make_order(business)
    make_order(business, customer=customer)
    assert found(desk, customer__id__exact=str(customer.pk)) == ["R-0002"]


def test_the_columns_tell_an_order_apart(desk, business, clerk):
    rice = make_product(business, name="Rice", price=1250)
    beans, tea = make_product(business, name="Beans"), make_product(business, name="Tea")
    order = make_order(business, [(rice, 1), (beans, 2), (tea, 1)], customer=make_customer(name="Njeri"))
    cancel_order(order, by=clerk)
    text = desk.get(LIST).content.decode()
    for words in ("R-0001", "Njeri", "KES 1,550.00", "Cancelled", "1 × Rice, 2 × Beans and 1 more"):
        assert words in text
    assert "Riverside Shop" not in text[text.index('id="result_list"') :]


def test_only_orders_of_ones_businesses_are_listed_with_their_business(client, business):
    second, foreign = make_business("Laundry", code="L"), make_business("Stranger", code="X")
    with business_scope(business, second, foreign):
        for each in (business, second, foreign):
            make_order(each)
    client.force_login(make_user((business, "Staff"), (second, "Accountant")))
    assert found(client) == ["L-0001", "R-0001"]
    text = client.get(LIST).content.decode()
    assert "Laundry" in text[text.index('id="result_list"') :] and "Stranger" not in text
    assert found(client, business__id__exact=str(foreign.pk)) in ([], ["L-0001", "R-0001"])
    assert found(client, q="X-0001") == []


def test_an_empty_list_says_what_to_do(desk, business):
    assert "A new order begins with a customer" in desk.get(LIST).content.decode()


def many_orders(business, count):
    product = make_product(business, stock=10_000)
    lines = [(product, 1), (make_product(business, stock=10_000), 1)]
    return [make_order(business, lines) for _ in range(count)]


def test_the_list_takes_at_most_eight_queries_for_ten_rows_and_for_seventy(
    client, business, django_assert_max_num_queries
):
    client.force_login(make_user((business, "Staff"), (make_business(), "Staff")))
    queries = [{}, {"q": "r-0"}, {"status__exact": "pending"}, {"created_at_from": "2026-01-01"}]
    for more in (10, 60):
        many_orders(business, more)
        client.get(LIST)  # the sidebar's numbers are kept for a while
        for query in queries:
            with django_assert_max_num_queries(8):
                response = client.get(LIST, query)
            assert len(response.context["cl"].result_list) == min(50, more)


def test_no_query_of_the_list_counts_all_orders(desk, business, django_assert_max_num_queries):
    many_orders(business, 3)
    with django_assert_max_num_queries(20) as queries:
        desk.get(LIST)
    counting = [each["sql"] for each in queries.captured_queries if "COUNT(" in each["sql"]]
    assert all('"sales_order"."status"' in sql for sql in counting if "sales_order" in sql)


def test_every_status_has_a_tab_or_is_counted(business):
    from sales.admin.order_list import TABS

    assert {status for _label, statuses in TABS for status in statuses} == set(OrderStatus)
