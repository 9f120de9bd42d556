"""A status moves by the table or not at all."""

import pytest
from django.apps import apps
from django.db import transaction
from django.utils.module_loading import import_string

from backoffice.errors import RuleBroken
from backoffice.transitions import move, moves_from
from sales.models import Order, OrderStatus
from tests.builders import make_business, make_order, make_user

pytestmark = pytest.mark.django_db


def test_a_move_in_the_table_is_saved_with_user_and_reason():
    user, order = make_user(), make_order(make_business())
    move(order, to=OrderStatus.CONFIRMED, by=user, reason="agreed by phone")
    row = order.history.first()
    assert (row.status, row.history_user, row.history_change_reason) == ("confirmed", user, "agreed by phone")


def test_a_move_leaves_exactly_one_history_row():
    order = make_order(make_business())
    before = order.history.count()
    move(order, to=OrderStatus.CONFIRMED, by=None)
    assert order.history.count() == before + 1


@pytest.mark.parametrize("target", ["shipped", "delivered", "pending"])
def test_a_move_outside_the_table_is_refused_in_words(target):
    order = make_order(make_business())
    with pytest.raises(RuleBroken, match=f"{order} is pending; it cannot become {target}"):
        move(order, to=target, by=None)
    assert Order._base_manager.get().status == "pending"


def test_the_row_is_looked_at_again_under_the_lock():
    order = make_order(make_business())
    stale = Order._base_manager.get(pk=order.pk)
    with transaction.atomic():
        move(order, to=OrderStatus.CANCELLED, by=None)
    with pytest.raises(RuleBroken, match="cancelled"):
        move(stale, to=OrderStatus.CONFIRMED, by=None)


def test_every_status_of_a_table_exists_and_nothing_leaves_the_last_ones():
    for each in Order.MOVES:
        assert {*each.sources, each.target} <= set(OrderStatus.values)
    assert moves_from(Order(status=OrderStatus.DELIVERED)) == []
    assert moves_from(Order(status=OrderStatus.CANCELLED)) == []


def test_the_services_previews_and_forms_that_a_table_names_exist():
    for model in apps.get_models():
        for each in getattr(model, "MOVES", ()):
            for name in filter(None, (each.service, each.preview, each.form)):
                assert callable(import_string(name)), name
