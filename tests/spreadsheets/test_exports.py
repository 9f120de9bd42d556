"""Every list goes out the same way: what it shows, to whom it may, while it is read, and nothing else."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django_scopes import get_scope
from openpyxl import load_workbook

from backoffice.people.backend import RoleBackend
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from backoffice.scoping import every_business
from backoffice.spreadsheets import export, listing
from backoffice.spreadsheets.export import SpreadsheetExport
from inventory.models import StockMovement, Warehouse
from inventory.services.stock import receive_stock
from sales.models import Order, OrderItem
from tests.builders import make_business, make_category, make_customer, make_order, make_product, make_user
from tests.matrix.rows import CANARY, make_rows, make_world

pytestmark = pytest.mark.django_db
EXCEL, CSV = "xlsx", "csv"
LISTS = {
    model._meta.label: each
    for model, each in admin.site._registry.items()
    if isinstance(each, SpreadsheetExport)
}
MONEY = {"payments.Payment", "payments.PaymentAttempt", "payments.Refund", "people.Customer"}
SHEETS = [(label, n) for label, each in LISTS.items() for n in range(len(each.listings))]


def address_of(label, **query):
    app, name = label.lower().split(".")
    return f"{reverse(f'admin:{app}_{name}_export')}?{urlencode(query)}"


def send(client, label, file_format=CSV, listing=0, **query):
    return client.post(address_of(label, **query), {"format": file_format, "listing": listing})


def table(client, label, file_format=CSV, listing=0, **query):
    """Return the rows of an export, headings first, all as Python reads them."""
    content = send(client, label, file_format, listing, **query).getvalue()
    if file_format == EXCEL:
        return [list(row) for row in load_workbook(BytesIO(content)).active.iter_rows(values_only=True)]
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))


def columns(rows):
    """Return the cells of a table by heading."""
    return dict(zip(rows[0], zip(*rows[1:], strict=True), strict=True))


@pytest.fixture
def shop():
    return make_business("Duka Bora")


@pytest.fixture
def owner(client, shop):
    client.force_login(make_user((shop, OWNER)))
    return client


def test_every_list_of_goods_orders_and_money_has_an_export():
    assert set(LISTS) == {
        "inventory.Category", "inventory.Product", "inventory.StockLevel", "inventory.StockMovement",
        "inventory.PlannedPrice", "inventory.Warehouse", "people.Customer", "sales.Order", "payments.Payment",
        "payments.PaymentAttempt", "payments.Refund",
    }  # fmt: skip


@pytest.mark.parametrize(("label", "sheet"), SHEETS)
def test_both_kinds_of_file_hold_the_rows_of_the_list(owner, shop, label, sheet):
    make_rows(shop)
    rows, same = table(owner, label, CSV, sheet), table(owner, label, EXCEL, sheet)
    model = OrderItem if sheet else LISTS[label].model
    assert len(rows) == len(same) == 1 + model._base_manager.count() > 1
    assert rows[0] == same[0] == LISTS[label].listings[sheet]([shop]).headings
    assert str(LISTS[label].listings[sheet].name) in owner.get(address_of(label)).text or not sheet


@pytest.mark.parametrize(("label", "sheet"), SHEETS)
def test_the_rows_are_asked_for_at_once(owner, shop, label, sheet, django_assert_max_num_queries):
    for word in "AB":
        make_rows(shop, word)
    list(send(owner, label, CSV, sheet))  # the session and the roles are warm
    with django_assert_max_num_queries(14):
        assert len(table(owner, label, CSV, sheet)) > 1


def test_dates_are_dates_on_the_clock_of_the_business_whose_row_it_is(client, shop):
    accra = make_business("Accra", time_zone="Africa/Accra", currency="GHS")
    for business in (shop, accra):
        make_order(business)
        moment = datetime(2026, 3, 1, 21, 30, tzinfo=UTC)
        Order._base_manager.filter(business=business).update(created_at=moment)
    client.force_login(make_user((shop, OWNER), (accra, OWNER)))
    found = columns(table(client, "sales.Order"))
    assert dict(zip(found["Business"], found["Created"], strict=True)) == {
        "Duka Bora": "2026-03-02 00:30", "Accra": "2026-03-01 21:30",
    }  # fmt: skip
    found = columns(table(client, "sales.Order", EXCEL))["Created"]
    assert {each.hour for each in found} == {0, 21}


def test_amounts_are_numbers_and_say_their_currency_where_there_are_several(client, shop):
    accra = make_business("Accra", currency="GHS")
    make_product(shop, sku="A", price=Decimal("10.50"))
    make_product(accra, sku="B", price=Decimal("99.00"))
    client.force_login(make_user((shop, OWNER), (accra, OWNER)))
    found = columns(table(client, "inventory.Product", EXCEL))
    assert dict(zip(found["Price"], found["Currency"], strict=True)) == {10.5: "KES", 99: "GHS"}
    client.force_login(make_user((shop, OWNER)))
    assert "Currency" not in table(client, "inventory.Product", EXCEL)[0]


def test_phones_are_text_as_people_write_them(owner, shop):
    make_customer(name="Here", phone="+254712345678")
    make_customer(name="There", phone="+233241234567")
    make_customer(name="None", phone=None)
    found = columns(table(owner, "people.Customer", EXCEL))
    assert dict(zip(found["Name"], found["Phone"], strict=True)) == {
        "Here": "0712 345 678", "There": "'+233241234567", "None": None,
    }  # fmt: skip


def test_the_lines_of_the_orders_add_up_to_their_totals(owner, shop):
    dear, cheap = make_product(shop, price=Decimal("99.50")), make_product(shop, price=Decimal("5.00"))
    order = make_order(shop, [(dear, 2), (cheap, 3)])
    make_order(shop, [(cheap, 1)])
    found = columns(table(owner, "sales.Order", EXCEL, 1, q=order.number))
    assert set(found["Number"]) == {order.number}
    assert sum(found["Subtotal"]) == 214 == order.total_amount
    assert "Columns of Order lines:" in owner.get(address_of("sales.Order")).text


def test_movements_tell_their_reason_their_paper_and_who_it_was(owner, shop):
    by = make_user((shop, STAFF), first_name="Achieng", last_name="Odhiambo")
    nameless = make_user((shop, STAFF))
    product = make_product(shop, stock=0)
    with every_business():
        receive_stock(product, quantity=4, by=by, reference="receive:DN-17:1")
        receive_stock(product, quantity=5, by=nameless)
        receive_stock(product, quantity=6, by=None)
    found = columns(table(owner, "inventory.StockMovement"))
    assert set(found["Reason"]) == {"Received"} and set(found["Paper"]) == {"DN-17", ""}
    assert dict(zip(found["On hand"], found["By"], strict=True)) == {
        "4": "Achieng Odhiambo", "5": nameless.email, "6": "",
    }  # fmt: skip


def test_a_business_without_a_warehouse_exports_its_products_too(owner, shop):
    make_product(shop, sku="A", stock=0)
    Warehouse._base_manager.filter(business=shop).update(is_active=False)
    found = columns(table(owner, "inventory.Product"))
    assert found["SKU"] == ("A",) and found["Reorder level"] == ("",)


def test_an_empty_list_is_a_file_of_headings(owner):
    assert table(owner, "sales.Order") == table(owner, "sales.Order", EXCEL)
    assert len(table(owner, "sales.Order")) == 1


def test_the_name_of_a_file_is_harmless_whatever_the_business_is_called(client):
    shop = make_business('=cmd|"/C"!A0\r\nX-Evil: 1; ../../x')
    client.force_login(make_user((shop, OWNER)))
    for file_format in (CSV, EXCEL):
        answer = send(client, "sales.Order", file_format)
        name = answer["Content-Disposition"]
        assert name.startswith('attachment; filename="orders-cmdca0-x-evil-1-x-') and "X-Evil" not in answer
        assert "no-store" in answer["Cache-Control"]


# Whose rows


@pytest.mark.parametrize("role", [STAFF, ACCOUNTANT, OWNER])
def test_no_row_of_another_business_leaves_and_no_list_without_the_right(client, role):
    home, foreign = make_world()
    client.force_login(make_user((home, role)))
    for label, sheet in SHEETS:
        for query in ({}, {"q": CANARY}, {"business": foreign.pk}, {"business__id__exact": foreign.pk}):
            answer = send(client, label, CSV, sheet, **query)
            allowed = role != STAFF or label not in MONEY
            assert answer.status_code in ((200, 302) if allowed else (403,)), label
            assert CANARY not in answer.getvalue().decode() if answer.streaming else True


def test_the_search_for_leaks_finds_one_when_the_scope_is_taken_away(client, monkeypatch):
    """The control."""
    home, foreign = make_world()
    businesses = [home, foreign]
    monkeypatch.setattr("backoffice.scoping.accessible_businesses", lambda user: businesses)
    monkeypatch.setattr(RoleBackend, "has_perm", lambda *args, **kwargs: True)
    everywhere = [each.pk for each in businesses]
    monkeypatch.setattr("backoffice.admin.scope.businesses_with", lambda *args: everywhere)
    monkeypatch.setattr("backoffice.spreadsheets.export.businesses_with", lambda *args: everywhere)
    client.force_login(make_user((home, OWNER)))
    leaks = [
        label for label, sheet in SHEETS if CANARY in send(client, label, CSV, sheet).getvalue().decode()
    ]
    assert len(set(leaks)) >= 6


def test_the_rows_are_fixed_before_the_scope_closes(owner, shop, monkeypatch):
    make_product(shop, sku="A")
    seen = []

    def watched(rows, told):
        for row in rows:
            seen.append(get_scope().get("business"))
            yield row

    monkeypatch.setattr(listing, "tell", watched)
    monkeypatch.setattr(
        LISTS["inventory.Product"].listings[0], "columns", (listing.ListColumn("SKU", "sku", str),)
    )
    answer = send(owner, "inventory.Product")
    assert b"A\r\n" in answer.getvalue()
    assert seen == [None], "no scope is open while the file goes out"


# Many rows


@pytest.fixture
def few(monkeypatch):
    """More than three rows are many, more than five too many for Excel."""
    monkeypatch.setattr("backoffice.spreadsheets.export_form.MANY", 3)
    for module in ("export_form", "export"):
        monkeypatch.setattr(f"backoffice.spreadsheets.{module}.MOST_IN_EXCEL", 5)


def test_many_rows_need_a_right_of_their_own(client, shop, few):
    there = make_business()
    for business in (shop, there):
        for n in range(4):
            make_category(business, f"Category {n}")
    client.force_login(make_user((shop, STAFF)))
    assert "only an owner or an accountant" in client.get(address_of("inventory.Category")).text
    refused = send(client, "inventory.Category")
    assert "only an owner or an accountant" in refused.text and not refused.streaming
    assert len(table(client, "inventory.Category", q="Category 1")) == 2
    every = {"action": "export_selected", "_selected_action": [str(each) for each in ids(shop)]}
    answer = client.post(reverse("admin:inventory_category_changelist"), every, follow=True)
    assert "only an owner or an accountant" in answer.text
    client.force_login(make_user((shop, ACCOUNTANT)))
    assert len(table(client, "inventory.Category")) == 5
    client.force_login(make_user((shop, STAFF), (there, OWNER)))
    assert "only an owner" in send(client, "inventory.Category").text, "many of them are of the shop"


def ids(business):
    return list(
        LISTS["inventory.Category"].model._base_manager.filter(business=business).values_list("pk", flat=True)
    )


def test_what_is_too_much_for_excel_is_still_a_csv_file(owner, shop, few):
    for n in range(6):
        make_category(shop, f"Category {n}")
    page = owner.get(address_of("inventory.Category"))
    assert "Export more than 5 categories" in page.text
    assert "Choose CSV" in send(owner, "inventory.Category", EXCEL).text
    assert len(table(owner, "inventory.Category")) == 7


def test_many_rows_say_how_long_they_take(owner, shop, monkeypatch):
    monkeypatch.setattr(export, "ROWS_PER_SECOND", 2)
    assert "take about" not in owner.get(address_of("inventory.Category")).text
    for n in range(5):
        make_category(shop, f"Category {n}")
    assert "So many rows take about 2 seconds." in owner.get(address_of("inventory.Category")).text


# What is left behind


def test_every_export_is_logged_with_the_rows_that_went_out(owner, shop, caplog):
    caplog.set_level("INFO", "backoffice.spreadsheets.export")
    for n in range(3):
        make_category(shop, f"Category {n}")
    send(owner, "inventory.Category").getvalue()
    assert "exported 3 rows of Categories" in caplog.text


def test_a_download_that_is_broken_off_is_logged_with_what_was_read(owner, shop, caplog, monkeypatch):
    caplog.set_level("INFO", "backoffice.spreadsheets.export")
    monkeypatch.setattr("backoffice.spreadsheets.writing.CHUNK", 1)
    make_category(shop)
    answer = send(owner, "inventory.Category")
    pieces = iter(answer.streaming_content)
    assert b"Drinks" in [next(pieces), next(pieces)][1] and not caplog.records
    answer.close()
    assert "exported 1 rows of Categories" in caplog.text


# Over the wire


@pytest.mark.parametrize("file_format", [CSV, EXCEL])
def test_a_browser_gets_the_whole_file_from_a_server(live_server, file_format):
    shop = make_business("Duka Bora")
    product = make_product(shop)
    when = datetime(2026, 3, 1, 21, 30, tzinfo=UTC)
    with every_business():
        StockMovement.objects.bulk_create(
            StockMovement(
                business=shop, product=product, warehouse=product.levels.get().warehouse, reason="receive",
                quantity=1, reference=f"receive:{n}", created_at=when - timedelta(seconds=n),
            )
            for n in range(5000)
        )  # fmt: skip
    browser = Client()
    browser.force_login(make_user((shop, OWNER)))
    address = address_of("inventory.StockMovement")
    token = str(browser.get(address).context["csrf_token"])
    form = urlencode({"format": file_format, "csrfmiddlewaretoken": token}).encode()
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in browser.cookies.items())
    request = Request(live_server.url + address, form, {"Cookie": cookies})  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310
        content = answer.read()
    if file_format == CSV:
        rows = list(csv.reader(StringIO(content.decode("utf-8-sig"), newline="")))
        assert rows[1][0] == "2026-03-01 23:06"
    else:
        rows = list(load_workbook(BytesIO(content), read_only=True).active.iter_rows(values_only=True))
    assert len(rows) == 5002
