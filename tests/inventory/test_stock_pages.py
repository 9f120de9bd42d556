"""Levels take a reorder level only, the journal takes nothing, a warehouse closes when it is empty."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from inventory.models import StockLevel, StockMovement
from inventory.services.stock import reserve_stock
from tests.builders import give_role, make_business, make_product, make_user
from tests.inventory.pages import back_room, level_of, store, url, was_done

pytestmark = pytest.mark.django_db


def edit_in_list(client, **new):
    """Send the list of levels back with other reorder levels; `new` is {SKU: number}."""
    rows = client.get(url("stocklevel", "changelist")).context["cl"].formset
    data = {"form-TOTAL_FORMS": len(rows.forms), "form-INITIAL_FORMS": len(rows.forms), "_save": "Save"}
    for n, form in enumerate(rows.forms):
        row = form.instance
        data |= {
            f"form-{n}-id": row.pk,
            f"form-{n}-reorder_level": new.get(row.product.sku, row.reorder_level),
        }
    return client.post(url("stocklevel", "changelist"), data)


def test_reorder_levels_are_edited_in_the_list_with_one_history_row_per_change(business, clerk):
    changed, same = make_product(business, sku="A", stock=8), make_product(business, sku="B", stock=8)
    assert edit_in_list(clerk, A=20).status_code == 302
    level = level_of(changed)
    assert (level.reorder_level, level.quantity) == (20, 8)
    record = level.history.first()
    assert record.history_user.email and record.history_change_reason == "reorder level 5 to 20"
    assert level.history.count() == 2 and level_of(same).history.count() == 1


def test_editing_a_level_never_writes_back_stock_that_moved_meanwhile(business, clerk):
    product = make_product(business, sku="A", stock=8)
    stale = level_of(product)
    reserve_stock(product, quantity=3, by=None)
    stale.reorder_level = 9
    stale.save()
    assert (level_of(product).quantity, level_of(product).reserved) == (8, 3)
    data = {"reorder_level": 11, "quantity": 500, "reserved": 0}
    assert clerk.post(url("stocklevel", "change", stale.pk), data).status_code == 302
    assert (level_of(product).quantity, level_of(product).reserved) == (8, 3)
    assert level_of(product).reorder_level == 11


def test_a_reorder_level_that_is_no_number_is_refused_in_the_list(business, clerk):
    product = make_product(business, sku="A", stock=8)
    for number in (-1, "", "many"):
        assert edit_in_list(clerk, A=number).status_code == 200
    edit_in_list(clerk, A=10**12)
    assert level_of(product).reorder_level == 5 and level_of(product).history.count() == 1


def test_levels_are_neither_added_nor_deleted_and_an_accountant_changes_none(business, client):
    level = level_of(make_product(business, sku="A", stock=8))
    client.force_login(make_user(is_superuser=True))
    assert client.post(url("stocklevel", "add"), {"reorder_level": 1}).status_code == 403
    assert client.post(url("stocklevel", "delete", level.pk), {"post": "yes"}).status_code == 403
    client.force_login(make_user((business, ACCOUNTANT)))
    assert client.post(url("stocklevel", "change", level.pk), {"reorder_level": 1}).status_code == 403
    assert client.get(url("stocklevel", "changelist")).context["cl"].formset is None


def test_staff_here_change_no_levels_where_they_only_read(business, client):
    other, person = make_business(), make_user((business, STAFF))
    give_role(person, other, ACCOUNTANT)
    level = level_of(make_product(other, sku="THEIRS", stock=8))
    make_product(business, sku="OURS", stock=8)
    client.force_login(person)
    assert edit_in_list(client, THEIRS=99).status_code == 403
    assert StockLevel._base_manager.get(pk=level.pk).reorder_level == 5


def test_the_low_stock_list_holds_what_is_at_its_reorder_level_or_below(business, clerk):
    make_product(business, stock=6, sku="ENOUGH")
    make_product(business, stock=5, sku="LOW")
    reserve_stock(make_product(business, stock=20, sku="PROMISED"), quantity=15, by=None)
    make_product(business, stock=1, sku="INACTIVE", is_active=False)
    rows = clerk.get(url("stocklevel", "changelist"), {"shortcut": "low"}).context["cl"].result_list
    assert {row.product.sku for row in rows} == {"LOW", "PROMISED"}


def test_the_journal_is_read_only_for_everybody(business, client):
    movement = StockMovement._base_manager.get(product=make_product(business, stock=5))
    client.force_login(make_user(is_superuser=True))
    assert client.get(url("stockmovement", "change", movement.pk)).status_code == 200
    for page, args in (("add", ()), ("change", (movement.pk,)), ("delete", (movement.pk,))):
        data = {"quantity": 99, "post": "yes"}
        assert client.post(url("stockmovement", page, *args), data).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [movement.pk], "post": "yes"}
    client.post(url("stockmovement", "changelist"), data)
    assert StockMovement._base_manager.get(pk=movement.pk).quantity == 5
    # It is its own history.
    assert client.get(url("stockmovement", "history", movement.pk)).status_code == 404


def test_the_journal_is_filtered_by_whole_days_in_the_time_of_the_business(business, clerk, monkeypatch):
    midnight = datetime(2026, 3, 9, 21, tzinfo=UTC)  # in Nairobi the 10th begins
    for moment in (midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=23, minutes=59)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        make_product(business, stock=1)
    monkeypatch.undo()

    def found(**query):
        rows = clerk.get(url("stockmovement", "changelist"), query).context["cl"].result_list
        return len(rows)

    assert found(created_at_from="2026-03-10", created_at_to="2026-03-10") == 2
    assert found(created_at_to="2026-03-09") == 1
    assert found(created_at_from="2026-02-31", created_at_to="nonsense") == 3


def test_the_journal_is_filtered_by_reason_and_searched_by_paper(business, clerk):
    product = make_product(business, stock=5)
    reserve_stock(product, quantity=1, reference="till:R-77:x", by=None)
    page = url("stockmovement", "changelist")
    for query in ({"reason__exact": "reserve"}, {"q": "R-77"}):
        rows = clerk.get(page, query).context["cl"].result_list
        assert [row.reserved for row in rows] == [1]


def test_a_warehouse_is_closed_only_when_it_is_empty_and_never_deleted(business, client):
    client.force_login(make_user((business, OWNER)))
    main = store(business)
    response = client.post(url("warehouse", "change", main.pk), {"name": "Main store", "location": ""})
    assert "Make another warehouse the default first" in str(response.context["errors"])
    room = back_room(business)
    assert was_done(client.post(url("warehouse", "make_default", room.pk)))
    assert store(business) == room
    client.force_login(make_user(is_superuser=True))
    assert client.post(url("warehouse", "delete", main.pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("query", ["", "?shortcut=low"])
def test_a_level_that_could_not_be_saved_is_said_and_the_filter_stays(business, clerk, monkeypatch, query):
    level = level_of(make_product(business, sku="A", stock=3))

    def busy(row):
        raise OperationalError("database is locked")

    monkeypatch.setattr("inventory.services.levels.lock", busy)
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "_save": "Save"}
    data |= {"form-0-id": level.pk, "form-0-reorder_level": 44}
    answer = clerk.post(url("stocklevel", "changelist") + query, data, follow=True)
    assert answer.redirect_chain == [(url("stocklevel", "changelist") + query, 302)]
    assert "Nothing was saved; try again." in answer.text
