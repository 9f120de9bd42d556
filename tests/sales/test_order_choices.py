"""What is suggested while an order is typed."""

from decimal import Decimal

import pytest
from django.urls import reverse

from backoffice.scoping import business_scope
from inventory.models import Warehouse
from inventory.services.stock import receive_stock
from tests.builders import make_business, make_customer, make_order, make_product

pytestmark = pytest.mark.django_db


def test_products_are_suggested_with_price_and_what_is_available(desk, business, clerk):
    product = make_product(business, name="Maize flour", sku="FLR-1", price=Decimal(1250), stock=12)
    make_order(business, [(product, 5)])
    make_product(business, name="Maize, old", is_active=False)
    make_product(business, name="Maize husk", stock=0)
    with business_scope(business, other := make_business()):
        make_product(other, name="Maize of theirs")
    address = f"{reverse('admin:sales_order_products')}?business={business.pk}&term=maize"
    texts = [row["text"] for row in desk.get(address).json()["results"]]
    assert texts == [
        "Maize flour · FLR-1 · KES 1,250.00 · 7 available",
        texts[1],
    ]
    assert texts[1].startswith("Maize husk") and texts[1].endswith("none available")
    for rubbish in ("", "x", str(other.pk)):
        address = f"{reverse('admin:sales_order_products')}?business={rubbish}&term=maize"
        assert desk.get(address).json()["results"] == []


def test_with_several_warehouses_the_suggestion_says_how_much_is_where(desk, business, clerk):
    van = Warehouse.objects.create(business=business, name="Van")
    product = make_product(business, stock=3)
    receive_stock(product, quantity=2, warehouse=van, by=clerk)
    address = f"{reverse('admin:sales_order_products')}?business={business.pk}&term={product.sku}"
    assert desk.get(address).json()["results"][0]["text"].endswith("3 Main store, 2 Van")


def test_customers_are_suggested_with_their_phone(desk, business):
    make_customer(name="Njeri Wambui", phone="+254712345678")
    make_customer(name="Njeri Gone", is_active=False)
    for term in ("njeri", "0712345678", "+254712345678", "0712 345 678"):
        found = desk.get(reverse("admin:sales_order_customers"), {"term": term}).json()["results"]
        assert [row["text"] for row in found] == ["Njeri Wambui · +254 712 345678"]


def test_suggestions_take_few_queries(desk, business, django_assert_max_num_queries):
    for _ in range(15):
        make_product(business, name="Soap")
    for name, term in (("products", "soap"), ("customers", "c")):
        with django_assert_max_num_queries(9):
            desk.get(reverse(f"admin:sales_order_{name}"), {"business": business.pk, "term": term})
