"""Products and prices: what is saved, what is written down about it, and what stays for ever."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backoffice.errors import RuleBroken
from inventory.models import Product
from inventory.services.prices import change_price
from inventory.services.products import delete_product, save_product
from inventory.services.stock import receive_stock
from tests.builders import make_business, make_category, make_order, make_product, make_user

pytestmark = pytest.mark.django_db


def again(product):
    return Product._base_manager.get(pk=product.pk)


def test_a_price_change_says_in_history_who_when_old_new_and_why():
    product, owner = make_product(make_business(), price=Decimal(120)), make_user()
    change_price(product, price="135.50", by=owner, reason="Supplier raised his price")
    new, old = product.history.all()[:2]
    assert (old.price, new.price) == (120, Decimal("135.50"))
    assert (new.history_user, new.history_change_reason) == (owner, "Supplier raised his price")
    assert new.history_date >= old.history_date
    assert product.history.count() == 2


@pytest.mark.parametrize(
    ("price", "reason", "sentence"),
    [("-1", "x", "cannot be negative"), ("130", "", "Say why"), ("120.00", "x", "already costs")],
)
def test_a_price_change_is_refused(price, reason, sentence):
    product = make_product(make_business(), price=Decimal(120))
    with pytest.raises(RuleBroken, match=sentence):
        change_price(product, price=price, by=None, reason=reason)
    assert again(product).price == 120 and product.history.count() == 1


def test_an_order_keeps_the_price_it_was_taken_at():
    business = make_business()
    product = make_product(business, price=Decimal(120))
    order = make_order(business, [(product, 1)])
    change_price(product, price=200, by=None, reason="Dearer")
    assert order.items(manager="_base_manager").get().unit_price == 120


def test_saving_a_stale_product_keeps_stock_price_and_other_peoples_changes():
    product = make_product(make_business(), stock=5, price=Decimal(120))
    stale = again(product)
    receive_stock(product, quantity=7, by=None)
    change_price(product, price=150, by=None, reason="Dearer")
    stale.name = "New name"
    save_product(stale, changed=["name"], by=None)
    fresh = again(product)
    assert (fresh.name, fresh.stock, fresh.price) == ("New name", 12, 150)


def test_even_a_plain_save_of_a_stale_product_leaves_the_stock_alone():
    product = make_product(make_business(), stock=5)
    stale = again(product)
    receive_stock(product, quantity=7, by=None)
    stale.save()
    assert again(product).stock == 12


def test_saving_without_a_change_leaves_no_trace_and_a_price_has_its_own_way():
    product = make_product(make_business())
    save_product(product, changed=[], by=None)
    assert product.history.count() == 1
    with pytest.raises(RuleBroken, match="Change the price with the button"):
        save_product(product, changed=["price"], by=None)


def test_products_of_one_name_get_slugs_of_their_own():
    business = make_business()
    category = make_category(business)
    made = [
        save_product(
            Product(business=business, sku=sku, name="Still water", price=1, category=category), by=None
        )
        for sku in ("W 1", "W-1", "W/1")
    ]
    assert [each.slug for each in made] == ["still-water-w-1", "still-water-w-1-2", "still-water-w1"]
    made[0].slug = ""
    assert save_product(made[0], changed=["slug"], by=None).slug == "still-water-w-1"


def test_a_sku_is_unique_in_its_business_only():
    business = make_business()
    make_product(business, sku="A1")
    make_product(make_business(), sku="A1")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_product(business, sku="A1", name="Another")


def test_a_product_that_never_moved_can_be_deleted():
    product = make_product(make_business(), stock=0)
    delete_product(product, by=None)
    assert not Product._base_manager.filter(pk=product.pk).exists()


def test_a_product_that_moved_or_was_sold_stays():
    product = make_product(make_business(), stock=1)
    with pytest.raises(RuleBroken, match="so it stays. Make it inactive instead"):
        delete_product(product, by=None)
    assert again(product)


@pytest.mark.parametrize(
    ("cost", "margin"), [(None, None), (Decimal(70), Decimal(30)), (Decimal(130), Decimal(-30))]
)
def test_the_margin_is_what_the_price_leaves_over_the_cost(cost, margin):
    assert Product(price=Decimal(100), cost=cost).margin == margin
