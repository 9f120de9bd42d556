"""The forms of the catalogue: what they save, refuse and leave alone."""

import re
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from backoffice.roles import ACCOUNTANT, STAFF
from inventory.models import Category, Product
from tests.builders import make_business, make_category, make_product
from tests.inventory.pages import errors, url

pytestmark = pytest.mark.django_db


def product_form(product=None, **values):
    """What the browser sends from the form of a product."""
    fields = {"name": "Still water", "sku": "W1", "barcode": "", "description": "", "slug": "", "cost": ""}
    if product:
        fields |= {name: getattr(product, name) for name in fields}
        fields |= {"cost": product.cost or "", "category": product.category_id, "is_active": "on"}
    return {**fields, **values}


def test_a_product_is_added_in_the_chosen_business_with_a_slug_of_its_own(business, enter):
    client, category = enter(), make_category(business)
    for sku in ("W 1", "W-1"):
        data = product_form(sku=sku, business=business.pk, category=category.pk, price="120.50")
        assert client.post(url("product", "add"), data).status_code == 302
    rows = Product._base_manager.filter(business=business).order_by("created_at")
    assert [row.slug for row in rows] == ["still-water-w-1", "still-water-w-1-2"]
    assert rows[0].price == Decimal("120.50")
    assert rows[0].history.get().history_user.email


def test_a_taken_sku_is_a_sentence_on_adding_and_on_changing(business, enter):
    category = make_category(business)
    make_product(business, sku="W1", category=category)
    other = make_product(business, sku="W2", category=category)
    client = enter()
    data = product_form(business=business.pk, category=category.pk, price="1")
    assert "already a product with this SKU" in errors(client.post(url("product", "add"), data))
    response = client.post(url("product", "change", other.pk), product_form(other, sku="W1"))
    assert "already a product with this SKU" in errors(response)


def test_a_form_sent_as_it_came_leaves_no_trace(business, enter):
    product = make_product(business)
    assert enter().post(url("product", "change", product.pk), product_form(product)).status_code == 302
    assert product.history.count() == 1


def test_price_stock_and_business_do_not_change_by_the_form(business, enter):
    product, other = make_product(business, stock=5), make_business()
    data = product_form(product, name="Renamed", price="1", stock="999", business=other.pk)
    assert enter().post(url("product", "change", product.pk), data).status_code == 302
    row = Product._base_manager.get(pk=product.pk)
    assert (row.name, row.price, row.stock, row.business) == ("Renamed", 100, 5, business)


def test_who_works_in_one_business_is_not_asked_which_and_who_works_in_two_is(business, enter):
    page = enter().get(url("product", "add")).content.decode()
    assert re.search(r'<input type="hidden" name="business"', page)
    client = enter(STAFF, (second := make_business(), STAFF), (third := make_business(), ACCOUNTANT))
    field = client.get(url("product", "add")).context["adminform"].form.fields["business"]
    assert set(field.queryset) == {business, second}
    # An accountant reads products there, but adds none: nor by a plain POST.
    data = product_form(business=third.pk, category=make_category(third).pk, price="1")
    assert "Select a valid choice" in errors(client.post(url("product", "add"), data))


def test_a_category_of_another_own_business_is_refused(business, enter):
    other = make_business()
    data = product_form(business=business.pk, category=make_category(other).pk, price="1")
    response = enter(STAFF, (other, STAFF)).post(url("product", "add"), data)
    assert "belongs to another business" in errors(response)


def test_a_picture_is_kept_drawn_anew_and_a_bad_one_is_an_error_of_the_form(business, enter):
    product, client = make_product(business), enter()
    drawn = BytesIO()
    Image.new("RGB", (30, 30), "teal").save(drawn, "PNG")
    data = product_form(product, image=SimpleUploadedFile("shop.png", drawn.getvalue()))
    assert client.post(url("product", "change", product.pk), data).status_code == 302
    row = Product._base_manager.get(pk=product.pk)
    assert row.image.name.startswith(f"products/{business.pk}/")
    picture = client.get(row.image_url)
    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")
    data = product_form(product, image=SimpleUploadedFile("shop.png", b"<script>"))
    assert "not a JPEG" in errors(client.post(url("product", "change", product.pk), data))


def test_a_category_is_added_and_renamed_through_the_service(business, enter):
    make_category(business, "Drinks > Water")
    client, drinks = enter(), Category._base_manager.get(business=business, path="Drinks")
    data = {"business": business.pk, "name": "Juice", "parent": drinks.pk, "is_active": "on", "slug": ""}
    assert client.post(url("category", "add"), data).status_code == 302
    assert "already a category of this name here" in errors(client.post(url("category", "add"), data))
    data = {"name": "Beverages", "is_active": "on", "slug": drinks.slug}
    assert client.post(url("category", "change", drinks.pk), data).status_code == 302
    paths = Category._base_manager.filter(business=business).values_list("path", flat=True)
    assert set(paths) == {"Beverages", "Beverages > Water", "Beverages > Juice"}


def test_a_rule_of_a_service_comes_back_as_an_error_of_the_form(business, enter):
    make_category(business, "Food")
    category = make_category(business, "Drinks")
    data = {"name": "Food", "is_active": "on", "slug": category.slug, "description": "typed"}
    response = enter().post(url("category", "change", category.pk), data)
    assert "already a category" in errors(response)
    assert "typed" in response.content.decode()
