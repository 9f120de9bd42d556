"""A day's work without touching the mouse."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from backoffice.roles import OWNER, STAFF
from sales.models import OrderStatus
from tests.builders import PASSWORD, make_business, make_order, make_user
from tests.payments.money import fresh

pytestmark = [pytest.mark.browser, pytest.mark.once]
HOME = reverse("admin:index")


def focused(page):
    """The part of the page that the keyboard is in."""
    return page.locator("*:focus")


def tab_to(page, part):
    """Press Tab until the keyboard is in the part."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if part.evaluate("part => part === document.activeElement"):
            return
    pytest.fail(f"Tab does not lead to {part}.")


def find(page, words):
    """Open the search window and the first thing that it finds."""
    page.keyboard.press("Control+k")
    expect(focused(page)).to_have_attribute("name", "s")
    page.keyboard.type(words)
    page.locator("#command-results-list a").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_an_order_is_found_and_confirmed(open_window, shop):
    order, clerk = make_order(shop), make_user((shop, STAFF))
    page = open_window()
    page.goto(HOME)
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.type(clerk.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Hello").wait_for()
    find(page, order.number)
    page.wait_for_url(f"**/{order.pk}/change/")

    button, dialog = page.get_by_role("link", name="Confirm"), page.get_by_role("dialog", name="Confirm")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    assert fresh(order).status == OrderStatus.PENDING

    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    tab_to(page, dialog.get_by_role("button", name="Confirm"))
    page.keyboard.press("Enter")
    expect(page.locator("#order-status")).to_contain_text("Confirmed")
    assert fresh(order).status == OrderStatus.CONFIRMED


def test_a_window_that_was_answered_before_it_was_ready_is_sent_all_the_same(open_window, shop):
    order = make_order(shop)
    page = open_window(make_user((shop, STAFF)))
    page.goto(f"/admin/sales/order/{order.pk}/change/")
    page.evaluate("htmx.config.defaultSettleDelay = 60000")  # as on a busy phone
    page.get_by_role("link", name="Confirm").click()
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#order-status")).to_contain_text("Confirmed")


def test_a_page_is_found_by_its_name(open_window, shop):
    page = open_window(make_user((shop, STAFF)))
    page.goto(HOME)
    find(page, "movem")
    page.wait_for_url("**" + reverse("admin:inventory_stockmovement_changelist"))


@pytest.mark.parametrize("width", [1400, 390])
def test_the_business_is_switched(open_window, shop, width):
    laundry = make_business("Upepo Laundry", colour="#7c3aed")
    page = open_window(make_user((shop, OWNER), (laundry, OWNER)), width=width)
    page.goto(HOME)
    tab_to(page, page.locator(".switcher summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Upepo Laundry"))
    page.keyboard.press("Enter")
    expect(page.locator(".switcher-name")).to_have_text("Upepo Laundry")
    expect(page.locator(".business-bar")).to_have_css("border-top-color", "rgb(124, 58, 237)")
