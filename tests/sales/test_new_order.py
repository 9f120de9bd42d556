"""Taking an order the way a clerk does: over HTTP, through the admin."""

from decimal import Decimal

import pytest
from django.urls import reverse

from backoffice.scoping import business_scope
from inventory.models import StockLevel, StockMovement, Warehouse
from sales.models import Order, OrderItem
from tests.builders import make_business, make_customer, make_order, make_product, make_user
from tests.sales.sheets import ADD, errors_of, page, sheet

pytestmark = pytest.mark.django_db


def nothing_saved():
    reserved = StockMovement._base_manager.filter(reason="reserve")
    return not Order._base_manager.exists() and not reserved.exists()


def test_a_clerk_takes_an_order_and_sees_its_total(desk, business, clerk):
    soap, rice = make_product(business, price=Decimal(120)), make_product(business, price=Decimal("99.50"))
    customer = make_customer(name="Njeri")
    assert "add-row flex" in desk.get(ADD).content.decode()
    lines = [{"product": soap, "quantity": 2}, {"product": rice, "quantity": 1}]
    response = desk.post(ADD, sheet(lines, customer=customer, note="Gate 2"), follow=True)
    order = Order.objects.get()
    assert response.redirect_chain[-1][0] == page(order)
    text = response.content.decode()
    assert "KES 339.50" in text and "KES 240.00" in text and "R-0001" in text and "Njeri" in text
    assert (order.status, order.note, order.warehouse.name) == ("pending", "Gate 2", "Main store")
    assert {row.history_user for row in [*order.history.all(), *OrderItem.history.all()]} == {clerk}


def test_what_the_server_decides_cannot_be_sent(desk, business):
    product = make_product(business, price=Decimal(100))
    forged = {"unit_price": "1", "subtotal": "1", "price": "1", "amount": "1", "business": make_business()}
    lines = [{"product": product, "quantity": 3, **forged}]
    values = {"total_amount": "1", "status": "paid", "number": "X-1", "sequence": "99", "currency": "USD"}
    values |= {"paid_at_0": "2026-01-01", "paid_at_1": "10:00", "business": make_business()}
    desk.post(ADD, sheet(lines, customer=make_customer(), **values))
    order = Order.objects.get()
    assert (order.total_amount, order.status, order.number) == (Decimal(300), "pending", "R-0001")
    assert (order.business, order.currency, order.paid_at) == (business, "KES", None)
    assert order.items.get().unit_price == Decimal(100)


def test_what_belongs_to_another_business_cannot_be_chosen(desk, business):
    other = make_business("Neighbour")
    with business_scope(business, other):
        theirs, their_store = make_product(other), Warehouse.objects.get(business=other)
    own = {"product": make_product(business), "quantity": 1}
    for bad in (
        sheet([{"product": theirs, "quantity": 1}], customer=make_customer()),
        sheet([own], customer=make_customer(), warehouse=their_store),
        sheet([own], customer=theirs),
        sheet([own], customer="rubbish"),
        sheet([{"product": "rubbish", "quantity": 1}], customer=make_customer()),
    ):
        said = errors_of(desk.post(ADD, bad))
        assert "Select a valid choice" in said or "“rubbish” is not a valid UUID" in said
    assert desk.post(f"{ADD}?business={other.pk}", sheet([own], customer=make_customer())).status_code == 302
    assert Order._base_manager.get().business == business


def test_a_shortage_is_said_beside_its_line_and_nothing_is_lost(desk, business):
    few, enough = make_product(business, name="Basmati", stock=2), make_product(business)
    customer = make_customer(name="Njeri")
    lines = [{"product": enough, "quantity": 1}, {"product": few, "quantity": 3}]
    response = desk.post(ADD, sheet(lines, customer=customer, note="Call first"))
    formset = response.context_data["inline_admin_formsets"][0].formset
    assert "quantity" not in formset.errors[0] and "Only 2 of Basmati" in str(formset.errors[1]["quantity"])
    text = response.content.decode()
    assert "Call first" in text and "Njeri" in text and "Basmati" in text and 'value="3"' in text
    assert nothing_saved() and StockLevel.objects.filter(reserved__gt=0).count() == 0


@pytest.mark.parametrize(
    ("quantity", "said"),
    [("0", "greater than or equal to 1"), ("-4", "greater than or equal"), ("", "required"), ("1e9", "whole")]
    + [("2000000000", "from 1 to 1000000"), ("9" * 40, "from 1 to"), ("two", "whole number")],
)
def test_a_quantity_that_makes_no_sense_is_refused(desk, business, quantity, said):
    lines = [{"product": make_product(business), "quantity": quantity}]
    text = errors_of(desk.post(ADD, sheet(lines, customer=make_customer())))
    assert said in text or "less than or equal to" in text
    assert nothing_saved()


