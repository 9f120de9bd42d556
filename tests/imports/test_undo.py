"""An import is undone as a whole while nobody touched its rows, or not at all."""

from decimal import Decimal

import pytest

from backoffice.errors import RuleBroken
from backoffice.roles import OWNER
from backoffice.scoping import every_business
from inventory.models import Category, Product, StockLevel, StockMovement
from inventory.services.categories import save_category
from inventory.services.levels import set_reorder_level
from inventory.services.prices import change_price
from inventory.services.products import save_product
from inventory.services.stock import count_stock, receive_stock, reserve_stock
from tests.builders import make_category, make_order, make_product, make_user
from tests.imports.desk import confirm, counts, csv_bytes, load, load_all, undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_order")]
HEADS = [
    "SKU",
    "Name",
    "Category",
    "Price",
    "Cost",
    "Barcode",
    "Description",
    "Active",
    "Reorder level",
    "Stock",
]
FILE = csv_bytes(
    ["OLD", "Mug", "New > Mugs", "150", "", "654321", "Red", "no", "9", "4"],
    ["SAME", "Same", "Kitchen", "100", "", "", "", "yes", "", ""],
    ["COUNTED", "New one", "New > Mugs", "5", "", "", "", "yes", "", "12"],
    ["LISTED", "New two", "Tea", "5", "", "", "", "", "", ""],
    headings=HEADS,
)


def furnish(shop):
    kitchen = make_category(shop, "Kitchen")
    values = {"cost": Decimal("80"), "barcode": "123456", "description": "Blue"}
    make_product(shop, sku="OLD", name="Cup", category=kitchen, stock=10, **values)
    make_product(shop, sku="SAME", name="Same", category=kitchen, stock=0)


def said():
    """Everything that undoing has to bring back: rows without their times and, for levels, their keys."""
    products = Product._base_manager.order_by("sku")
    levels = StockLevel._base_manager.order_by("product__sku")
    return {
        "products": list(
            products.values(*[f.attname for f in Product._meta.concrete_fields if f.name != "updated_at"])
        ),
        "levels": list(levels.values("product__sku", "quantity", "reserved", "reorder_level")),
        "categories": sorted(Category._base_manager.values_list("path", "slug")),
    }


def product(sku):
    return Product._base_manager.get(sku=sku)


def test_every_column_level_sum_and_category_is_as_it_was(shop, clerk):
    furnish(shop)
    before = said()
    job = load_all(shop, FILE, by=clerk)
    assert counts(job) == (2, 1, 1, 0)
    after = said()
    job = undo(job)
    assert (job.status, job.error) == ("undone", "")
    now = said()
    left = [row for row in now["products"] if row["sku"] == "COUNTED"]
    assert [(row["is_active"], row["stock"]) for row in left] == [(False, 0)], "movements name it for ever"
    assert [row for row in now["products"] if row["sku"] != "COUNTED"] == before["products"]
    assert [row for row in now["levels"] if row["product__sku"] != "COUNTED"] == before["levels"]
    assert set(now["categories"]) - set(before["categories"]) == {
        pair for pair in after["categories"] if pair[0] in ("New", "New > Mugs")
    }, "the category stays in which a product had to stay"


def test_history_tells_of_the_import_and_of_its_undoing(shop, clerk):
    furnish(shop)
    owner = make_user((shop, OWNER))
    key = None
    job = load_all(shop, FILE, by=clerk)
    key = product("LISTED").pk
    undo(job, by=owner)
    told = [(row.history_type, row.history_change_reason, row.history_user) for row in past("OLD")]
    assert told[1:] == [("~", "import list.csv", clerk), ("~", "undone: import list.csv", owner)]
    first, _imported, last = past("OLD")
    assert [first.name, first.price, first.cost] == [last.name, last.price, last.cost]
    made = Product.history.filter(id=key).order_by("history_id")
    assert [(row.history_type, row.history_user) for row in made] == [("+", clerk), ("-", owner)]
    assert len(past("SAME")) == 1


def past(sku):
    return list(product(sku).history.order_by("history_id"))


def test_counts_are_taken_back_by_movements_that_name_them(shop, clerk):
    furnish(shop)
    undo(load_all(shop, FILE, by=clerk))
    counted, back = StockMovement._base_manager.filter(product__sku="OLD").order_by("id")[1:]
    assert (counted.quantity, back.quantity, back.reverses) == (-6, 6, counted)
    assert product("OLD").stock == 10


TOUCHES = {
    "edited": lambda row: save_product(rename(row), by=None, changed=["name"], reason="edited"),
    "price": lambda row: change_price(row, price=7, by=None, reason="sale"),
    "received": lambda row: receive_stock(row, quantity=1, by=None),
    "reserved": lambda row: reserve_stock(row, quantity=1, by=None),
    "counted": lambda row: count_stock(row, counted=2, by=None),
    "reorder level": lambda row: set_reorder_level(
        StockLevel._base_manager.get(product=row), reorder_level=1, by=None
    ),
}


