"""Money on its way: asked for and cancelled, paid late, sent by a stranger, given back; and a card."""

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.models import Payment
from payments.services.account_setup import register_at_safaricom
from tests.browser.clerk import open_dialog, submit
from tests.builders import make_customer, make_user
from tests.payments.daraja import until
from tests.payments.hooks import make_account
from tests.payments.money import make_bill
from tests.payments.refunds import make_free

pytestmark = pytest.mark.browser
TILL = "174379"


@pytest.fixture
def office(open_window, shop):
    """office(role) gives the page of somebody with this role."""
    return lambda role, **names: open_window(make_user((shop, role), **names))


def test_from_a_cancelled_prompt_to_a_refund(office, open_window, shop, simulator):
    register_at_safaricom(make_account(shop, identifier=TILL, trusted_up_to=0))
    customer = make_customer(name="Njeri Kamau", phone="+254712345678")
    order, next_order = make_bill(shop, customer=customer), make_bill(shop, "640", customer=customer)
    clerk, accountant, owner = office(STAFF, first_name="Akinyi"), office(ACCOUNTANT), office(OWNER)
    phone = open_window(address=simulator.url, width=390)

    ask_for_money(clerk, order)
    cancel(phone)
    expect(clerk.locator("#money-panel")).to_contain_text("cancelled")
    pay_late(phone)
    see_it_paid(clerk)

    pay_unasked(phone, "640")
    accept_proposal(accountant, next_order)

    ask_for_refund(clerk)
    approve_refund(owner)
    see_it_given_back(clerk, order)
    call_command("check_invariants")


def test_a_card_link_pays_an_order(office, open_window, shop, simulator, live_server):
    account = make_account(shop, "stripe", trusted_up_to=0)
    simulator.stripe.webhook_url = f"{live_server.url}/hooks/card/{account.hook_token}/"
    order, clerk = make_bill(shop), office(STAFF)
    open_order(clerk, order)
    submit(open_dialog(clerk, "Send a card link"))
    link = clerk.get_by_label("Link for the customer").input_value()
    phone = open_window(address=simulator.url, width=390)
    phone.goto(link)
    expect(phone.get_by_text("KES 250.00")).to_be_visible()
    phone.get_by_role("button", name="Pay by card").click()
    expect(phone.get_by_text("Paid.")).to_be_visible()
    see_it_paid(clerk)
    phone.get_by_role("link", name="Back to the business").click()
    expect(phone.get_by_text("Thank you")).to_be_visible()
    call_command("check_invariants")


def test_what_stays_free_is_counted_while_one_splits(office, shop):
    make_free(shop), make_bill(shop, "100")
    page = office(OWNER)
    page.goto("/admin/payments/unmatchedmoney/")
    page.get_by_role("button", name="Split over orders").click()
    left = page.get_by_role("dialog").locator(".inbox-rest")
    expect(left).to_have_text("Stays free: 250.00")
    page.get_by_label("Amount for").first.fill("100")
    expect(left).to_have_text("Stays free: 150.00")


def open_order(page, order):
    page.goto(f"/admin/sales/order/{order.pk}/change/")


def ask_for_money(page, order):
    open_order(page, order)
    submit(open_dialog(page, "Ask for M-Pesa payment"))
    page.evaluate("document.body.dataset.mark = 'never reloaded'")


def cancel(phone):
    phone.goto("/phone")
    phone.get_by_role("link", name="KES 250.00").click()  # the phone looks again and again by itself
    phone.get_by_role("button", name="Cancel", exact=True).click()


def pay_late(phone):
    phone.get_by_role("button", name="Let the network pay it after all").click()
    expect(phone.get_by_text("confirmed. KES 250.00 paid.")).to_be_visible()


def see_it_paid(page):
    """The clerk has not touched anything."""
    expect(page.locator("#order-status")).to_contain_text("Paid")
    expect(page.locator("#money-panel")).to_contain_text("Paid: KES 250.00")


def pay_unasked(phone, amount):
    phone.goto("/phone/pay")
    phone.get_by_label("Till or paybill number").fill(TILL)
    phone.get_by_label("Amount in KES").fill(amount)
    phone.get_by_role("button", name="Pay").click()
    expect(phone.get_by_text("The business has been told.")).to_be_visible()
    until(
        lambda: Payment._base_manager.filter(amount=amount).exists(), seconds=15
    )  # Safaricom is asked first


def accept_proposal(page, order):
    page.goto("/admin/payments/unmatchedmoney/")
    row = page.get_by_role("row", name="640.00")
    expect(row.get_by_role("link", name=order.number)).to_be_visible()
    expect(row.locator(".inbox-reasons")).to_contain_text("amount")
    row.get_by_role("button", name="Accept").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(order.number)
    submit(dialog)
    expect(page.get_by_role("row", name="640.00")).to_have_count(0)
    open_order(page, order)
    expect(page.locator("#money-panel")).to_contain_text("Paid: KES 640.00")


def ask_for_refund(page):
    dialog = open_dialog(page, "Refund")
    dialog.get_by_label("Reason").fill("the bottle leaked")
    submit(dialog)
    expect(page.locator("#money-panel")).to_contain_text("Waits for another person than Akinyi")


def approve_refund(page):
    page.goto("/admin/payments/refund/")
    page.locator("#result_list tbody a").first.click()
    expect(page.get_by_text("the bottle leaked").first).to_be_visible()
    page.locator("#header-inner").get_by_role("link", name="Approve").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("250.00")
    submit(dialog)


def see_it_given_back(page, order):
    open_order(page, order)
    expect(page.locator("#money-panel")).to_contain_text("Given back")
