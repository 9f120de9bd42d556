"""The business that is measured, and the tables as each round finds them."""

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import connection

from backoffice.guards import drop_guards, install_guards
from backoffice.people.models import Business, BusinessAccess, Customer, User
from backoffice.roles import OWNER, STAFF
from backoffice.scoping import business_scope
from benchmarks.bare_sql import import_bare, ready_rows
from benchmarks.data import CATEGORIES
from inventory.models import Category, Product, StockLevel, StockMovement, Warehouse
from inventory.services.categories import category_from_path
from inventory.services.stock import receive_stock
from sales.services.orders import place_order

PASSWORD = "correct horse battery staple"
FILLED = [StockMovement, StockLevel.history.model, StockLevel, Product.history.model, Product]


@dataclass(frozen=True)
class Shop:
    """A business with one warehouse, fifty categories, an owner and a clerk."""

    business: Business
    warehouse: Warehouse
    owner: User
    clerk: User
    categories: dict[str, object]  # path -> key


def open_shop():
    """Create the business, its warehouse, its categories and its people."""
    business = Business.objects.create(name="Bench", code="BENCH")
    with business_scope(business):
        warehouse = Warehouse.objects.create(business=business, name="Main store", is_default=True)
        owner, clerk = (hire(business, role) for role in (OWNER, STAFF))
        categories = {path: category_from_path(business, path, by=None).pk for path in CATEGORIES}
    return Shop(business, warehouse, owner, clerk, categories)


def hire(business, role):
    name = role.lower()
    person = User(email=f"{name}@example.com", username=name, is_staff=True)
    person.set_password(PASSWORD)
    person.save()
    BusinessAccess.objects.create(user=person, business=business, role=Group.objects.get(name=role))
    return person


def find_shop():
    """Return the business that another process has opened."""
    business = Business.objects.get(code="BENCH")
    with business_scope(business):
        categories = dict(Category.objects.values_list("path", "pk"))
        owner, clerk = (User.objects.get(username=role.lower()) for role in (OWNER, STAFF))
        return Shop(business, Warehouse.objects.get(), owner, clerk, categories)


def prepare_tables(shop, rows=0, *, levels=False):
    """Leave so many products in the tables, with their history, and with `levels` a stock level each."""
    empty_tables()
    if rows:
        import_bare(ready_rows(shop.business, shop.categories, rows))
    if levels:
        add_levels(shop)
    settle()


def empty_tables():
    names = [model._meta.db_table for model in FILLED]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(names)} CASCADE")
            return
        drop_guards()  # history may not be deleted
        for name in names:
            cursor.execute(f"DELETE FROM {name}")
        install_guards()


def add_levels(shop):
    products = Product._base_manager.values_list("pk", flat=True)
    place = {"business": shop.business, "warehouse": shop.warehouse}
    StockLevel._base_manager.bulk_create(
        [StockLevel(product_id=product, **place) for product in products], batch_size=1000
    )


def settle():
    """Do now what the database would do soon after such a change, so that nobody's round pays for it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"VACUUM (ANALYZE) {', '.join(model._meta.db_table for model in FILLED)}")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def take_orders(shop, orders):
    """Give the shop some orders of its first products."""
    with business_scope(shop.business):
        customer = Customer.objects.create(name="Customer", phone="+254712000001")
        for product in Product.objects.order_by("sku")[:orders]:
            receive_stock(product, quantity=9, by=shop.clerk)
            place_order(shop.business, customer=customer, lines=[(product, 2)], by=shop.clerk)
