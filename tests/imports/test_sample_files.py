"""The sample files in fixtures/ load as they are into a shop that has their products."""

from decimal import Decimal

import pytest
from django.urls import reverse

from backoffice.people.models import Customer
from backoffice.roles import OWNER
from inventory.models import PlannedPrice, Product, StockMovement
from tests.builders import make_category, make_product, make_user
from tests.imports.desk import confirm, counts, load
from tests.inventory.sheets import FIXTURES

FLOURS = ["FLR-JOG-1KG", "FLR-JOG-2KG", "FLR-PEM-2KG", "FLR-SOK-2KG"]


@pytest.fixture
def owner(shop):
    return make_user((shop, OWNER))


def write(shop, owner, resource, name):
    """Import a sample. Returns (new, changed, unchanged, refused)."""
    job = load(shop, (FIXTURES / name).read_bytes(), by=owner, resource=resource, name=name)
    assert job.status == "ready", (job.error, job.report)
    assert confirm(job).status == "done"
    return counts(job)


def make_flours(shop, stock=0):
    shelf = make_category(shop, "Groceries > Flour")
    return [make_product(shop, sku=sku, stock=stock, category=shelf) for sku in FLOURS]


def test_categories(shop, owner):
    make_category(shop, "Groceries > Flour")
    assert write(shop, owner, "categories", "categories.csv") == (4, 1, 0, 0)


def test_customers(shop, owner):
    assert write(shop, owner, "customers", "customers.csv") == (4, 0, 0, 0)
    assert Customer.objects.get(phone="+254712345678").note == "Pays on Fridays"


def test_prices(shop, owner):
    make_flours(shop)
    assert write(shop, owner, "prices", "prices.csv") == (0, 4, 0, 0)
    assert Product._base_manager.get(sku="FLR-JOG-1KG").price == Decimal("92")
    assert PlannedPrice._base_manager.filter(price_list="New year").count() == 2


def test_counts(shop, owner):
    make_flours(shop, stock=260)
    assert write(shop, owner, "counts", "stock_counts.csv") == (0, 2, 1, 0)
    found = StockMovement._base_manager.filter(reason="count")
    assert sorted(found.values_list("quantity", flat=True)) == [-166, 0]


def test_opening_stock(shop, owner):
    make_flours(shop)
    assert write(shop, owner, "opening", "opening_stock.csv") == (0, 4, 0, 0)
    assert sorted(Product._base_manager.values_list("stock", flat=True)) == [0, 96, 240, 260]


@pytest.mark.parametrize(
    "name", ["categories", "customers", "prices", "counts", "opening", "mpesa_statement", "bank_statement"]
)
def test_the_empty_form_to_fill_in_can_be_loaded_as_it_is(client, shop, owner, name):
    for sku in ("WAT-BOT-20L", "WAT-BOT-500"):
        make_product(shop, sku=sku, stock=0)
    client.force_login(owner)
    page = client.get(reverse("admin:imports_importjob_add"), {"resource": name})
    assert page.status_code == 200
    form = client.get(reverse("admin:imports_importjob_template"), {"resource": name, "format": "xlsx"})
    job = load(shop, form.content, by=owner, resource=name)
    assert job.status == "ready", (job.error, job.report)
    assert (job.total_rows, job.refused_rows) == (2, 0)
