"""A file of products changes a price only for somebody who may change prices."""

from decimal import Decimal

import pytest

from backoffice.roles import OWNER
from inventory.models import Product
from tests.builders import make_product, make_user
from tests.imports.desk import confirm, counts, csv_bytes, let_staff_change_prices, load, reasons, undo

pytestmark = [pytest.mark.django_db]
HEADS = ["SKU", "Name", "Category", "Price"]
REFUSED = "You may not change prices. Leave the price as it is, or ask somebody who may."


@pytest.fixture
def old(shop):
    return make_product(shop, sku="OLD", price=Decimal("40.00"))


def prices_and_a_new_product(old, price):
    row = ["OLD", "Another name", old.category.path, price]
    return csv_bytes(row, ["NEW", "New", "X", "7"], headings=HEADS)


def test_without_the_right_another_price_is_refused(shop, clerk, old):
    let_staff_change_prices(False)
    job = load(shop, prices_and_a_new_product(old, "41"), by=clerk)
    assert reasons(job) == {2: {"Price": [REFUSED]}}
    confirm(job, leave_out=True)
    prices = dict(Product._base_manager.values_list("sku", "price"))
    assert prices == {"OLD": Decimal("40.00"), "NEW": Decimal("7.00")}


def test_without_the_right_a_price_that_stays_is_no_change(shop, clerk, old):
    let_staff_change_prices(False)
    job = confirm(load(shop, prices_and_a_new_product(old, "KES 40"), by=clerk))
    assert counts(job) == (1, 1, 0, 0)


def test_who_loses_the_right_after_the_preview_changes_no_price(shop, clerk, old):
    job = load(shop, prices_and_a_new_product(old, "41"), by=clerk)
    let_staff_change_prices(False)
    job = confirm(job)
    assert (job.status, reasons(job)) == ("ready", {2: {"Price": [REFUSED]}})
    assert Product._base_manager.get().price == Decimal("40.00")


def test_control_with_the_right_the_price_is_changed(shop, clerk, old):
    confirm(load(shop, prices_and_a_new_product(old, "41"), by=clerk))
    old.refresh_from_db()
    assert (old.price, old.name) == (Decimal("41.00"), "Another name")


def test_without_the_right_nobody_brings_old_prices_back_by_undoing(shop, clerk, old):
    owner = make_user((shop, OWNER))
    job = confirm(load(shop, prices_and_a_new_product(old, "41"), by=owner))
    let_staff_change_prices(False)
    job = undo(job, by=clerk)
    old.refresh_from_db()
    assert (job.status, old.price) == ("done", Decimal("41.00"))
    assert "changed prices, and you may not" in job.error
    assert undo(job, by=owner).status == "undone"
    old.refresh_from_db()
    assert old.price == Decimal("40.00")


def test_without_the_right_an_import_that_changed_no_price_is_undone(shop, clerk, old):
    let_staff_change_prices(False)
    job = confirm(load(shop, prices_and_a_new_product(old, "40"), by=clerk))
    assert undo(job, by=clerk).status == "undone"
