"""The lists of catalogue and stock: few queries at any length, filters, search, the tree."""

from decimal import Decimal

import pytest

from backoffice.roles import OWNER
from inventory.models import Category, Warehouse
from inventory.services.stock import issue_stock
from tests.builders import make_business, make_category, make_product, serial
from tests.inventory.pages import shown, url

pytestmark = pytest.mark.django_db


def rows_of_products(business, number):
    category = make_category(business)
    for _number in range(number):
        make_product(business, stock=3, category=category)


def rows_of_categories(business, number):
    for _number in range(number):
        make_category(business, f"Drinks > Kind {next(serial)}")


def rows_of_warehouses(business, number):
    for _number in range(number):
        Warehouse._base_manager.create(business=business, name=f"Room {next(serial)}")


@pytest.mark.parametrize(
    ("model", "make_rows"),
    [
        ("product", rows_of_products),
        ("category", rows_of_categories),
        ("warehouse", rows_of_warehouses),
        ("stocklevel", rows_of_products),
        ("stockmovement", rows_of_products),
    ],
)
@pytest.mark.parametrize("scope", ["one business", "all my businesses"])
def test_a_list_costs_the_same_few_queries_at_any_length(
    model, make_rows, scope, business, enter, django_assert_max_num_queries
):
    client = enter(OWNER, *([(make_business(), OWNER)] if scope == "all my businesses" else []))
    counts = []
    for more in (5, 15):
        make_rows(business, more)
        client.get(url(model, "changelist"))  # the badges of the sidebar are cached
        with django_assert_max_num_queries(8) as queries:
            assert client.get(url(model, "changelist"), {"_facets": ""}).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_products_are_found_by_name_sku_and_barcode(business, enter):
    water = make_product(business, name="Still water", sku="H2O-1", barcode="6161234567890")
    make_product(business, name="Juice", sku="JUI-1", barcode="6169999999999")
    client = enter()
    for words in ("still", "h2o", "6161234567890", "water 6161234567890"):
        assert shown(client.get(url("product", "changelist"), {"q": words})) == {water.pk}
    assert not shown(client.get(url("product", "changelist"), {"q": "nothing like it"}))


def test_the_category_filter_shows_what_lies_below_too(business, enter):
    still = make_product(business, category=make_category(business, "Drinks > Water > Still"))
    juice = make_product(business, category=make_category(business, "Drinks > Juice"))
    make_product(business, category=make_category(business, "Food"))
    drinks = Category._base_manager.get(business=business, path="Drinks")
    client = enter()
    assert shown(client.get(url("product", "changelist"), {"category": drinks.pk})) == {still.pk, juice.pk}
    foreign = make_category(make_business())
    assert not shown(client.get(url("product", "changelist"), {"category": foreign.pk}))


def test_products_are_filtered_by_price_and_stock(business, enter):
    plenty = make_product(business, stock=50, price=Decimal(100))
    low = make_product(business, stock=3, price=Decimal(200))
    out = make_product(business, stock=1, price=Decimal(300))
    issue_stock(out, quantity=1, by=None)
    client, page = enter(), url("product", "changelist")
    for query, rows in [
        ({"stock": "in"}, {plenty, low}),
        ({"stock": "low"}, {low, out}),
        ({"stock": "out"}, {out}),
        ({"price_from": "150"}, {low, out}),
        ({"price_from": "100", "price_to": "200"}, {plenty, low}),
        ({"is_active__exact": "0"}, set()),
    ]:
        assert shown(client.get(page, query)) == {row.pk for row in rows}, query


@pytest.mark.parametrize("number", ["abc", "NaN", "1e400", "Infinity", "9" * 60, "-0", "１２", "1_0"])
def test_a_price_that_is_no_number_never_breaks_the_list(number, business, enter):
    response = enter().get(url("product", "changelist"), {"price_from": number, "price_to": number})
    assert response.status_code in (200, 302)


def test_the_list_shows_money_and_the_state_of_stock(business, enter):
    make_product(business, stock=1500, price=Decimal("1234.5"))
    make_product(business, stock=3)
    page = enter().get(url("product", "changelist")).content.decode()
    assert "KES 1,234.50" in page
    assert "1,500" in page and "3 · low" in page


def test_the_tree_stands_in_order_with_counts(business, enter):
    for path in ("Tea > Green", "Tea & coffee", "Tea > Black > Earl Grey"):
        make_product(business, category=make_category(business, path))
    rows = enter().get(url("category", "changelist")).context["cl"].result_list
    assert [(row.path, row.own_products, row.all_products) for row in rows] == [
        ("Tea", 0, 2),
        ("Tea > Black", 0, 1),
        ("Tea > Black > Earl Grey", 1, 1),
        ("Tea > Green", 1, 1),
        ("Tea & coffee", 1, 1),
    ]
