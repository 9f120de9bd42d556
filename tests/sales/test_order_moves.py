"""Moving an order by the buttons of its page."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from backoffice.scoping import business_scope
from inventory.models import StockLevel
from sales.models import Order
from sales.services.orders import cancel_order, confirm_order, pay_order, ship_order
from tests.builders import make_business, make_order, make_product, make_user

pytestmark = pytest.mark.django_db


def button(order, move):
    return reverse(f"admin:sales_order_{move}", args=[order.pk])


def buttons(client, order):
    page = client.get(reverse("admin:sales_order_change", args=[order.pk])).content.decode()
    moves = ("confirm", "ship", "deliver", "cancel")
    return [move for move in moves if f'hx-get="{button(order, move)}"' in page]


def status(order):
    return Order._base_manager.values_list("status", flat=True).get(pk=order.pk)


def on_hand(product):
    level = StockLevel._base_manager.get(product=product)
    return level.quantity, level.reserved


def test_an_order_goes_from_hand_to_hand_by_its_buttons(desk, business, clerk):
    product = make_product(business)
    order = make_order(business, [(product, 3)])
    for move, reached in (("confirm", "confirmed"), ("ship", "shipped"), ("deliver", "delivered")):
        response = desk.post(button(order, move), {"reason": ""})
        assert response.headers["HX-Redirect"] == reverse("admin:sales_order_change", args=[order.pk])
        assert status(order) == reached
    assert on_hand(product) == (7, 0)
    assert {row.history_user for row in order.history.all()[:3]} == {clerk}


@pytest.mark.parametrize("move", ["confirm", "ship", "deliver", "cancel"])
def test_looking_at_a_dialog_changes_nothing(desk, business, clerk, move):
    order = make_order(business)
    for step in ([], [confirm_order], [ship_order]):
        for each in step:
            each(order, by=clerk)
        before = Order.objects.values().get(pk=order.pk), order.history.count()
        assert desk.get(button(order, move)).status_code == 200
        assert before == (Order.objects.values().get(pk=order.pk), order.history.count())


def test_only_the_buttons_that_the_status_allows_are_there(desk, business, clerk):
    order = make_order(business)
    assert buttons(desk, order) == ["confirm", "cancel"]
    confirm_order(order, by=clerk)
    assert buttons(desk, order) == ["ship", "cancel"]
    ship_order(order, by=clerk)
    assert buttons(desk, order) == ["deliver", "cancel"]
    cancel_order(order, by=clerk, restock=[])
    assert buttons(desk, order) == []


def test_a_dialog_says_what_it_will_do(desk, business, clerk):
    product = make_product(business, name="Rice & beans", price=250)
    order = make_order(business, [(product, 2)])
    words = desk.get(button(order, "confirm")).content.decode()
    assert "KES 500.00 is still to be paid" in words
    assert f"2 × {escape(product)} is free to sell again in Main store" in (
        desk.get(button(order, "cancel")).content.decode()
    )
    pay_order(order, by=clerk)
    words = desk.get(button(order, "ship")).content.decode()
    assert f"2 × {escape(product)} leaves Main store" in words and "to be paid" not in words
    words = desk.get(button(order, "cancel")).content.decode()
    assert "KES 500.00 was paid and has to be returned" in words


def test_a_move_that_came_too_late_is_refused_in_its_dialog(desk, business, clerk):
    order = make_order(business)
    cancel_order(order, by=clerk)
    response = desk.post(button(order, "confirm"), {"reason": ""})
    assert "HX-Redirect" not in response.headers
    assert "is cancelled; it cannot become confirmed" in response.content.decode()


def test_cancelling_asks_why(desk, business):
    order = make_order(business)
    assert "This field is required" in desk.post(button(order, "cancel"), {"reason": " "}).content.decode()
    assert status(order) == "pending"
    desk.post(button(order, "cancel"), {"reason": "Bought elsewhere"})
    assert status(order) == "cancelled"
    assert order.history.latest().history_change_reason == "Bought elsewhere"


def shipped_order(business, clerk):
    back, broken = make_product(business), make_product(business)
    order = make_order(business, [(back, 3), (broken, 2)], by=clerk)
    confirm_order(order, by=clerk)
    ship_order(order, by=clerk)
    return order, back, broken


def test_cancelling_shipped_goods_asks_line_by_line_what_came_back(desk, business, clerk):
    order, back, broken = shipped_order(business, clerk)
    page = desk.get(button(order, "cancel")).content.decode()
    assert page.count('name="restock"') == 2 and page.count("checked") >= 2
    line = order.items.get(product=back)
    data = {"reason": "Nobody at home", "status": "shipped", "restock": [str(line.pk)]}
    desk.post(button(order, "cancel"), data)
    assert status(order) == "cancelled"
    assert (on_hand(back), on_hand(broken)) == ((10, 0), (8, 0))


def test_goods_that_left_while_the_dialog_was_open_are_asked_for_first(desk, business, clerk):
    order, back, _broken = shipped_order(business, clerk)
    response = desk.post(button(order, "cancel"), {"reason": "Nobody at home", "status": "paid"})
    page = response.content.decode()
    assert "was shipped meanwhile" in page and 'value="shipped"' in page
    assert status(order) == "shipped" and on_hand(back) == (7, 0)


def test_only_lines_of_the_order_can_come_back(desk, business, clerk):
    order, *_ = shipped_order(business, clerk)
    other = make_order(business)
    for bad in (str(other.items.get().pk), "rubbish"):
        data = {"reason": "Nobody at home", "status": "shipped", "restock": [bad]}
        assert "HX-Redirect" not in desk.post(button(order, "cancel"), data).headers
    assert status(order) == "shipped"


def test_without_the_right_there_is_no_button_and_no_way_around(client, business):
    client.force_login(make_user((business, "Accountant")))
    order = make_order(business)
    assert buttons(client, order) == []
    for move in ("confirm", "ship", "deliver", "cancel"):
        assert client.get(button(order, move)).status_code == 403
        assert client.post(button(order, move), {"reason": "x"}).status_code == 403
    assert status(order) == "pending"


def test_an_order_of_another_business_has_no_dialogs(desk, business):
    other = make_business()
    with business_scope(business, other):
        order = make_order(other)
    for move in ("confirm", "ship", "deliver", "cancel"):
        assert desk.get(button(order, move)).status_code == 404
        assert desk.post(button(order, move), {"reason": "x"}).status_code == 404
    assert status(order) == "pending"
