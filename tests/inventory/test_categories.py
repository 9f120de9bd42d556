"""The tree of the catalogue: paths stay true, circles are refused, products that moved hold a category."""

import pytest

from backoffice.errors import RuleBroken
from backoffice.scoping import business_scope
from inventory.models import Category, Product
from inventory.queries import product_counts, subtree_size
from inventory.services.categories import (
    category_from_path,
    delete_category,
    move_category,
    save_category,
)
from tests.builders import make_business, make_category, make_product, make_user

pytestmark = pytest.mark.django_db


def named(business, path):
    return Category._base_manager.get(business=business, path=path)


def test_a_path_creates_what_is_missing_and_finds_what_is_there():
    business = make_business()
    water = category_from_path(business, "Drinks > Water", by=None)
    assert category_from_path(business, "drinks>  WATER ", by=None) == water
    assert water.path == "Drinks > Water" and water.parent.path == "Drinks"
    with pytest.raises(RuleBroken, match="needs a name"):
        category_from_path(business, " > ", by=None)


def test_descendants_are_the_category_and_everything_below_it():
    business = make_business()
    for path in ("Drinks > Water > Still", "Drinks > Juice", "Food"):
        make_category(business, path)
    drinks = named(business, "Drinks")
    ids = drinks.descendant_ids()
    assert len(ids) == 4 and len(set(ids)) == 4
    assert named(business, "Drinks > Water > Still").pk in ids
    assert named(business, "Food").pk not in ids


def test_descendants_end_even_in_a_tree_that_is_broken_into_a_circle():
    business = make_business()
    bottom = make_category(business, "A > B > C")
    Category._base_manager.filter(business=business, path="A").update(parent=bottom)
    assert len(bottom.descendant_ids()) == 3


@pytest.mark.parametrize("target", ["Drinks", "Drinks > Water", "Drinks > Water > Still"])
def test_a_category_cannot_be_moved_into_itself_or_below_itself(target):
    business = make_business()
    make_category(business, "Drinks > Water > Still")
    drinks = named(business, "Drinks")
    with pytest.raises(RuleBroken, match="into itself or below itself"):
        move_category(drinks, parent=named(business, target), by=None)
    drinks.refresh_from_db()
    assert drinks.parent is None


def test_moving_a_category_moves_every_path_below_it_and_history_says_who_and_why():
    business, owner = make_business(), make_user()
    make_category(business, "Drinks > Water > Still")
    food = make_category(business, "Food")
    moved = move_category(named(business, "Drinks > Water"), parent=food, by=owner, reason="Sold with meals")
    assert moved.path == "Food > Water"
    assert named(business, "Food > Water > Still").parent == moved
    record = moved.history.first()
    assert (record.history_user, record.history_change_reason) == (owner, "Sold with meals")
    assert record.prev_record.parent.name == "Drinks"
    # What hangs below did not change itself, so its history stays silent.
    assert named(business, "Food > Water > Still").history.count() == 1


def test_renaming_a_category_renews_the_paths_below_it():
    business = make_business()
    make_category(business, "Drinks > Water")
    drinks = named(business, "Drinks")
    drinks.name = "Beverages"
    save_category(drinks, by=None)
    assert named(business, "Beverages > Water")


def test_a_category_is_not_moved_to_where_it_is_nor_beside_one_of_the_same_name():
    business = make_business()
    water = make_category(business, "Drinks > Water")
    make_category(business, "Food > Water")
    with pytest.raises(RuleBroken, match="already there"):
        move_category(water, parent=named(business, "Drinks"), by=None)
    with pytest.raises(RuleBroken, match="already a category “Water” here"):
        move_category(water, parent=named(business, "Food"), by=None)


def test_a_category_does_not_hang_in_the_tree_of_another_business():
    water, foreign = make_category(make_business()), make_category(make_business(), "Food")
    with pytest.raises(RuleBroken, match="another business"):
        move_category(water, parent=foreign, by=None)


def test_a_tree_that_gets_too_deep_is_refused():
    business = make_business()
    path = " > ".join(letter * 190 for letter in "abcde")
    make_category(business, path)
    with pytest.raises(RuleBroken, match="too deep"):
        make_category(business, path + " > " + "f" * 190)


def test_a_slug_that_is_taken_gets_a_number():
    business = make_business()
    slugs = [make_category(business, name).slug for name in ("A b", "A-b", "a.b", "Éclair", "水")]
    assert slugs[:4] == ["a-b", "a-b-2", "ab", "eclair"]
    assert slugs[4]
    assert make_category(make_business(), "A b").slug == "a-b"


def test_deleting_a_category_takes_the_products_that_never_moved():
    business = make_business()
    category = make_category(business, "Drinks > Water")
    make_product(business, stock=0, category=category)
    delete_category(named(business, "Drinks"), by=None)
    assert not Category._base_manager.filter(business=business).exists()
    assert not Product._base_manager.filter(business=business).exists()


def test_a_product_that_moved_holds_its_category():
    business = make_business()
    make_product(business, stock=1, category=make_category(business, "Drinks > Water"), name="Still water")
    with pytest.raises(RuleBroken, match=r"Drinks stays: 1 product has .* \(Still water"):
        delete_category(named(business, "Drinks"), by=None)
    assert Product._base_manager.filter(business=business).exists()


def test_counts_are_of_the_category_itself_and_with_all_below():
    business = make_business()
    water = make_category(business, "Drinks > Water")
    drinks = named(business, "Drinks")
    for category in (drinks, water, water):
        make_product(business, stock=0, category=category)
    with business_scope(business):
        assert product_counts([business.pk]) == {drinks.pk: (1, 3), water.pk: (2, 2)}
    assert subtree_size(drinks) == (1, 3)
