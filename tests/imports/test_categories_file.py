"""Categories from a spreadsheet: told apart by path, and the tree stays a tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from backoffice.roles import STAFF
from backoffice.scoping import business_scope
from backoffice.spreadsheets.cells import plain_text
from backoffice.spreadsheets.writing import csv_pieces
from inventory.exports import CategoryListing
from inventory.models import Category
from inventory.services.categories import move_category, save_category
from tests.builders import make_business, make_category, make_product, make_user
from tests.imports.desk import confirm, counts, csv_bytes, load, reasons, undo

HEADINGS = ["Path", "Description", "Active", "Slug"]


@pytest.fixture(autouse=True)
def everything_holds(in_order):
    pass


def load_categories(shop, clerk, *rows, headings=HEADINGS, **options):
    return load(shop, csv_bytes(*rows, headings=headings), by=clerk, resource="categories", **options)


def write_all(shop, clerk, *rows, **options):
    job = confirm(load_categories(shop, clerk, *rows, **options))
    assert job.status == "done", job.error
    return job


def paths(shop):
    return list(Category._base_manager.filter(business=shop).order_by("path").values_list("path", flat=True))


def category(shop, path):
    return Category._base_manager.get(business=shop, path=path)


def test_a_tree_is_written_whatever_the_order_of_its_rows(shop, clerk):
    job = load_categories(
        shop,
        clerk,
        ["Drinks > Water > Still", "Without gas", "", ""],
        ["Food > Bread", "", "no", "bread-and-rolls"],
        ["Drinks", "What people drink", "", ""],
    )
    assert counts(job) == (3, 0, 0, 0)
    assert job.report["new_categories"] == ["Drinks > Water", "Food"]
    confirm(job)
    assert paths(shop) == ["Drinks", "Drinks > Water", "Drinks > Water > Still", "Food", "Food > Bread"]
    still, bread = category(shop, "Drinks > Water > Still"), category(shop, "Food > Bread")
    assert (still.parent.path, still.description, still.slug) == (
        "Drinks > Water",
        "Without gas",
        "drinks-water-still",
    )
    assert (bread.is_active, bread.slug) == (False, "bread-and-rolls")
    told = still.history.get()
    assert (told.history_type, told.history_user, told.history_change_reason) == (
        "+",
        clerk,
        "import list.csv",
    )


def test_a_known_path_is_found_whatever_its_capitals_and_changed_with_history(shop, clerk):
    water = make_category(shop, "Drinks > Water")
    job = load_categories(shop, clerk, ["drinks > WATER", "Clean", "", ""])
    assert counts(job) == (0, 1, 0, 0)
    assert job.report["sections"]["changed"][0]["changes"] == [
        {"column": "Description", "old": "", "new": "Clean"}
    ]
    confirm(job)
    water.refresh_from_db()
    assert (water.description, water.slug, water.path) == ("Clean", "drinks-water", "Drinks > Water")
    assert [each.history_type for each in water.history.all()] == ["~", "+"]


def test_the_same_file_again_changes_nothing(shop, clerk):
    rows = [["Drinks > Water", "Clean", "yes", "water"], ["Drinks", "", "no", ""]]
    write_all(shop, clerk, *rows)
    before = Category.history.count()
    assert counts(load_categories(shop, clerk, *rows)) == (0, 0, 2, 0)
    assert Category.history.count() == before


def test_without_leave_a_row_below_an_unknown_category_is_refused(shop, clerk):
    make_category(shop, "Drinks")
    job = load_categories(
        shop,
        clerk,
        ["Drinks > Water", ""],
        ["Food > Bread", ""],
        ["Food > Bread > White", ""],
        create_parents=False,
    )
    assert reasons(job) == {
        3: {"Category": ["There is no category “Food”. Add a row for it, or allow new parents."]},
        4: {"Category": ["There is no category “Food”. Add a row for it, or allow new parents."]},
    }
    confirm(job, leave_out=True)
    assert paths(shop) == ["Drinks", "Drinks > Water"]


def test_what_is_no_category_is_refused_in_words(shop, clerk):
    save_category(Category(business=shop, name="Old", slug="taken"), by=None)
    job = load_categories(
        shop,
        clerk,
        ["", "Nothing", "", ""],
        [">", "", "", ""],
        ["Tea", "", "", ""],
        ["TEA", "", "", ""],
        ["A", "", "maybe", ""],
        ["B", "", "", "not a slug"],
        ["C", "", "", "taken"],
        ["D", "", "", "same"],
        ["E", "", "", "same"],
        ["x" * 201, "", "", ""],
    )
    texts = reasons(job)
    assert texts[2] == {"Category": ["Category is missing."]}
    assert texts[3] == {"Category": ["“>” is not a category."]}
    assert texts[4] == {"Category": ["This category is also in row 5."]}
    assert texts[6] == {"Active": ["“maybe” is neither yes nor no."]}
    assert list(texts[7]) == ["Slug"]
    assert texts[8] == {"Slug": ["The category Old has this slug."]}
    assert texts[10] == {"Slug": ["The category D has this slug."]}
    assert texts[11] == {"Category": ["The name of a category has at most 200 characters."]}


def test_slugs_that_the_file_asks_for_are_not_given_to_others(shop, clerk):
    write_all(shop, clerk, ["Water", "", "", ""], ["Wasser", "", "", "water"], ["Würste", "", "", ""])
    slugs = dict(Category._base_manager.filter(business=shop).values_list("name", "slug"))
    assert slugs == {"Water": "water-2", "Wasser": "water", "Würste": "wurste"}


def test_categories_of_another_business_are_out_of_reach(shop, clerk):
    other = make_business()
    theirs = make_category(other, "Drinks > Water")
    write_all(shop, clerk, ["Drinks > Water", "Ours", "", "drinks-water"])
    theirs.refresh_from_db()
    assert (theirs.description, paths(other)) == ("", ["Drinks", "Drinks > Water"])
    job = load_categories(shop, clerk, ["Food", other.name], headings=["Category", "Business"])
    assert "you import into" in reasons(job)[2]["Business"][0]


def test_undo_takes_new_categories_away_and_gives_changed_ones_back(shop, clerk):
    water = make_category(shop, "Drinks > Water")
    done = write_all(
        shop, clerk, ["Drinks > Water", "Clean", "no", "clear"], ["Food > Bread > White", "", "", ""]
    )
    assert undo(done).status == "undone"
    water.refresh_from_db()
    assert (water.description, water.is_active, water.slug) == ("", True, "drinks-water")
    assert paths(shop) == ["Drinks", "Drinks > Water"]


def test_a_new_category_that_holds_something_by_now_stays_after_the_undo(shop, clerk):
    done = write_all(shop, clerk, ["Food > Bread", "", "", ""], ["Tools", "", "", ""])
    make_product(shop, category=category(shop, "Food > Bread"), stock=0)
    assert undo(done).status == "undone"
    assert paths(shop) == ["Food", "Food > Bread"]


def test_a_category_that_was_moved_since_keeps_the_import_from_being_undone(shop, clerk):
    done = write_all(shop, clerk, ["Food > Bread", "", "", ""], ["Bakery", "", "", ""])
    with business_scope(shop):
        move_category(category(shop, "Food > Bread"), parent=category(shop, "Bakery"), by=clerk)
    job = undo(done)
    assert (job.status, job.report["touched"][0]["why"]) == ("done", "moved to Bakery")


def test_a_category_that_somebody_adds_between_preview_and_confirmation_is_looked_at_again(shop, clerk):
    job = load_categories(shop, clerk, ["Drinks", "Ours", "", ""])
    make_category(shop, "Drinks")
    job = confirm(job)
    assert (job.status, counts(job)) == ("ready", (0, 1, 0, 0))


# As the form takes them: without a sign that separates the levels, and without spaces at the ends.
names = (
    st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"], exclude_characters=">"), max_size=20
    )
    .map(plain_text)
    .filter(bool)
)


class RoundTrip(TestCase):
    def setUp(self):
        self.shop = make_business()
        self.clerk = make_user((self.shop, STAFF))

    @given(
        rows=st.lists(st.lists(names, min_size=1, max_size=3), min_size=1, max_size=6),
        description=st.text(max_size=80),
    )
    def test_an_export_loaded_again_changes_nothing(self, rows, description):
        for parts in rows:
            make_category(self.shop, Category.SEPARATOR.join(parts))
        first = category(self.shop, paths(self.shop)[0])
        first.description = plain_text(description)
        save_category(first, by=None)
        listing = CategoryListing([self.shop])
        found = listing.rows(Category._base_manager.filter(business=self.shop))
        data = b"".join(
            each if isinstance(each, bytes) else each.encode() for each in csv_pieces(listing.headings, found)
        )
        job = load(self.shop, data, by=self.clerk, resource="categories")
        assert counts(job) == (0, 0, len(paths(self.shop)), 0), (job.status, job.error, job.report)
