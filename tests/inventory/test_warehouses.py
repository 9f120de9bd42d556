"""Warehouses: one default in each business, and none is closed over its stock."""

import pytest
from django.urls import reverse

from backoffice.errors import RuleBroken
from backoffice.roles import OWNER
from inventory.models import Product, StockLevel, Warehouse
from inventory.queries import low_products, low_stock, with_stock_state
from inventory.services.levels import set_reorder_level
from inventory.services.stock import issue_stock, receive_stock
from inventory.services.warehouses import make_default, save_warehouse
from tests.builders import make_business, make_product, make_user

pytestmark = pytest.mark.django_db


def main_store(business):
    return Warehouse._base_manager.get(business=business, name="Main store")


def make_store(business, name="Back room"):
    return save_warehouse(Warehouse(business=business, name=name), by=None)


def test_the_first_warehouse_of_a_business_is_its_default():
    business = make_business()
    main_store(business).delete()
    assert make_store(business, "First").is_default
    assert not make_store(business, "Second").is_default


def test_the_default_can_be_passed_on_and_both_histories_say_so():
    business, owner = make_business(), make_user()
    old, new = main_store(business), make_store(business)
    make_default(new, by=owner)
    old.refresh_from_db()
    assert not old.is_default
    assert old.history.first().history_change_reason == "Back room is the default now"
    assert new.history.first().history_user == owner
    with pytest.raises(RuleBroken, match="already the default"):
        make_default(new, by=owner)


def test_an_inactive_warehouse_cannot_become_the_default():
    store = make_store(make_business())
    store.is_active = False
    save_warehouse(store, by=None)
    with pytest.raises(RuleBroken, match="inactive"):
        make_default(store, by=None)


def test_the_default_warehouse_and_one_with_stock_cannot_be_closed():
    business = make_business()
    old, new = main_store(business), make_store(business)
    make_product(business, stock=3)
    old.is_active = False
    with pytest.raises(RuleBroken, match="Make another warehouse the default first"):
        save_warehouse(old, by=None)
    make_default(new, by=None)
    old.refresh_from_db()
    old.is_active = False
    with pytest.raises(RuleBroken, match="still holds 3 pieces"):
        save_warehouse(old, by=None)


def test_a_reorder_level_changes_once_with_one_history_row_and_leaves_the_stock_alone():
    clerk = make_user()
    level = make_product(make_business(), stock=8).levels(manager="_base_manager").get()
    changed = set_reorder_level(level, reorder_level=12, by=clerk)
    assert (changed.quantity, changed.reorder_level, changed.is_low) == (8, 12, True)
    record = level.history.first()
    assert (record.history_user, record.history_change_reason) == (clerk, "reorder level 5 to 12")
    with pytest.raises(RuleBroken, match="that already"):
        set_reorder_level(level, reorder_level=12, by=clerk)
    with pytest.raises(RuleBroken, match="from 0 to"):
        set_reorder_level(level, reorder_level=-1, by=clerk)
    assert level.history.count() == 2


def test_what_is_closed_is_not_low_and_takes_nothing_in(client):
    business = make_business()
    product, container = make_product(business, stock=10), make_store(business, "Container")
    receive_stock(product, quantity=3, warehouse=container, by=None)
    issue_stock(product, quantity=3, warehouse=container, by=None)
    level = StockLevel._base_manager.get(warehouse=container)
    levels, products = StockLevel._base_manager.filter(pk=level.pk), Product._base_manager.all()
    assert low_stock(levels) and low_products(products) and with_stock_state(products).get().is_low
    container.is_active = False
    save_warehouse(container, by=None)
    assert not low_stock(levels) and not low_products(products)
    assert not with_stock_state(products).get().is_low
    client.force_login(make_user((business, OWNER)))
    address = reverse("admin:inventory_stocklevel_receive_stock", args=[level.pk])
    answer = client.post(address, {"token": "a" * 32, "quantity": "4"})
    assert "Container is closed" in answer.text
    assert StockLevel._base_manager.get(pk=level.pk).quantity == 0