def rename(row):
    row.name = "Better"
    return row


@pytest.mark.parametrize("sku", ["OLD", "COUNTED"])
@pytest.mark.parametrize("touch", TOUCHES)
def test_one_touched_row_refuses_it_all_and_is_named(shop, clerk, touch, sku):
    furnish(shop)
    job = load_all(shop, FILE, by=clerk)
    TOUCHES[touch](product(sku))
    before = said()
    job = undo(job)
    assert job.status == "done"
    assert job.error == "Nothing was undone, because rows of this import were changed since."
    assert said() == before
    told = job.report["touched"][0]
    assert f"({sku})" in told["what"] and told["who"] == "a machine" and told["when"] and told["why"]


def test_who_touched_a_row_is_told(shop, clerk):
    furnish(shop)
    job = load_all(shop, FILE, by=clerk)
    owner = make_user((shop, OWNER), first_name="Wanjiru", last_name="Kamau")
    change_price(product("LISTED"), price=9, by=owner, reason="new price of the supplier")
    [told] = undo(job).report["touched"]
    assert (told["what"], told["who"], told["why"]) == (
        "New two (LISTED)",
        "Wanjiru Kamau",
        "new price of the supplier",
    )


def test_a_product_that_was_ordered_since_cannot_be_taken_away(shop, clerk):
    """The pieces that the import counted are promised by now."""
    furnish(shop)
    job = load_all(shop, FILE, by=clerk)
    with every_business():
        make_order(shop, [(product("COUNTED"), 2)])
    before = said()
    job = undo(job)
    assert (job.status, bool(job.report["touched"]), said()) == ("done", True, before)


def test_what_was_touched_and_put_right_again_stays_refused(shop, clerk):
    furnish(shop)
    job = load_all(shop, FILE, by=clerk)
    change_price(product("OLD"), price=1, by=None, reason="slip")
    change_price(product("OLD"), price=150, by=None, reason="back")
    assert len(undo(job).report["touched"]) == 2


def test_a_category_that_is_used_or_renamed_since_stays(shop, clerk):
    job = load_all(shop, csv_bytes(["A", "a", "Tea", "1"]), by=clerk)
    make_product(shop, sku="LATER", category=Category._base_manager.get(path="Tea"), stock=0)
    assert undo(job).status == "undone"
    assert Category._base_manager.filter(path="Tea").exists()
    job = load_all(shop, csv_bytes(["B", "b", "Cold", "1"]), by=clerk)
    cold = Category._base_manager.get(path="Cold")
    cold.name = "Frozen"
    save_category(cold, by=None, reason="renamed")
    assert undo(job).report["touched"][0]["what"] == "Frozen"


def test_it_is_undone_once(shop, clerk):
    furnish(shop)
    job = undo(load_all(shop, FILE, by=clerk))
    before = said()
    with pytest.raises(RuleBroken):
        undo(job)
    assert said() == before


def test_after_that_the_same_file_is_imported_again_and_undone_again(shop, clerk):
    furnish(shop)
    before = said()
    for _turn in range(2):
        job = load_all(shop, FILE, by=clerk)
        assert (product("OLD").stock, product("COUNTED").stock, product("COUNTED").is_active) == (4, 12, True)
        undo(job)
    assert [row for row in said()["products"] if row["sku"] != "COUNTED"] == before["products"]


def test_two_imports_on_top_of_each_other_are_undone_from_the_last(shop, clerk):
    furnish(shop)
    before = said()
    first = load_all(shop, csv_bytes(["OLD", "1"], headings=["SKU", "Price"]), by=clerk)
    second = load_all(shop, csv_bytes(["OLD", "2"], headings=["SKU", "Price"]), by=clerk)
    refused = undo(first)
    assert refused.report["touched"][0]["why"] == "import list.csv"
    assert undo(second).status == "undone"
    assert product("OLD").price == 1
    assert undo(refused).report["touched"], "its row was changed and changed back since"
    assert product("OLD").name == before["products"][0]["name"]


def test_a_row_that_was_left_out_is_none_of_the_undoing(shop, clerk):
    furnish(shop)
    file = csv_bytes(["OLD", "abc"], ["SAME", "7"], headings=["SKU", "Price"])
    job = confirm(load(shop, file, by=clerk), leave_out=True)
    change_price(product("OLD"), price=1, by=None, reason="sale")
    assert undo(job).status == "undone"
    assert (product("OLD").price, product("SAME").price) == (1, 100)


def test_a_product_that_a_later_file_gave_a_level_is_put_aside(shop, clerk):
    first = load_all(shop, csv_bytes(["NEW", "Cup", "Tea", "10"], headings=HEADS[:4]), by=clerk)
    load_all(shop, csv_bytes(["NEW", "7"], headings=["SKU", "Reorder level"]), by=clerk)
    assert undo(first).status == "undone"
    product = Product._base_manager.get(sku="NEW")
    assert not product.is_active
    assert StockLevel._base_manager.get(product=product).reorder_level == 7
