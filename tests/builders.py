"""Plain functions that build rows for tests, through the services wherever there is one."""

from decimal import Decimal
from itertools import count

from django.contrib.auth.models import Group

from backoffice.people.models import Business, BusinessAccess, Customer, User
from backoffice.roles import STAFF
from inventory.models import Product, Warehouse
from inventory.services.categories import category_from_path
from inventory.services.stock import receive_stock
from sales.services.orders import place_order

serial = count(1)
PASSWORD = "correct horse battery staple"


def make_business(name="", **values):
    """A business with one default warehouse."""
    n = next(serial)
    business = Business.objects.create(name=name or f"Business {n}", **{"code": f"B{n}", **values})
    Warehouse.objects.with_scopes_disabled().create(business=business, name="Main store", is_default=True)
    return business


def make_user(*roles, **values):
    """A member of staff; `roles` are (business, role name) pairs. is_superuser=True: an administrator."""
    n = next(serial)
    user = User(email=f"person{n}@example.com", username=f"person{n}", is_staff=True)
    for name, value in values.items():
        setattr(user, name, value)
    user.set_password(PASSWORD)
    user.save()
    for business, role in roles:
        give_role(user, business, role)
    return user


def give_role(user, business, role=STAFF):
    group = Group.objects.get(name=role)
    return BusinessAccess.objects.with_scopes_disabled().create(user=user, business=business, role=group)


def make_customer(**values):
    n = next(serial)
    return Customer.objects.create(**{"name": f"Customer {n}", "phone": f"+254712{n:06d}", **values})


def make_category(business, path="Drinks > Water"):
    return category_from_path(business, path, by=None)


def make_product(business, stock=10, **values):
    """An active product; `stock` pieces are received into the default warehouse."""
    n = next(serial)
    values.setdefault("category", None)
    values["category"] = values["category"] or make_category(business)
    defaults = {"sku": f"SKU-{n}", "name": f"Product {n}", "price": Decimal("100.00")}
    product = Product.objects.with_scopes_disabled().create(business=business, **{**defaults, **values})
    if stock:
        receive_stock(product, quantity=stock, by=None)
    product.refresh_from_db()
    return product


def make_order(business, lines=None, by=None, **values):
    """A pending order; `lines` are (product, quantity) pairs, by default two pieces of a new product."""
    lines = lines if lines is not None else [(make_product(business), 2)]
    values.setdefault("customer", None)
    values["customer"] = values["customer"] or make_customer()
    return place_order(business, lines=lines, by=by, **values)
