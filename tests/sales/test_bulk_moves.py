"""Moving many orders at once by the actions of the list."""

import pytest

from backoffice.scoping import business_scope
from sales.models import Order
from sales.services.orders import cancel_order, confirm_order, pay_order, ship_order
from tests.builders import make_business, make_order, make_product, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/sales/order/"


def status(order):
    return Order._base_manager.values_list("status", flat=True).get(pk=order.pk)


def shipped_order(business, clerk):
    back, broken = make_product(business), make_product(business)
    order = make_order(business, [(back, 3), (broken, 2)], by=clerk)
    confirm_order(order, by=clerk)
    ship_order(order, by=clerk)
    return order, back, broken


def choose(client, move, orders, where=LIST, **data):
    data |= {"action": f"bulk_{move}", "_selected_action": [order.pk for order in orders]}
    return client.post(where, data, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_a_list_action_first_shows_what_happens_to_each_row(desk, business, clerk):
    paid, pending = make_order(business), make_order(business)
    pay_order(paid, by=clerk)
    page = choose(desk, "ship", [paid, pending])
    text = page.content.decode()
    assert [row for row, _effects in page.context["possible"]] == [paid]
    assert page.context["refused"] == [(pending, "pending")]
    assert "leaves Main store" in text
    assert (status(paid), status(pending)) == ("paid", "pending")


def test_each_row_moves_on_its_own_and_refusals_are_told(desk, business, clerk):
    orders = [make_order(business) for _ in range(3)]
    for order in orders:
        pay_order(order, by=clerk)
    # Somebody was faster with one of them, between the question and the answer.
    cancel_order(orders[1], by=clerk)
    response = choose(desk, "ship", orders, confirmed="1", filters="status__exact=paid")
    assert response.redirect_chain[-1][0] == f"{LIST}?status__exact=paid"
    assert [status(order) for order in orders] == ["shipped", "cancelled", "shipped"]
    assert said(response) == [
        f"{orders[1]} is cancelled; it cannot become shipped.",
        "2 are now shipped.",
    ]


def test_a_row_that_left_the_filter_meanwhile_is_refused_too(desk, business, clerk):
    order = make_order(business)
    page = choose(desk, "confirm", [order], where=f"{LIST}?status__exact=pending").content.decode()
    assert f'action="{LIST}"' in page and 'name="filters" value="status__exact=pending"' in page


def test_the_reason_reaches_history_and_cancelling_needs_one(desk, business):
    orders = [make_order(business) for _ in range(2)]
    page = choose(desk, "cancel", orders, confirmed="1", reason=" ")
    assert "Say why." in page.content.decode() and status(orders[0]) == "pending"
    choose(desk, "cancel", orders, confirmed="1", reason="Flood")
    assert [status(order) for order in orders] == ["cancelled", "cancelled"]
    assert orders[0].history.latest().history_change_reason == "Flood"


def test_goods_that_left_are_cancelled_on_their_own_page_only(desk, business, clerk):
    order, *_ = shipped_order(business, clerk)
    page = choose(desk, "cancel", [order])
    assert page.context["refused"] == [(order, "shipped; open it to do this")]
    response = choose(desk, "cancel", [order], confirmed="1", reason="Flood")
    assert "say which goods came back" in said(response)[0] and status(order) == "shipped"


def test_roles_count_row_by_row(client, business):
    other = make_business()
    user = make_user((business, "Staff"), (other, "Accountant"))
    client.force_login(user)
    with business_scope(business, other):
        mine, theirs = make_order(business), make_order(other)
    page = choose(client, "confirm", [mine, theirs])
    assert page.context["refused"] == [(theirs, "your role does not allow this")]
    response = choose(client, "confirm", [mine, theirs], confirmed="1")
    assert (status(mine), status(theirs)) == ("confirmed", "pending")
    assert said(response) == [f"{theirs}: your role does not allow this.", "1 is now confirmed."]


def test_rows_of_another_business_cannot_be_chosen(desk, business):
    with business_scope(business, other := make_business()):
        order = make_order(other)
    choose(desk, "confirm", [order], confirmed="1")
    assert status(order) == "pending"


def test_the_question_takes_as_many_queries_for_twelve_rows_as_for_four(
    desk, business, clerk, django_assert_max_num_queries
):
    product = make_product(business, stock=100)
    orders = [make_order(business, [(product, 1), (make_product(business), 1)]) for _ in range(12)]
    desk.get(LIST)
    for some in (orders[:4], orders):
        with django_assert_max_num_queries(12):
            choose(desk, "confirm", some)
