"""A clerk's first day: a spreadsheet, an order, money from the customer's phone, the delivery."""

from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from backoffice.roles import STAFF
from tests.browser.clerk import add_item, choose_file, confirm_file, log_in, open_dialog, submit
from tests.builders import make_user

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]


def test_from_a_spreadsheet_to_a_delivered_order(open_window, shop, simulator):
    page = open_window()
    log_in(page, make_user((shop, STAFF), first_name="Akinyi", last_name="Otieno"))
    import_products(page)
    find_product(page, "Potato crisps, salted, 150 g")
    take_order(page)
    ask_for_money(page)
    pay_on_the_phone(open_window(address=simulator.url, width=390))
    see_it_paid(page)
    send_it(page)
    read_the_timeline(page)
    call_command("check_invariants")


def import_products(page):
    choose_file(page, ROOT / "fixtures" / "products.xlsx", has_worker=True)
    expect(page.get_by_role("tab", name="new")).to_contain_text("20")
    confirm_file(page, has_worker=True)
    expect(page.get_by_text("20 new, 0 changed, 0 unchanged.")).to_be_visible()
    page.get_by_role("link", name="See what was imported").click()


def find_product(page, name):
    page.locator("#searchbar").fill("crisps")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("row", name="Main store").first).to_contain_text("36")


def take_order(page):
    page.goto("/admin/sales/order/add/")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="New customer").click()
    popup = opened.value
    popup.get_by_label("Name").fill("Njeri Kamau")
    popup.get_by_label("Phone").fill("0712 345 678")
    popup.get_by_role("button", name="Save").click()
    expect(page.locator("#select2-id_customer-container")).to_have_text("Njeri Kamau")
    assert "KES 220.00 · 36 available" in add_item(page, "Potato crisps, salted, 150 g", 3)
    page.get_by_role("link", name="Add another Item").click()
    assert "KES 520.00 · 24 available" in add_item(page, "Acacia honey", 1, row=1)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#order-status")).to_contain_text("KES 1,180.00")
    expect(page.locator("#order-status")).to_contain_text("Pending")


def ask_for_money(page):
    dialog = open_dialog(page, "Ask for M-Pesa payment")
    expect(dialog).to_contain_text("The phone asks for KES 1,180.00")
    expect(dialog.get_by_label("Phone")).to_have_value("+254712345678")
    submit(dialog)
    page.evaluate("document.body.dataset.mark = 'never reloaded'")


def pay_on_the_phone(phone):
    phone.goto("/phone")
    prompt = phone.get_by_role("link", name="KES 1,180.00")
    prompt.click()  # the phone looks again and again, until the worker has called
    phone.get_by_role("button", name="Enter PIN").click()
    expect(phone.get_by_text("confirmed. KES 1,180.00 paid.")).to_be_visible()


def see_it_paid(page):
    """The clerk has not touched anything."""
    expect(page.locator("#order-status")).to_contain_text("Paid")
    expect(page.locator("#order-timeline")).to_contain_text("M-Pesa KES 1,180.00")
    assert page.locator("body").get_attribute("data-mark") == "never reloaded"
    expect(page.locator("#items-data [name$=quantity]")).to_have_count(0)  # what is paid stays as it is


def send_it(page):
    dialog = open_dialog(page, "Mark as shipped")
    expect(dialog).to_contain_text("Main store")
    submit(dialog)
    expect(page.locator("#order-status")).to_contain_text("Shipped")
    submit(open_dialog(page, "Mark as delivered"))
    expect(page.locator("#order-status")).to_contain_text("Delivered")


def read_the_timeline(page):
    events = page.locator("#order-timeline li").all()
    titles = [event.locator(".timeline-title").inner_text() for event in events]
    people = [event.locator(".timeline-when").inner_text().splitlines()[0] for event in events]
    assert dict(zip(titles, people, strict=True)) == {
        "Order placed": "Akinyi Otieno",
        "Stock reserved": "Akinyi Otieno",
        "M-Pesa prompt sent": "Akinyi Otieno",
        "Paid": "Automatic",
        "Shipped": "Akinyi Otieno",
        "Stock taken off the shelf": "Akinyi Otieno",
        "Delivered": "Akinyi Otieno",
    }
    # What happened at once may be told either way round.
    milestones = ["Delivered", "Shipped", "Paid", "M-Pesa prompt sent", "Order placed"]
    assert [title for title in titles if title in milestones] == milestones
