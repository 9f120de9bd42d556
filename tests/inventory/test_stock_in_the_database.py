"""The database holds the rules of stock whoever writes; beside each stands the control without the rule."""

import pytest
from django.db import connection

from backoffice.guards import drop_guards
from inventory.models import StockLevel, Warehouse
from inventory.services.stock import reserve_stock
from tests.builders import make_business, make_product

pytestmark = pytest.mark.django_db


def execute(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    "change", ["reserved = quantity + 1", "reserved = -1", "quantity = -1", "quantity = reserved - 1"]
)
def test_raw_sql_cannot_break_the_bounds_of_a_level(change, refused):
    reserve_stock(make_product(make_business(), stock=5), quantity=3, by=None)
    refused(f"UPDATE inventory_stocklevel SET {change}")
    execute("UPDATE inventory_stocklevel SET quantity = quantity, reserved = reserved")


@pytest.mark.parametrize("change", ["quantity = 99", "note = 'rewritten'", "reference = 'other'"])
def test_raw_sql_cannot_rewrite_a_movement_while_the_guards_stand(change, refused):
    make_product(make_business(), stock=5)
    refused(f"UPDATE inventory_stockmovement SET {change}", match="append-only")
    drop_guards()
    execute(f"UPDATE inventory_stockmovement SET {change}")


def test_raw_sql_cannot_delete_a_movement_while_the_guards_stand(refused):
    make_product(make_business(), stock=5)
    refused("DELETE FROM inventory_stockmovement", match="append-only")
    drop_guards()
    execute("DELETE FROM inventory_stockmovement")


@pytest.mark.parametrize("table", ["inventory_stocklevel", "inventory_product"])
def test_raw_sql_cannot_cross_businesses_while_the_guards_stand(table, refused):
    product, business = make_product(make_business(), stock=0), make_business()
    StockLevel._base_manager.create(
        business_id=product.business_id,
        product=product,
        warehouse=Warehouse._base_manager.get(business=product.business_id),
    )
    foreign = make_product(business, stock=0)
    column, row = (
        ("warehouse_id", Warehouse._base_manager.get(business=business))
        if table == "inventory_stocklevel"
        else ("category_id", foreign.category)
    )
    key = row.pk.hex if connection.vendor == "sqlite" else row.pk
    mine = product.business.pk.hex if connection.vendor == "sqlite" else product.business.pk
    sql = f"UPDATE {table} SET {column} = %s WHERE business_id = %s"
    refused(sql, key, mine, match="another business")
    drop_guards()
    execute(sql, key, mine)
