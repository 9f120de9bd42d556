"""Stock services: what each does to level, product and journal, and what each refuses."""

import pytest

from backoffice.errors import RuleBroken
from inventory.models import Product, StockLevel, StockMovement, Warehouse
from inventory.services.stock import (
    MOST_PIECES,
    adjust_stock,
    count_stock,
    issue_stock,
    receive_stock,
    release_stock,
    reserve_stock,
    return_stock,
    transfer_stock,
)
from tests.builders import make_business, make_product, make_user
from tests.inventory.sums import assert_sums_agree

pytestmark = pytest.mark.django_db


def numbers(product, warehouse=None):
    """(on hand, reserved) of a product in a warehouse, by default its only one."""
    levels = StockLevel._base_manager.filter(product=product)
    return levels.values_list("quantity", "reserved").get(**({"warehouse": warehouse} if warehouse else {}))


def second_warehouse(business, **values):
    return Warehouse._base_manager.create(business=business, name="Back room", **values)


def test_each_service_moves_level_product_and_journal_together():
    product, clerk = make_product(make_business(), stock=10), make_user()
    for service, values, after in [
        (receive_stock, {"quantity": 5}, (15, 0)),
        (reserve_stock, {"quantity": 6}, (15, 6)),
        (release_stock, {"quantity": 1}, (15, 5)),
        (issue_stock, {"quantity": 5, "reserved": 5}, (10, 0)),
        (issue_stock, {"quantity": 2}, (8, 0)),
        (return_stock, {"quantity": 1}, (9, 0)),
        (adjust_stock, {"change": -3, "note": "Broken"}, (6, 0)),
        (count_stock, {"counted": 7}, (7, 0)),
    ]:
        movement = service(product, by=clerk, **values)
        assert numbers(product) == after
        assert movement.by == clerk and movement.reference
        assert_sums_agree(product)
    assert Product._base_manager.get(pk=product.pk).in_stock


def test_in_stock_follows_the_last_piece():
    product = make_product(make_business(), stock=1)
    issue_stock(product, quantity=1, by=None)
    assert not Product._base_manager.get(pk=product.pk).in_stock
    receive_stock(product, quantity=1, by=None)
    assert Product._base_manager.get(pk=product.pk).in_stock


@pytest.mark.parametrize(
    ("service", "values", "sentence"),
    [
        (receive_stock, {"quantity": 0}, "from 1 to"),
        (receive_stock, {"quantity": -4}, "from 1 to"),
        (receive_stock, {"quantity": MOST_PIECES + 1}, "from 1 to"),
        (reserve_stock, {"quantity": 8}, "Only 7 of .* available in Main store; 8 wanted"),
        (issue_stock, {"quantity": 8}, "Only 7 of .* available in Main store; 8 wanted"),
        (release_stock, {"quantity": 4}, "Only 3 of .* are reserved in Main store; 4 to be released"),
        (adjust_stock, {"change": -8, "note": "x"}, "Only 7 .*; 8 wanted"),
        (adjust_stock, {"change": 0, "note": "x"}, "above or below 0"),
        (adjust_stock, {"change": 5}, "Say why"),
        (count_stock, {"counted": 2}, "3 pieces of .* are reserved for orders"),
        (count_stock, {"counted": -1}, "from 0 to"),
    ],
)
def test_a_refusal_is_a_sentence_and_changes_nothing(service, values, sentence):
    product = make_product(make_business(), stock=10)
    reserve_stock(product, quantity=3, by=None)
    with pytest.raises(RuleBroken, match=sentence):
        service(product, by=None, **values)
    assert numbers(product) == (10, 3)
    assert StockMovement._base_manager.filter(product=product).count() == 2
    assert_sums_agree(product)


@pytest.mark.parametrize("service", [receive_stock, reserve_stock, issue_stock])
def test_a_reference_is_booked_once(service):
    product = make_product(make_business(), stock=10)
    service(product, quantity=2, reference="DN-7", by=None)
    before = numbers(product)
    with pytest.raises(RuleBroken, match="already made"):
        service(product, quantity=2, reference="DN-7", by=None)
    assert numbers(product) == before
    assert_sums_agree(product)


def test_a_repeat_is_named_as_such_even_when_the_pieces_are_gone():
    product = make_product(make_business(), stock=2)
    issue_stock(product, quantity=2, reference="till-9", by=None)
    with pytest.raises(RuleBroken, match="already made: Issued -2"):
        issue_stock(product, quantity=2, reference="till-9", by=None)


def test_another_business_may_use_the_same_reference():
    for business in (make_business(), make_business()):
        receive_stock(make_product(business), quantity=1, reference="DN-7", by=None)
    assert StockMovement._base_manager.filter(reference="DN-7").count() == 2


def test_a_count_writes_the_difference_and_the_day_even_when_all_is_right():
    product = make_product(make_business(), stock=10)
    assert count_stock(product, counted=10, by=None).quantity == 0
    level = StockLevel._base_manager.get(product=product)
    assert level.last_counted
    assert count_stock(product, counted=8, by=None).quantity == -2
    assert StockLevel._base_manager.get(product=product).last_counted > level.last_counted


def test_a_transfer_moves_pieces_between_warehouses_and_leaves_the_sum():
    business = make_business()
    product, main = make_product(business, stock=10), Warehouse._base_manager.get(business=business)
    back = second_warehouse(business)
    out, arrived = transfer_stock(product, quantity=4, source=main, target=back, reference="T1", by=None)
    assert (out.quantity, arrived.quantity) == (-4, 4)
    assert numbers(product, main) == (6, 0) and numbers(product, back) == (4, 0)
    assert Product._base_manager.get(pk=product.pk).stock == 10
    with pytest.raises(RuleBroken, match="already made"):
        transfer_stock(product, quantity=4, source=main, target=back, reference="T1", by=None)
    with pytest.raises(RuleBroken, match="two different"):
        transfer_stock(product, quantity=1, source=main, target=main, by=None)
    with pytest.raises(RuleBroken, match="Only 6"):
        transfer_stock(product, quantity=7, source=main, target=back, by=None)
    assert_sums_agree(product)


def test_stock_does_not_lie_in_the_warehouse_of_another_business():
    product = make_product(make_business(), stock=0)
    foreign = Warehouse._base_manager.get(business=make_business())
    with pytest.raises(RuleBroken, match="another business"):
        receive_stock(product, quantity=1, warehouse=foreign, by=None)


def test_a_business_without_a_warehouse_says_what_to_do():
    business = make_business()
    Warehouse._base_manager.filter(business=business).delete()
    with pytest.raises(RuleBroken, match="Add one under Stock, Warehouses"):
        receive_stock(make_product(business, stock=0), quantity=1, by=None)


@pytest.mark.parametrize(
    ("reference", "paper"),
    [
        ("receive:DN-7:SKU-1", "DN-7"),
        ("import:march.xlsx:SKU-1", "march.xlsx"),
        ("receive:0198c0de0000700080000000000000aa", ""),
        ("transfer:0198c0de0000700080000000000000aa:out", ""),
        ("order:0198c0de-0000-7000-8000-0000000000aa:0198c0de-0000-7000-8000-0000000000ab:1", ""),
        ("opening:SKU-1", ""),
        ("DN-7", ""),
    ],
)
def test_people_read_the_paper_in_a_reference_and_no_keys(reference, paper):
    assert StockMovement(reference=reference).document == paper
