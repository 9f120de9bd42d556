"""A file reaches no row of another business: not by SKU, by category, by column, nor by its key."""

from decimal import Decimal

import pytest
from django.utils import timezone

from backoffice.imports.engine.writing import Writer
from backoffice.imports.resource import ImportResource
from inventory.models import Category, Product
from tests.builders import make_business, make_category, make_product, make_user
from tests.imports.desk import confirm, counts, csv_bytes, load, load_all, office, reasons, undo

pytestmark = [pytest.mark.django_db]
HEADS = ["SKU", "Name", "Category", "Price"]


@pytest.fixture
def other():
    return make_business("Other", code="OTHER")


def test_an_sku_of_another_business_is_a_new_product_here(shop, clerk, other, in_order):
    theirs = make_product(other, sku="THEIRS", price=Decimal("55.00"))
    headings = ["id", *HEADS, "Business", "Stock", "Slug"]
    row = [str(theirs.pk), "THEIRS", "Mine", "X", "1"]
    job = load(shop, csv_bytes([*row, "Duka Bora", "3", theirs.slug], headings=headings), by=clerk)
    assert counts(job) == (1, 0, 0, 0)
    confirm(job)
    theirs.refresh_from_db()
    assert (theirs.price, theirs.stock, theirs.history.count()) == (Decimal("55.00"), 10, 1)
    mine = Product._base_manager.get(sku="THEIRS", business=shop)
    assert (mine.name, mine.slug, mine.pk != theirs.pk) == ("Mine", theirs.slug, True)


@pytest.mark.parametrize("name", ["Other", "other", "OTHER"])
def test_a_row_that_names_another_business_is_refused(shop, clerk, other, name):
    job = load(shop, csv_bytes(["A", "a", "X", "1", name], headings=[*HEADS, "Business"]), by=clerk)
    assert reasons(job) == {2: {"Business": [f"This row is of {name}, and you import into Duka Bora."]}}


def test_a_category_of_another_business_is_made_anew_here(shop, clerk, other, in_order):
    theirs = make_category(other, "Drinks > Water")
    load_all(shop, csv_bytes(["A", "a", "Drinks > Water", "1"]), by=clerk)
    mine = Product._base_manager.get().category
    assert (mine.path, mine.business, mine.pk != theirs.pk) == ("Drinks > Water", shop, True)
    assert Category._base_manager.filter(business=other).count() == 2


def test_the_same_file_in_two_businesses_is_two_imports(shop, clerk, other, in_order):
    """Counted once means once in each business; undoing one leaves the other."""
    file = csv_bytes(["A", "a", "X", "1", "5"], headings=[*HEADS, "Stock"])
    here, there = load_all(shop, file, by=clerk), load_all(other, file, by=None)
    assert there.status == "done"
    undo(here)
    assert list(Product._base_manager.filter(is_active=True).values_list("business__name", "stock")) == [
        ("Other", 5)
    ]


def test_undoing_takes_back_nothing_of_another_import_of_the_same_moment(
    shop, clerk, other, in_order, monkeypatch
):
    """Two files of one name, written at one moment by two workers, are told apart by their businesses."""
    moment, begin = timezone.now(), Writer.__init__

    def begin_at_that_moment(self, *args, **values):
        begin(self, *args, **values)
        self.now = moment

    monkeypatch.setattr(Writer, "__init__", begin_at_that_moment)
    headings = [*HEADS, "Stock"]
    theirs = load_all(other, csv_bytes(["A", "a", "X", "1", "5"], headings=headings), by=None)
    mine = load_all(shop, csv_bytes(["B", "b", "X", "1", ""], headings=headings), by=clerk)
    assert theirs.report["written_at"] == mine.report["written_at"]
    assert undo(mine).status == "undone"
    assert list(Product._base_manager.values_list("sku", "business", "stock")) == [("A", other.pk, 5)]


def test_without_the_scope_of_the_engine_another_business_is_reached(shop, clerk, other, monkeypatch):
    """The control."""
    theirs = make_product(other, sku="THEIRS", stock=0)
    monkeypatch.setattr(ImportResource, "own", "1 = 1")
    load_all(shop, csv_bytes(["THEIRS", "1"], headings=["SKU", "Price"]), by=clerk)
    theirs.refresh_from_db()
    assert theirs.price == 1


def test_who_has_no_right_at_all_writes_nothing(shop):
    nobody = make_user()
    make_category(shop, "X")
    job = load(shop, csv_bytes(["A", "a", "X", "1"]), by=nobody)
    before = office()
    job = confirm(job)
    assert (job.status, office()) == ("ready", before)
    assert "may no longer import into Duka Bora" in job.error