def test_an_order_needs_an_item_and_a_customer(desk, business):
    assert "Add at least one item" in errors_of(desk.post(ADD, sheet([], customer=make_customer())))
    blank = sheet([{"product": "", "quantity": "1"}], customer=make_customer())
    assert "Add at least one item" in errors_of(desk.post(ADD, blank))
    line = {"product": make_product(business), "quantity": 1}
    assert "required" in errors_of(desk.post(ADD, sheet([line])))
    assert nothing_saved()


def test_one_product_on_two_lines_is_refused(desk, business):
    line = {"product": make_product(business), "quantity": 1}
    said = errors_of(desk.post(ADD, sheet([line, line], customer=make_customer())))
    assert "stands on two lines" in said and "already on the order" in said
    assert nothing_saved()


def test_what_is_out_of_use_cannot_be_chosen(desk, business):
    gone = make_product(business, is_active=False)
    left = make_customer(is_active=False)
    assert "valid choice" in errors_of(
        desk.post(ADD, sheet([{"product": gone, "quantity": 1}], customer=make_customer()))
    )
    line = {"product": make_product(business), "quantity": 1}
    assert "valid choice" in errors_of(desk.post(ADD, sheet([line], customer=left)))


def test_a_business_without_warehouse_says_what_to_do(desk, business):
    line = {"product": make_product(business), "quantity": 1}
    Warehouse.objects.update(is_active=False, is_default=False)
    assert desk.get(ADD).status_code == 200
    said = errors_of(desk.post(ADD, sheet([line], customer=make_customer())))
    assert "has no warehouse yet. Add one" in said


def test_a_link_may_name_the_customer(desk, business):
    customer = make_customer(name="Njeri")
    assert "Njeri" in desk.get(f"{ADD}?customer={customer.pk}").content.decode()
    for rubbish in ("x", "0", "", "%00"):
        assert desk.get(f"{ADD}?customer={rubbish}").status_code == 200


def test_with_several_businesses_the_business_is_asked_for_first(client, business):
    laundry, stranger = make_business("Laundry"), make_business("Stranger")
    viewer = make_business("Only looking")
    clerk = make_user((business, "Staff"), (laundry, "Staff"), (viewer, "Accountant"))
    client.force_login(clerk)
    text = client.get(ADD).content.decode()
    choices = text[text.index("choose-business") :]
    assert f"?business={business.pk}" in choices and f"?business={laundry.pk}" in choices
    assert str(viewer.pk) not in choices and "Stranger" not in text
    with business_scope(business, laundry, stranger):
        shirt, soap = make_product(laundry), make_product(business)
    customer = make_customer()
    client.post(ADD, sheet([{"product": shirt, "quantity": 1}], customer=customer))
    assert not Order._base_manager.exists()
    there = f"{ADD}?business={laundry.pk}"
    assert "valid choice" in errors_of(
        client.post(there, sheet([{"product": soap, "quantity": 1}], customer=customer))
    )
    client.post(there, sheet([{"product": shirt, "quantity": 1}], customer=customer))
    assert Order._base_manager.get().business == laundry


def test_who_may_only_look_takes_no_orders(client, business):
    client.force_login(make_user((business, "Accountant")))
    order = make_order(business)
    assert client.get(ADD).status_code == 403
    line = {"product": make_product(business), "quantity": 1}
    assert client.post(ADD, sheet([line], customer=make_customer())).status_code == 403
    assert client.get(page(order)).status_code == 200
    assert client.post(page(order), sheet([], note="mine")).status_code == 403
    assert client.get(reverse("admin:sales_order_products")).status_code == 403


def test_an_order_sent_again_because_the_answer_was_lost_is_one_order(desk, business):
    product = make_product(business, stock=10)
    key = desk.get(ADD).context_data["adminform"].form["key"].value()
    form = sheet([{"product": product, "quantity": 2}], customer=make_customer(), key=key)
    first, again = desk.post(ADD, form), desk.post(ADD, form, follow=True)
    order = Order.objects.get()
    assert first.url == page(order) and str(order.pk) == str(key)
    assert again.redirect_chain == [(page(order), 302)] and "was saved before" in again.text
    assert StockLevel.objects.get(product=product).reserved == 2


@pytest.mark.parametrize("key", ["nonsense", "foreign"])
def test_a_forged_key_saves_nothing(desk, business, key):
    foreign = make_order(make_business())
    line = {"product": make_product(business), "quantity": 1}
    sent = foreign.pk if key == "foreign" else key
    assert desk.post(ADD, sheet([line], customer=make_customer(), key=sent)).status_code == 200
    assert not Order.objects.exists()
