"""Moving, repricing and deleting: what is said before, and what holds."""

from decimal import Decimal

import pytest

from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from inventory.models import Category, Product, StockLevel, Warehouse
from tests.builders import give_role, make_business, make_category, make_product, make_user
from tests.inventory.pages import url

pytestmark = pytest.mark.django_db


def test_the_move_dialog_says_what_moves_and_only_a_post_moves_it(business, enter):
    make_product(business, category=make_category(business, "Drinks > Water > Still"))
    food = make_category(business, "Food")
    water = Category._base_manager.get(business=business, path="Drinks > Water")
    client, dialog = enter(), url("category", "move_category", water.pk)
    page = client.get(dialog, {"parent": food.pk}).content.decode()
    assert "1 category below it moves too." in page and "1 product is in it and below" in page
    water.refresh_from_db()
    assert water.path == "Drinks > Water"
    assert "HX-Redirect" in client.post(dialog, {"parent": food.pk, "reason": "Meals"}).headers
    water.refresh_from_db()
    assert water.path == "Food > Water"
    assert water.history.first().history_change_reason == "Meals"


def test_the_move_dialog_offers_no_place_below_nor_in_another_business(business, enter):
    below = make_category(business, "Drinks > Water")
    drinks, foreign = below.parent, make_category(make_business())
    client = enter()
    for parent in (drinks, below, foreign):
        response = client.post(url("category", "move_category", drinks.pk), {"parent": parent.pk})
        assert "Select a valid choice" in response.content.decode()


def test_the_price_dialog_shows_old_price_and_margin_and_wants_a_reason(business, enter):
    product = make_product(business, price=Decimal(120), cost=Decimal(90))
    client, dialog = enter(ACCOUNTANT), url("product", "change_price", product.pk)
    page = client.get(dialog, {"price": 1, "reason": "x"}).content.decode()
    assert "KES 120.00 now" in page and "KES 30.00 (25\u00a0%)" in page
    assert "HX-Redirect" not in client.post(dialog, {"price": "130", "reason": ""}).headers
    assert Product._base_manager.get(pk=product.pk).price == 120
    assert "HX-Redirect" in client.post(dialog, {"price": "130", "reason": "Dearer"}).headers
    assert Product._base_manager.get(pk=product.pk).price == 130
    assert product.history.first().history_change_reason == "Dearer"


def test_staff_cannot_change_prices_nor_see_the_button(business, enter):
    product, client = make_product(business), enter(STAFF)
    assert "change_price" not in client.get(url("product", "change", product.pk)).content.decode()
    for send in (client.get, client.post):
        response = send(url("product", "change_price", product.pk), {"price": 1, "reason": "x"})
        assert response.status_code == 403
    assert Product._base_manager.get(pk=product.pk).price == 100


def test_a_category_without_others_below_says_nothing_of_them(business, enter):
    food = make_category(business, "Food")
    page = enter().get(url("category", "move_category", food.pk)).content.decode()
    assert "Now: Food" in page and "below it move" not in page


def test_a_category_with_sold_products_says_why_it_stays(business, enter):
    product = make_product(business, name="Still water", category=make_category(business, "Drinks"))
    client, page = enter(OWNER), url("category", "delete", product.category_id)
    for send in (client.get, client.post):
        response = send(page, {"post": "yes"})
        assert response.status_code == 200
        assert "Still water" in response.content.decode()
        assert "so it stays. Make it inactive instead" in response.content.decode()
    assert Category._base_manager.filter(pk=product.category_id).exists()


def test_a_category_with_fresh_products_says_what_goes_with_it(business, enter):
    product = make_product(business, stock=0, category=make_category(business, "Drinks > Water"))
    StockLevel._base_manager.create(
        business=business, product=product, warehouse=Warehouse._base_manager.get(business=business)
    )
    drinks, client = product.category.parent, enter(OWNER)
    page = client.get(url("category", "delete", drinks.pk)).content.decode()
    assert product.sku in page and "Drinks &gt; Water" in page
    assert client.post(url("category", "delete", drinks.pk), {"post": "yes"}).status_code == 302
    assert not Product._base_manager.filter(pk=product.pk).exists()


def test_many_products_are_deleted_or_all_stay(business, enter):
    fresh, sold = make_product(business, stock=0), make_product(business, stock=1)
    client = enter(OWNER)

    def delete(*products):
        keys = [each.pk for each in products]
        data = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
        return client.post(url("product", "changelist"), data, follow=True).content.decode()

    assert "so it stays" in delete(fresh, sold)
    assert Product._base_manager.filter(pk=fresh.pk).exists()
    delete(fresh)
    assert not Product._base_manager.filter(pk=fresh.pk).exists()


def test_staff_delete_nothing(business, enter):
    product, client = make_product(business, stock=0), enter(STAFF)
    assert client.post(url("product", "delete", product.pk), {"post": "yes"}).status_code == 403
    assert client.post(url("category", "delete", product.category_id), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [product.pk], "post": "yes"}
    client.post(url("product", "changelist"), data)
    assert Product._base_manager.filter(pk=product.pk).exists()


def test_an_owner_here_deletes_nothing_where_he_is_staff(business, enter, client):
    other = make_business()
    person = make_user((business, OWNER))
    give_role(person, other, STAFF)
    theirs = make_product(other, stock=0)
    client.force_login(person)
    data = {"action": "delete_selected", "_selected_action": [theirs.pk], "post": "yes"}
    assert client.post(url("product", "changelist"), data).status_code == 403
    assert Product._base_manager.filter(pk=theirs.pk).exists()
