"""The categories that a file names: found whatever their case, made when they are new and needed."""

import pytest

from inventory.models import Category, Product
from inventory.services.categories import move_category, save_category
from tests.builders import make_category, make_user
from tests.imports.desk import confirm, counts, csv_bytes, load, load_all, reasons

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_order")]


def paths():
    return set(Category._base_manager.values_list("path", flat=True))


def test_new_ones_are_named_in_the_preview_and_made_by_the_import(shop, clerk):
    make_category(shop, "Drinks")
    rows = [["A", "a", "drinks > Water", "1"], ["B", "b", "DRINKS>water", "1"], ["C", "c", "Tea", "1"]]
    job = load(shop, csv_bytes(*rows), by=clerk)
    assert job.report["new_categories"] == ["Drinks > Water", "Tea"]
    assert job.report["new_categories_count"] == 2
    confirm(job)
    assert paths() == {"Drinks", "Drinks > Water", "Tea"}
    water = Category._base_manager.get(path="Drinks > Water")
    assert set(Product._base_manager.filter(category=water).values_list("sku", flat=True)) == {"A", "B"}
    created = water.history.get()
    assert (created.history_user, created.history_change_reason) == (clerk, "import list.csv")


def test_without_the_tick_an_unknown_category_is_refused(shop, clerk):
    make_category(shop, "Drinks")
    job = load(shop, csv_bytes(["A", "a", "Drink", "1"]), by=clerk, create_categories=False)
    assert reasons(job)[2]["Category"][0].startswith("There is no category “Drink”.")


def test_who_may_not_add_categories_makes_none_by_a_file(shop, monkeypatch):
    clerk = make_user()
    job = load(shop, csv_bytes(["A", "a", "Drink", "1"]), by=clerk)
    assert reasons(job)[2]["Category"][0].startswith("There is no category “Drink”.")


def test_a_category_that_only_refused_rows_name_is_not_made(shop, clerk):
    job = load(shop, csv_bytes(["A", "a", "Water", "1"], ["B", "b", "Fuel > Gas", "abc"]), by=clerk)
    assert job.report["new_categories"] == ["Water"]
    confirm(job, leave_out=True)
    assert paths() == {"Water"}


def test_two_paths_that_look_alike_in_an_address_are_two_categories(shop, clerk):
    load_all(shop, csv_bytes(["A", "a", "A B", "1"], ["B", "b", "A > B", "1"]), by=clerk)
    assert Category._base_manager.count() == 3


def test_a_category_that_somebody_makes_after_the_preview_is_used(shop, clerk):
    job = load(shop, csv_bytes(["A", "a", "Drinks > Water", "1"]), by=clerk)
    make_category(shop, "Drinks > Water")
    job = confirm(job)
    assert (job.status, counts(job)) == ("ready", (1, 0, 0, 0))
    assert job.report["new_categories"] == []
    assert confirm(job).status == "done"
    assert paths() == {"Drinks", "Drinks > Water"}


def test_a_parent_that_is_renamed_after_the_preview_sends_it_back(shop, clerk):
    drinks = make_category(shop, "Drinks")
    job = load(shop, csv_bytes(["A", "a", "Drinks > Water", "1"]), by=clerk)
    drinks.name = "Beverages"
    save_category(drinks, by=clerk)
    job = confirm(job)
    assert job.report["new_categories"] == ["Drinks", "Drinks > Water"]
    assert confirm(job).status == "done"


def test_a_category_that_moved_after_the_preview_takes_its_products_along(shop, clerk):
    water, cold = make_category(shop, "Water"), make_category(shop, "Cold")
    job = load(shop, csv_bytes(["A", "a", "Water", "1"]), by=clerk)
    move_category(water, parent=cold, by=clerk)
    assert confirm(job).status == "done"
    assert Product._base_manager.get().category.path == "Cold > Water"
