"""A phone with a bad network: nothing is lost in silence, nothing is sent twice."""

import re

import pytest
from playwright.sync_api import expect

from backoffice.roles import STAFF
from sales.models import Order
from tests.browser.clerk import add_item
from tests.builders import make_customer, make_order, make_product, make_user

pytestmark = pytest.mark.browser
# What Chromium and htmx note of a connection that was lost on purpose.
LOST = r"htmx:(afterRequest|sendError)|net::ERR_FAILED"


@pytest.fixture
def phone(shop, open_window):
    return open_window(make_user((shop, STAFF)), width=390, expected=LOST)


@pytest.fixture
def order(shop):
    return make_order(shop, [(make_product(shop), 1)])


def open_cash(page, order):
    page.goto(f"/admin/sales/order/{order.pk}/change/")
    page.locator("#money-panel").get_by_role("button", name="Record cash").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Note").fill("two notes of 500")
    return dialog


def test_a_dialog_whose_connection_is_lost_says_so_and_can_be_sent_again(phone, order):
    dialog = open_cash(phone, order)
    phone.route("**/do-record-cash/", lambda route: route.abort())
    dialog.get_by_role("button", name="Record").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The connection was lost")
    assert dialog.get_by_label("Note").input_value() == "two notes of 500"
    phone.unroute("**/do-record-cash/")
    with phone.expect_navigation():
        dialog.get_by_role("button", name="Record").click()
    expect(phone.locator("#money-panel")).to_contain_text("Paid")


def test_whoever_is_signed_out_meanwhile_keeps_what_was_typed(phone, order, open_window):
    dialog = open_cash(phone, order)
    cookies = phone.context.cookies()
    phone.context.clear_cookies(name="sessionid")
    dialog.get_by_role("button", name="Record").click()
    expect(dialog.get_by_role("alert")).to_contain_text("You are signed out")
    assert dialog.get_by_label("Note").input_value() == "two notes of 500"
    phone.context.add_cookies(cookies)
    with phone.expect_navigation():
        dialog.get_by_role("button", name="Record").click()
    expect(phone.locator("#money-panel")).to_contain_text("Paid")


def test_a_window_that_cannot_be_fetched_does_not_open_empty(phone, order):
    phone.goto(f"/admin/sales/order/{order.pk}/change/")
    phone.route("**/do-record-cash/", lambda route: route.abort())
    phone.locator("#money-panel").get_by_role("button", name="Record cash").click()
    expect(phone.get_by_role("alert")).to_contain_text("There is no connection")
    expect(phone.locator("#modal-overlay")).to_be_hidden()


def test_a_double_tap_on_save_places_one_order(phone, shop):
    customer, product = make_customer(), make_product(shop)
    phone.goto("/admin/sales/order/add/")
    phone.locator(
        "[data-field=customer] .select2-selection, .field-customer .select2-selection"
    ).first.click()
    phone.keyboard.type(customer.name)
    phone.get_by_role("option", name=re.compile(re.escape(customer.name))).click()
    add_item(phone, product.name, 1)
    sent = []
    phone.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    with phone.expect_navigation(url=re.compile("/change/")):
        phone.evaluate(
            "() => { const save = document.querySelector('[name=_save]');"
            "save.click(); setTimeout(() => save.click(), 0) }"
        )
    assert len(sent) == 1
    assert Order.objects.count() == 1
