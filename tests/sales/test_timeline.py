"""What the page of an order tells about its past."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from backoffice.people.models import User
from payments.services.attempts import request_payment
from payments.services.payments import record_cash
from sales.models import OrderItem
from sales.services.items import change_items
from sales.services.orders import cancel_order, confirm_order, deliver_order, edit_order, ship_order
from sales.timeline import timeline
from tests.builders import make_customer, make_order, make_product, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def rice(business):
    return make_product(business, name="Rice", price=Decimal(100))


def told(order):
    """The story as (title, lines), oldest first."""
    return [(str(event.title), event.lines) for event in reversed(timeline(order))]


@pytest.fixture
def apart(monkeypatch):
    """Tell each event on its own, as if some time lay between them."""
    monkeypatch.setattr("sales.timeline.TOGETHER", timedelta(0))


def test_placing_is_told_as_one_event_with_its_lines_and_total(business, clerk, rice):
    beans = make_product(business, name="Beans", price=Decimal("50.50"))
    order = make_order(business, [(rice, 2), (beans, 1)], by=clerk)
    lines = {"2 × Rice at KES 100.00", "1 × Beans at KES 50.50"}
    (placed, placed_lines), (reserved, reserved_lines) = told(order)
    assert placed == "Order placed" and set(placed_lines[:2]) == lines
    assert placed_lines[2] == "Total: KES 250.50"
    assert reserved == "Stock reserved" and set(reserved_lines) == {
        "2 × Rice, Main store",
        "1 × Beans, Main store",
    }
    assert {event.by for event in timeline(order)} == {clerk}


def test_edits_are_told_with_before_and_after(business, clerk, rice, apart):
    beans = make_product(business, name="Beans", price=Decimal(50))
    order = make_order(business, [(rice, 2), (beans, 1)], by=clerk, customer=make_customer(name="Njeri"))
    line = order.items.select_related("product").get(product=rice)
    line.quantity = 3
    tea = OrderItem(order=order, product=make_product(business, name="Tea", price=Decimal(10)), quantity=4)
    change_items(order, by=clerk, save=[line, tea], remove=[order.items.get(product=beans)])
    edit_order(order, by=clerk, note="Gate 2", customer=make_customer(name="Otieno"))
    edit_order(order, by=clerk, note="")
    words = [line for _title, lines in told(order) for line in lines]
    for expected in (
        "Rice: 2 → 3 pieces",
        "4 × Tea at KES 10.00",
        "1 × Beans removed",
        "Total: KES 250.00 → KES 340.00",
        "Customer: Njeri → Otieno",
        "Note: Gate 2",
        "Note removed",
        "1 × Beans, Main store",
    ):
        assert expected in words
    assert "Stock free to sell again" in dict(told(order))


def test_moves_are_told_with_who_and_why(business, clerk, rice, apart):
    owner = make_user((business, "Owner"))
    order = make_order(business, [(rice, 2)], by=clerk)
    confirm_order(order, by=owner, reason="Pays on Friday")
    ship_order(order, by=clerk)
    deliver_order(order, by=clerk)
    story = [(str(event.title), event.lines, event.by) for event in reversed(timeline(order))]
    assert ("Confirmed", ["Pays on Friday"], owner) in story
    assert ("Shipped", [], clerk) in story and ("Delivered", [], clerk) in story
    assert ("Stock taken off the shelf", ["2 × Rice, Main store"], clerk) in story
    assert [title for title, *_ in story][-1] == "Delivered"


def test_goods_that_came_back_are_told(business, clerk, rice, apart):
    order = make_order(business, [(rice, 2)], by=clerk)
    confirm_order(order, by=clerk)
    ship_order(order, by=clerk)
    cancel_order(order, by=clerk, reason="Nobody at home", restock=[order.items.get().pk])
    assert ("Cancelled", ["Nobody at home"]) in told(order)
    assert ("Stock back on the shelf", ["2 × Rice, Main store"]) in told(order)


def test_money_and_prompts_are_told(business, clerk, rice, apart):
    order = make_order(business, [(rice, 2)], by=clerk)
    request_payment(order, phone="0712345678", by=clerk)
    assert ("M-Pesa prompt sent", ["KES 200.00 · +254 712 345678"]) in told(order)
    paid = make_order(business, [(rice, 1)], by=clerk)
    record_cash(paid, amount=Decimal(100), by=clerk, note="Small notes")
    assert ("Paid", ["Cash KES 100.00", "Small notes"]) in told(paid)


def test_a_payment_and_the_order_it_pays_are_told_once(business, clerk, rice):
    order = make_order(business, [(rice, 1)], by=clerk)
    record_cash(order, amount=Decimal(100), by=clerk)
    assert told(order)[-1] == ("Paid", ["Cash KES 100.00"])
    assert [title for title, _lines in told(order)].count("Paid") == 1


def test_other_orders_are_not_told(business, clerk, rice):
    order = make_order(business, [(rice, 1)], by=clerk)
    before = told(order)
    other = make_order(business, [(rice, 1)], by=clerk)
    record_cash(other, amount=Decimal(100), by=clerk)
    cancel_order(make_order(business, [(rice, 1)], by=clerk), by=clerk)
    assert told(order) == before


def test_a_long_story_takes_as_many_queries_as_a_short_one(
    business, clerk, rice, django_assert_max_num_queries
):
    order = make_order(business, [(rice, 1), (make_product(business, name="Tea"), 1)], by=clerk)
    for quantity in range(2, 9):
        line = order.items.select_related("product").get(product=rice)
        line.quantity = quantity
        change_items(order, by=make_user((business, "Staff")), save=[line])
    User.objects.update(first_name="Somebody")
    order = type(order).objects.get(pk=order.pk)
    with django_assert_max_num_queries(6):
        assert len([str(event.by) for event in timeline(order)]) == 16


def test_the_page_shows_the_story_escaped(client, business, clerk):
    order = make_order(business, [(make_product(business, name="<b>Rice</b>"), 1)], by=clerk)
    edit_order(order, by=None, note="<script>alert(1)</script>")
    client.force_login(clerk)
    page = client.get(reverse("admin:sales_order_change", args=[order.pk])).content.decode()
    story = page[page.index('id="order-timeline"') :]
    assert "Achieng Odhiambo" in story and "Automatic" in story
    assert "&lt;b&gt;Rice" in story and "<script>alert" not in page
