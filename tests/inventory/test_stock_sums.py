"""Whatever happens in whatever order: product.stock = sum of the levels = sum of the movements."""

from collections import defaultdict

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from backoffice.errors import RuleBroken
from inventory.models import StockLevel, Warehouse
from inventory.services.stock import (
    adjust_stock,
    count_stock,
    issue_stock,
    receive_stock,
    release_stock,
    reserve_stock,
    transfer_stock,
)
from tests.builders import make_business, make_product
from tests.inventory.sums import assert_sums_agree

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["receive", "reserve", "release", "issue", "issue reserved", "count", "adjust", "transfer"]
        ),
        st.integers(0, 1),
        st.integers(-2, 12),
    ),
    max_size=25,
)


class Shelves:
    """The reference model: two shelves as plain numbers; a step that a rule forbids changes nothing."""

    def __init__(self):
        self.quantity, self.reserved = defaultdict(int), defaultdict(int)

    def step(self, name, place, pieces):
        """Do the step; returns whether it was allowed."""
        other = 1 - place
        changes = {
            "receive": [(place, pieces, 0)],
            "reserve": [(place, 0, pieces)],
            "release": [(place, 0, -pieces)],
            "issue": [(place, -pieces, 0)],
            "issue reserved": [(place, -pieces, -pieces)],
            "count": [(place, pieces - self.quantity[place], 0)],
            "adjust": [(place, pieces, 0)],
            "transfer": [(place, -pieces, 0), (other, pieces, 0)],
        }[name]
        allowed = pieces != 0 if name == "adjust" else pieces >= 0 if name == "count" else pieces > 0
        after = [(at, self.quantity[at] + q, self.reserved[at] + r) for at, q, r in changes]
        if not allowed or any(not 0 <= reserved <= quantity for _at, quantity, reserved in after):
            return False
        for at, quantity, reserved in after:
            self.quantity[at], self.reserved[at] = quantity, reserved
        return True


def do(product, places, name, place, pieces):
    """The same step through the services; returns whether it was allowed."""
    here, there = places[place], places[1 - place]
    steps = {
        "receive": lambda: receive_stock(product, quantity=pieces, warehouse=here, by=None),
        "reserve": lambda: reserve_stock(product, quantity=pieces, warehouse=here, by=None),
        "release": lambda: release_stock(product, quantity=pieces, warehouse=here, by=None),
        "issue": lambda: issue_stock(product, quantity=pieces, warehouse=here, by=None),
        "issue reserved": lambda: issue_stock(
            product, quantity=pieces, reserved=pieces, warehouse=here, by=None
        ),
        "count": lambda: count_stock(product, counted=pieces, warehouse=here, by=None),
        "adjust": lambda: adjust_stock(product, change=pieces, note="x", warehouse=here, by=None),
        "transfer": lambda: transfer_stock(product, quantity=pieces, source=here, target=there, by=None),
    }
    try:
        steps[name]()
    except RuleBroken:
        return False
    return True


@pytest.mark.django_db
@given(steps=STEPS)
def test_any_sequence_of_movements_agrees_with_two_shelves_of_plain_numbers(steps):
    with transaction.atomic():
        business = make_business()
        places = [
            Warehouse._base_manager.get(business=business),
            Warehouse._base_manager.create(business=business, name="Back room"),
        ]
        product, shelves = make_product(business, stock=0), Shelves()
        for step in steps:
            assert do(product, places, *step) == shelves.step(*step), step
            assert_sums_agree(product)
        for level in StockLevel._base_manager.filter(product=product):
            place = places.index(level.warehouse)
            assert (level.quantity, level.reserved) == (shelves.quantity[place], shelves.reserved[place])
        transaction.set_rollback(True)
