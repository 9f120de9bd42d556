"""What goes wrong at a desk: wrong cells, too many pieces, second thoughts, a nervous finger."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from backoffice.roles import STAFF
from inventory.dialogs.stock import StockDialog
from inventory.models import Product
from sales.models import Order, OrderStatus
from tests.browser.clerk import add_item, choose_file, open_dialog, submit
from tests.builders import make_customer, make_order, make_product, make_user
from tests.payments.money import fresh

pytestmark = pytest.mark.browser
FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture
def page(open_window, shop):
    """The window of a clerk."""
    return open_window(make_user((shop, STAFF)))


def open_row(page, row):
    page.goto(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]))


def test_a_spreadsheet_with_mistakes_says_what_is_wrong_and_cannot_be_imported(page):
    choose_file(page, FIXTURES / "products_with_mistakes.xlsx")
    expect(page.get_by_role("heading", name="rows have mistakes. Nothing is saved yet.")).to_be_visible()
    wrong = page.get_by_role("row").filter(has_text="SWT-GUM-010")
    expect(wrong).to_contain_text("“abc” is not a number.")
    expect(page.get_by_role("button", name="Import:")).to_have_count(0)
    assert Product.objects.count() == 0


def test_too_many_pieces_are_refused_beside_the_line_and_nothing_typed_is_lost(page, shop):
    make_product(shop, name="Water can, 20 l", stock=4)
    make_product(shop, name="Cup", stock=9)
    njeri = make_customer(name="Njeri Kamau")
    page.goto(reverse("admin:sales_order_add") + f"?customer={njeri.pk}")
    page.get_by_label("Note").fill("Call before delivery")
    add_item(page, "Cup", 2)
    page.get_by_role("link", name="Add another Item").click()
    add_item(page, "Water can, 20 l", 5, row=1)
    page.get_by_role("button", name="Save").click()
    line = page.locator("tr", has=page.locator("[name=items-1-quantity]"))
    expect(line).to_contain_text("Only 4 of Water can, 20 l")
    expect(line.get_by_label("Quantity")).to_have_value("5")
    expect(page.locator("[name=items-0-quantity]")).to_have_value("2")
    expect(page.get_by_label("Note")).to_have_value("Call before delivery")
    expect(page.locator("#select2-id_customer-container")).to_contain_text("Njeri Kamau")
    assert Order.objects.count() == 0

    line.get_by_label("Quantity").fill("4")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#order-status")).to_contain_text("KES 600.00")


def test_an_order_is_cancelled_only_after_a_question_and_with_a_reason(page, shop):
    order = make_order(shop)
    open_row(page, order)
    dialog = open_dialog(page, "Cancel order")
    expect(dialog).to_contain_text("is free to sell again in Main store.")
    dialog.get_by_role("link", name="Close").click()
    expect(dialog).to_be_hidden()
    assert fresh(order).status == OrderStatus.PENDING

    dialog = open_dialog(page, "Cancel order")
    dialog.locator("[type=submit]").click()
    expect(dialog).to_contain_text("This field is required.")
    assert fresh(order).status == OrderStatus.PENDING
    dialog.get_by_label("Reason").fill("Customer moved away")
    submit(dialog)
    expect(page.locator("#order-status")).to_contain_text("Cancelled")
    expect(page.locator("#order-timeline")).to_contain_text("Customer moved away")


def receive_with_a_double_click(page, product, alive=False):
    """Book a delivery of twelve; `alive` keeps the button from going dead by the first click."""
    open_row(page, product)
    page.get_by_role("button", name="Receive").click()
    dialog = page.get_by_role("dialog", name="Receive")
    dialog.get_by_label("Pieces delivered").fill("12")
    if alive:
        dialog.locator("form").evaluate("form => form.removeAttribute('hx-disabled-elt')")
    dialog.locator("[type=submit]").dblclick()
    expect(dialog).to_be_hidden()  # the answers lead to the page of the product, perhaps twice
    page.wait_for_load_state("networkidle")
    return [movement.quantity for movement in product.movements.all()]


def test_a_double_click_books_once(page, shop):
    assert receive_with_a_double_click(page, make_product(shop, stock=0)) == [12]


def test_a_double_click_books_once_even_if_both_arrive(page, shop):
    assert receive_with_a_double_click(page, make_product(shop, stock=0), alive=True) == [12]


def test_the_control_without_both_guards_a_double_click_books_twice(page, shop, monkeypatch):
    monkeypatch.setattr(StockDialog, "reference", lambda dialog: uuid4().hex)
    assert receive_with_a_double_click(page, make_product(shop, stock=0), alive=True) == [12, 12]
