"""Two people move two categories into each other at once. One is refused, or the tree would be a circle."""

import time

import pytest
from django.db import OperationalError, connection

from backoffice.errors import RuleBroken
from inventory.models import Category
from inventory.services import categories
from tests.builders import make_business, make_category
from tests.inventory.crowd import all_at_once


def move_into_each_other(monkeypatch):
    """Both look, wait and write; returns how many moves were made, and the two categories."""
    look = categories.refuse_wrong_parent

    def look_and_wait(category):
        look(category)
        time.sleep(0.3)

    monkeypatch.setattr(categories, "refuse_wrong_parent", look_and_wait)
    business = make_business()
    rows = [make_category(business, name) for name in ("Drinks", "Food")]

    def work(person):
        try:
            categories.move_category(rows[person], parent=rows[1 - person], by=None)
        except RuleBroken as rule:
            assert "into itself or below itself" in str(rule)
            return 0
        return 1

    return sum(all_at_once(2, work)), [Category._base_manager.get(pk=row.pk) for row in rows]


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_never_close_a_circle(monkeypatch):
    moved, rows = move_into_each_other(monkeypatch)
    assert moved == 1
    assert sorted(row.parent is None for row in rows) == [False, True]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer; the second one looks again")
@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_on_the_tree_they_block_each_other_or_close_the_circle(monkeypatch):
    monkeypatch.setattr(categories, "lock", lambda row: row)
    try:
        moved, rows = move_into_each_other(monkeypatch)
    except OperationalError as error:
        assert "deadlock" in str(error)
    else:
        assert moved == 2 and [row.parent for row in rows] == rows[::-1]
