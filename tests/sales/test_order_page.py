"""An order that is there: edited while it is pending, only shown afterwards, never deleted."""

from decimal import Decimal

import pytest
from django.urls import reverse

from backoffice.scoping import business_scope
from inventory.models import StockLevel, StockMovement, Warehouse
from inventory.services.prices import change_price
from payments.services.payments import create_payment
from sales.models import Order, OrderItem
from sales.services.orders import cancel_order, confirm_order, edit_order, ship_order
from tests.builders import give_role, make_business, make_customer, make_order, make_product, make_user
from tests.sales.sheets import ADD, errors_of, lines_of, page, sheet

pytestmark = pytest.mark.django_db


def test_items_are_changed_added_and_removed_in_one_save(desk, business, clerk):
    first, second, third = (make_product(business, price=Decimal(10)) for _ in range(3))
    order = make_order(business, [(first, 1), (second, 1)], by=clerk)
    lines = lines_of(order)
    lines[0]["quantity"] = 5
    lines[1]["DELETE"] = "on"
    lines.append({"product": third, "quantity": 2})
    text = desk.post(page(order), sheet(lines, customer=order.customer), follow=True).content.decode()
    order.refresh_from_db()
    assert order.total_amount == Decimal(70) and "KES 70.00" in text
    reserved = {level.product: level.reserved for level in StockLevel.objects.select_related("product")}
    assert reserved == {first: 5, second: 0, third: 2}


def test_saving_unchanged_leaves_no_trace(desk, business):
    order = make_order(business)
    before = order.history.count(), OrderItem.history.count(), StockMovement.objects.count()
    assert desk.post(page(order), sheet(lines_of(order), customer=order.customer)).status_code == 302
    assert before == (order.history.count(), OrderItem.history.count(), StockMovement.objects.count())


def test_the_snapshot_of_the_price_survives_an_edit(desk, business, clerk):
    product = make_product(business, price=Decimal(10))
    order = make_order(business, [(product, 1)])
    change_price(product, price=Decimal(99), by=clerk, reason="new list")
    lines = lines_of(order, quantity=3, unit_price="1")
    desk.post(page(order), sheet(lines, customer=order.customer))
    order.refresh_from_db()
    assert order.total_amount == Decimal(30)


def test_a_line_of_another_order_cannot_be_taken_along(desk, business):
    order, other = make_order(business), make_order(business)
    theirs, ours = other.items.get(), order.items.get()
    for change in ({"quantity": 9}, {"DELETE": "on"}, {"product": make_product(business), "quantity": 9}):
        lines = [{**lines_of(order)[0], "id": theirs, **change}]
        desk.post(page(order), sheet(lines, customer=order.customer))
    assert [order.items.get(), other.items.get()] == [ours, theirs]
    assert ours.quantity == theirs.quantity == order.items.get().quantity == other.items.get().quantity


def test_the_warehouse_is_fixed_once_stock_is_reserved(desk, business):
    van = Warehouse.objects.create(business=business, name="Van")
    order = make_order(business)
    desk.post(page(order), sheet(lines_of(order), customer=order.customer, warehouse=van))
    order.refresh_from_db()
    assert order.warehouse.name == "Main store"


def test_the_customer_may_change_until_a_payment_was_asked_for(desk, business, clerk):
    order, njeri, otieno = make_order(business), make_customer(name="Njeri"), make_customer(name="Otieno")
    desk.post(page(order), sheet(lines_of(order), customer=njeri))
    order.refresh_from_db()
    assert order.customer == njeri
    create_payment(order, amount=order.total_amount, method="mpesa", by=clerk)
    said = errors_of(desk.post(page(order), sheet(lines_of(order), customer=otieno)))
    assert "its customer cannot change any more" in said


@pytest.mark.parametrize("steps", [[confirm_order], [confirm_order, ship_order], [cancel_order]])
def test_items_of_an_order_that_moved_on_are_only_shown(desk, business, clerk, steps):
    product = make_product(business, price=Decimal(10))
    order = make_order(business, [(product, 2)])
    for step in steps:
        order = step(order, by=clerk)
    text = desk.get(page(order)).content.decode()
    assert 'name="items-0-quantity"' not in text and "add-row flex" not in text and "KES 20.00" in text
    lines = [*lines_of(order, quantity=9), {"product": make_product(business), "quantity": 1}]
    desk.post(page(order), sheet(lines, customer=make_customer(), note="By boda"))
    desk.post(page(order), sheet(lines_of(order, DELETE="on"), customer=make_customer()))
    order.refresh_from_db()
    assert order.total_amount == Decimal(20) and order.items.get().quantity == 2
    assert order.history.earliest().customer == order.customer


def test_a_save_does_not_overwrite_what_a_colleague_saved_meanwhile(desk, business, clerk):
    order = make_order(business)
    version = desk.get(page(order)).context_data["adminform"].form.initial["version"]
    edit_order(order, by=clerk, note="Paid half")
    lines = lines_of(order, quantity=1)
    said = errors_of(desk.post(page(order), sheet(lines, customer=order.customer, version=version)))
    assert "was changed by somebody else" in said
    order.refresh_from_db()
    assert order.note == "Paid half" and order.items.get().quantity == 2


def test_an_order_is_never_deleted(desk, client, business):
    order = make_order(business)
    url = reverse("admin:sales_order_delete", args=[order.pk])
    for user in (make_user((business, "Owner")), make_user(is_superuser=True)):
        client.force_login(user)
        assert client.get(url).status_code == 403 and client.post(url, {"post": "yes"}).status_code == 403
        actions = client.get("/admin/sales/order/").context_data["action_form"].fields["action"].choices
        assert "delete_selected" not in dict(actions)
    assert Order.objects.filter(pk=order.pk).exists()


def test_an_order_of_another_business_is_not_there(desk, business):
    other = make_business()
    with business_scope(business, other):
        order = make_order(other)
    assert desk.get(page(order)).status_code == 302
    assert desk.post(page(order), sheet([], note="mine")).status_code == 302
    order.refresh_from_db()
    assert order.note == ""


def test_the_page_takes_as_many_queries_for_one_line_as_for_thirty(
    desk, business, django_assert_max_num_queries
):
    small = make_order(business, [(make_product(business), 1)])
    large = make_order(business, [(make_product(business), 1) for _ in range(30)])
    desk.get(page(small))
    for order in (small, large):
        with django_assert_max_num_queries(37):
            assert desk.get(page(order)).status_code == 200


def test_a_role_in_another_business_gives_no_right_here(client, business):
    other = make_business()
    user = make_user((business, "Accountant"))
    give_role(user, other, "Staff")
    client.force_login(user)
    order = make_order(business)
    assert client.post(page(order), sheet(lines_of(order), customer=order.customer)).status_code == 403


def test_a_forged_number_of_lines_is_not_drawn(desk, business):
    product = make_product(business, stock=5)
    data = sheet([{"product": product, "quantity": 1}], customer=make_customer())
    response = desk.post(ADD, {**data, "items-TOTAL_FORMS": 99_999_999})
    assert "at most 100" in errors_of(response)
    assert len(response.context_data["inline_admin_formsets"][0].formset.forms) <= 101
