"""Every page opens on a laptop and on a phone, light and dark, with nothing on the console."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import expect

from backoffice.imports.models import ColumnMapping
from backoffice.people.models import Customer
from backoffice.roles import OWNER, STAFF
from inventory.models import PlannedPrice, Product
from payments.models import CashDrawer, Payment
from payments.services.tills import open_till, save_drawer
from sales.models import Order
from sales.services.orders import cancel_order, confirm_order, ship_order
from tests.browser.clerk import choose_file
from tests.builders import make_business, make_category, make_customer, make_order, make_product, make_user
from tests.imports.builders import make_preview
from tests.matrix.rows import first_row, make_rows
from tests.matrix.table import RIGHTS
from tests.payments.money import ask, pay

pytestmark = [pytest.mark.browser, pytest.mark.once]
FIXTURES = Path(__file__).parents[2] / "fixtures"
FLOUR = "FLR-PEM-2KG-BALE-12"
DAILY = [Order, Product, Payment, Customer]
OTHERS = [
    "admin:index",
    "admin:imports_importjob_add",
    "admin:inventory_product_export",
    "admin:password_change",
]
STICKS_OUT = """() => [...document.querySelectorAll("body *")].filter(part => {
    if (!part.checkVisibility() || part.getBoundingClientRect().right <= innerWidth) return false
    for (let around = part.parentElement; around !== document.body; around = around.parentElement)
        if (getComputedStyle(around).overflowX !== "visible") return false
    return true
}).map(part => part.outerHTML.slice(0, 120))"""


@pytest.fixture
def owner(shop):
    """The owner of a shop whose pages are full: long names, large amounts, orders in every state."""
    cache.clear()
    flour = make_product(
        shop,
        name="Pembe sifted maize flour, fortified, 2 kg, bale of twelve",
        sku=FLOUR,
        price=Decimal("23456.50"),
        category=make_category(shop, "Groceries and household > Bread and breakfast"),
        stock=400,
    )
    merchants = make_customer(name="Wanjiru wa Kamau General Merchants and Sons Limited")
    paid, sent, called_off = [make_order(shop, [(flour, 10)], customer=merchants) for _ in range(3)]
    pay(ask(paid))
    ship_order(confirm_order(sent, by=None), by=None)
    cancel_order(called_off, reason="The customer changed her mind", by=None)
    pay(ask(make_order(shop, [(flour, 1)])), "NLJ7RT61SW", items={"Amount": 1})
    make_rows(shop)
    akinyi = make_user((shop, STAFF), first_name="Akinyi", last_name="Otieno-Wambugu")
    make_preview(shop, by=akinyi, refused=3, supplier="Coast Wholesale and Sons")
    ColumnMapping(business=shop, resource="products", supplier="Coast Wholesale and Sons").save()
    PlannedPrice(business=shop, product=flour, price=Decimal("24000.00"), starts_on=date(2040, 1, 1)).save()
    return make_user((shop, OWNER), (make_business("Upepo Laundry"), OWNER), first_name="Wanjiru")


def addresses(shop, user, models):
    """Yield the pages of these models that the person may open, and those of no model."""
    yield from map(reverse, OTHERS)
    for model in models:
        for page in ("changelist", "add", "change", "history"):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
            if any(map(user.has_perm, RIGHTS.get(name, ()))):
                row = [first_row(model, shop).pk] if page in ("change", "history") else []
                yield reverse(name, args=row)


def assert_fits(page):
    """The page cannot be pushed sideways; otherwise tell what sticks out."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"], f"{page.url}: {page.evaluate(STICKS_OUT)}"


def visit(page, scheme, found):
    for address in found:
        assert page.goto(address).status == 200, address
        assert_fits(page)
    assert ("dark" in page.locator("html").get_attribute("class").split()) == (scheme == "dark")


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_every_page_fits_its_window(open_window, shop, owner, width, scheme):
    page = open_window(owner, width=width, scheme=scheme)
    visit(page, scheme, addresses(shop, owner, admin.site._registry))


@pytest.mark.parametrize(("width", "scheme"), [(1400, "dark"), (820, "light"), (390, "light")])
def test_the_pages_of_every_day_fit_the_other_way_round_too(open_window, shop, owner, width, scheme):
    page = open_window(owner, width=width, scheme=scheme)
    visit(page, scheme, addresses(shop, owner, DAILY))


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_what_opens_on_the_way_fits_its_window(open_window, shop, owner, width, scheme):
    """The login, an order that waits with the window of a button, what a spreadsheet would do."""
    stranger = open_window(width=width, scheme=scheme)
    stranger.goto("/admin/login/")
    assert_fits(stranger)
    page = open_window(owner, width=width, scheme=scheme)
    waits = Order.objects.get(status="pending", items__product__sku=FLOUR)
    page.goto(reverse("admin:sales_order_change", args=[waits.pk]))
    assert_fits(page)
    page.get_by_role("button", name="Record cash").click()
    expect(page.get_by_role("dialog")).to_be_in_viewport(ratio=1)
    for name in ("products.xlsx", "products_with_mistakes.xlsx"):
        choose_file(page, FIXTURES / name, business=shop.name)
        assert_fits(page)


@pytest.mark.parametrize(("width", "together"), [(820, 2), (390, 1)])
def test_a_list_is_cards_where_its_table_has_no_room(open_window, shop, owner, width, together):
    """On a phone one below the other, on a tablet two beside each other."""
    page = open_window(owner, width=width)
    page.goto(reverse("admin:sales_order_changelist"))
    tops = [card.bounding_box()["y"] for card in page.locator(".data-row").all()[:2]]
    assert len(set(tops)) == 3 - together
    assert page.locator(".data-row").first.bounding_box()["height"] < 200


def test_the_longest_window_can_be_sent_from_a_phone(open_window, shop):
    """Ten notes and coins, a reason and, after the first answer, what is wrong with it."""
    clerk = make_user((shop, STAFF))
    drawer = save_drawer(CashDrawer(business=shop, name="Counter"), by=None)
    session = open_till(drawer, counts={"1000": 2}, by=clerk)
    page = open_window(clerk, width=390)
    page.goto(reverse("admin:payments_tillsession_change", args=[session.pk]))
    page.get_by_text("more_horiz").click()
    page.get_by_role("link", name="Count and close").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Count and close").click()
    expect(dialog.get_by_text("The count differs from what should be there")).to_be_visible()
    dialog.get_by_label("KES 1000 ×").fill("2")
    dialog.get_by_role("button", name="Count and close").click()
    expect(page.get_by_text("Right to the cent").first).to_be_visible()


def test_the_chart_of_today_is_drawn(open_window, owner):
    page = open_window(owner)
    page.goto(reverse("admin:index"))
    drawn = page.locator("canvas.chart").evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    )
    assert drawn
