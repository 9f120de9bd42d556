"""Prices from a spreadsheet: at once, or planned for a later day and applied when it comes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django_tasks_db.models import DBTaskResult

from backoffice.demo import clock_at
from backoffice.errors import RuleBroken
from backoffice.roles import OWNER, STAFF
from backoffice.scoping import business_scope, every_business
from backoffice.transitions import lock
from inventory.models import PlannedPrice, Product
from inventory.resources import PriceResource
from inventory.services import planned_prices
from inventory.services.planned_prices import apply_due_prices, cancel_planned_price, today_of
from inventory.services.prices import change_price
from tests.builders import make_business, make_category, make_product, make_user
from tests.imports.desk import confirm, counts, csv_bytes, let_staff_change_prices, load, reasons, undo
from tests.inventory.sheets import xlsx_bytes

HEADINGS = ["SKU", "Price", "From", "Price list"]


@pytest.fixture(autouse=True)
def everything_holds(in_order):
    pass


@pytest.fixture
def owner(shop):
    return make_user((shop, OWNER))


@pytest.fixture
def water(shop):
    return make_product(shop, sku="WAT-1", name="Water", price=Decimal("300.00"), stock=0)


@pytest.fixture
def later(shop):
    return today_of(shop) + timedelta(days=40)


def load_prices(shop, owner, *rows, headings=HEADINGS):
    return load(shop, csv_bytes(*rows, headings=headings), by=owner, resource="prices")


def write_all(shop, owner, *rows, headings=HEADINGS):
    job = confirm(load_prices(shop, owner, *rows, headings=headings))
    assert job.status == "done", job.error
    return job


def price_of(product):
    return Product._base_manager.get(pk=product.pk).price


def plans():
    return list(PlannedPrice._base_manager.order_by("starts_on"))


def noon(day, hours=12):
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)


def test_a_price_without_a_day_or_from_today_changes_at_once(shop, owner, water):
    cup = make_product(shop, sku="CUP", price=Decimal("5"), stock=0)
    job = load_prices(shop, owner, ["WAT-1", "350"], ["CUP", "6.50", today_of(shop).isoformat()])
    assert job.report["sections"]["changed"][0]["changes"] == [
        {"column": "Price", "old": "300.00", "new": "350.00"}
    ]
    confirm(job)
    assert (price_of(water), price_of(cup)) == (Decimal("350.00"), Decimal("6.50"))
    told = water.history.first()
    assert (told.history_type, told.history_user, told.history_change_reason) == (
        "~",
        owner,
        "import list.csv",
    )
    assert told.price == Decimal("350.00") and not plans()


def test_a_file_leaves_the_history_that_the_button_leaves(shop, owner, water):
    twin = make_product(shop, sku="TWIN", price=Decimal("300.00"), stock=0)
    change_price(twin, price=Decimal("350"), by=owner, reason="import list.csv")
    write_all(shop, owner, ["WAT-1", "350"])
    names = ("history_type", "history_user_id", "history_change_reason", "price", "cost", "is_active")
    assert [*water.history.values_list(*names)] == [*twin.history.values_list(*names)]


def test_a_later_day_is_kept_and_applied_when_it_begins_where_the_business_is(shop, owner, water, later):
    job = load_prices(shop, owner, ["WAT-1", "350", later.strftime("%d/%m/%Y"), "New year"])
    assert job.report["sections"]["changed"][0]["changes"] == [
        {"column": "Price", "old": "300.00", "new": "350.00"},
        {"column": "From", "old": "", "new": later.isoformat()},
        {"column": "Price list", "old": "", "new": "New year"},
    ]
    confirm(job)
    [planned] = plans()
    assert (planned.starts_on, planned.price, planned.price_list) == (later, Decimal("350"), "New year")
    assert (planned.by, planned.business, price_of(water)) == (owner, shop, Decimal("300"))
    # Nairobi is three hours ahead of UTC.
    with clock_at(noon(later, hours=-4)), every_business():
        assert apply_due_prices() == 0
    with clock_at(noon(later, hours=-2)), every_business():
        assert apply_due_prices() == 1
        assert apply_due_prices() == 0
    assert price_of(water) == Decimal("350")
    told = water.history.first()
    assert told.history_user == owner
    assert told.history_change_reason == f"New year from {later}"
    assert plans()[0].applied_at


def test_days_are_read_as_people_and_excel_write_them(shop, owner, water):
    write_all(shop, owner, ["WAT-1", "1", "2031-01-05"], ["WAT-1", "2", "6/1/2031"], ["WAT-1", "3", "47855"])
    assert [each.starts_on for each in plans()] == [date(2031, 1, 5), date(2031, 1, 6), date(2031, 1, 7)]
    data = xlsx_bytes(["WAT-1", 4, datetime(2031, 1, 8)], headings=HEADINGS[:3])  # noqa: DTZ001
    confirm(load(shop, data, by=owner, resource="prices"))
    assert plans()[3].starts_on == date(2031, 1, 8)


def test_the_worker_is_asked_for_at_the_start_of_each_later_day(
    shop, owner, water, later, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        write_all(shop, owner, ["WAT-1", "350", later.isoformat()], ["WAT-1", "360"])
    asked = DBTaskResult.objects.filter(task_path="inventory.tasks.apply_due_prices")
    assert [each.run_after for each in asked] == [noon(later, hours=-3)]


def test_the_command_does_what_the_worker_does(shop, owner, water, later, capsys):
    write_all(shop, owner, ["WAT-1", "350", later.isoformat()])
    with clock_at(noon(later)):
        call_command("apply_due_prices")
    assert "1 planned prices" in capsys.readouterr().out
    assert price_of(water) == Decimal("350")


def test_prices_that_fell_due_together_are_applied_in_order(shop, owner, water, later):
    days = [later, later + timedelta(days=1)]
    write_all(shop, owner, *[["WAT-1", str(310 + n), day.isoformat()] for n, day in enumerate(days)])
    with clock_at(noon(days[1])), every_business():
        assert apply_due_prices() == 2
    assert price_of(water) == Decimal("311")


def test_one_that_cannot_be_applied_does_not_hold_up_the_others(shop, owner, water, later, monkeypatch):
    cup = make_product(shop, sku="CUP", stock=0)
    write_all(shop, owner, ["WAT-1", "350", later.isoformat()], ["CUP", "6", later.isoformat()])

    def change(product, **values):
        if product == water:
            raise RuleBroken("Not this one.")
        return change_price(product, **values)

    monkeypatch.setattr(planned_prices, "change_price", change)
    with clock_at(noon(later)), every_business():
        assert apply_due_prices() == 1
    assert (price_of(water), price_of(cup)) == (Decimal("300"), Decimal("6"))


def test_the_same_file_again_changes_nothing_and_another_price_for_the_day_replaces_it(
    shop, owner, water, later
):
    rows = [["WAT-1", "310"], ["WAT-1", "350", later.isoformat(), "New year"]]
    write_all(shop, owner, *rows)
    assert counts(load_prices(shop, owner, *rows)) == (0, 0, 2, 0)
    write_all(shop, owner, ["WAT-1", "360", later.isoformat()])
    [planned] = plans()
    assert (planned.price, planned.price_list) == (Decimal("360"), "New year")
    assert [each.history_type for each in planned.history.all()] == ["~", "+"]


def test_what_is_no_price_is_refused_in_words(shop, owner, water, later):
    day = later.isoformat()
    make_product(shop, sku="CUP", stock=0)
    job = load_prices(
        shop,
        owner,
        ["WAT-1", "", ""],
        ["WAT-1", "-3", "2030-01-01"],
        ["WAT-1", "3", "31/31/2030"],
        ["NEW-1", "3", ""],
        ["CUP", "4", ""],
        ["CUP", "5", "2020-01-01"],
        ["CUP", "5", day],
        ["WAT-1", "KES 3.456", day],
    )
    texts = reasons(job)
    assert texts[2] == {"Price": ["Price is missing."]}
    assert texts[3] == {"Price": ["“-3” is negative."]}
    assert texts[4] == {"From": ["“31/31/2030” is no date. Write it as 2026-12-31 or 31/12/2026."]}
    assert "no product with the SKU" in texts[5]["SKU"][0]
    assert texts[6] == {"SKU": ["The same product and day are also in row 7."]}
    assert 8 not in texts
    assert "decimals" in texts[9]["Price"][0]


def test_products_of_another_business_are_out_of_reach(shop, owner, water):
    other = make_business()
    twin = make_product(other, sku="WAT-1", price=Decimal("9"), stock=0)
    theirs = make_product(other, sku="THEIRS", price=Decimal("9"), stock=0)
    job = load_prices(shop, owner, ["THEIRS", "1"], ["WAT-1", "1", "2031-01-05"], ["WAT-1", "2"])
    assert list(reasons(job)) == [2]
    confirm(job, leave_out=True)
    assert (price_of(twin), price_of(theirs), price_of(water)) == (Decimal("9"), Decimal("9"), Decimal("2"))
    assert {each.product_id for each in plans()} == {water.pk}


def test_without_the_border_the_products_of_others_would_be_touched(shop, owner, monkeypatch):
    """The control of the story above."""
    theirs = make_product(make_business(), sku="THEIRS", price=Decimal("9"), stock=0)
    monkeypatch.setattr(PriceResource, "own", "1 = 1")
    write_all(shop, owner, ["THEIRS", "2"])
    assert price_of(theirs) == Decimal("2")


def apply_late(owner, water, later, planned):
    """A worker that looked before another applied the price, and gets its turn after a person changed it."""
    with clock_at(noon(later)), every_business():
        assert apply_due_prices() == 1
        change_price(water, price=Decimal("400"), by=owner, reason="dearer")
        planned_prices.apply_planned_price(planned)
    return price_of(water)


def test_two_workers_apply_a_price_once(shop, owner, water, later):
    write_all(shop, owner, ["WAT-1", "350", later.isoformat()])
    assert apply_late(owner, water, later, plans()[0]) == Decimal("400")


def test_without_a_look_under_the_lock_it_would_be_applied_twice(shop, owner, water, later, monkeypatch):
    """The control of the story above."""
    write_all(shop, owner, ["WAT-1", "350", later.isoformat()])
    unlocked = lambda row: row if isinstance(row, PlannedPrice) else lock(row)  # noqa: E731
    monkeypatch.setattr(planned_prices, "lock", unlocked)
    assert apply_late(owner, water, later, plans()[0]) == Decimal("350")


def test_undo_gives_prices_back_and_drops_what_was_planned(shop, owner, water, later):
    write_all(shop, owner, ["WAT-1", "340", later.isoformat(), "Old list"])
    done = write_all(
        shop,
        owner,
        ["WAT-1", "310"],
        ["WAT-1", "350", later.isoformat(), "New list"],
        ["WAT-1", "360", (later + timedelta(days=1)).isoformat()],
    )
    assert undo(done).status == "undone"
    assert price_of(water) == Decimal("300")
    [planned] = plans()
    assert (planned.price, planned.price_list) == (Decimal("340"), "Old list")


def test_a_price_that_somebody_changed_or_that_was_applied_since_keeps_the_import(shop, owner, water, later):
    done = write_all(shop, owner, ["WAT-1", "310"])
    change_price(water, price=Decimal("320"), by=owner, reason="dearer")
    job = undo(done)
    assert (job.status, job.report["touched"][0]["why"]) == ("done", "dearer")
    done = write_all(shop, owner, ["WAT-1", "350", later.isoformat()])
    with clock_at(noon(later)), every_business():
        apply_due_prices()
    assert undo(done).status == "done"
    assert price_of(water) == Decimal("350")


def test_a_planned_price_can_be_cancelled_until_its_day(shop, owner, water, later):
    write_all(shop, owner, ["WAT-1", "350", later.isoformat()], ["WAT-1", "360", "2040-01-01"])
    first, second = plans()
    cancel_planned_price(second, by=owner)
    with clock_at(noon(later)), every_business():
        apply_due_prices()
    with business_scope(shop), pytest.raises(RuleBroken, match="applied already"):
        cancel_planned_price(first, by=owner)
    assert plans() == [first]
    gone = PlannedPrice.history.filter(id=second.pk).first()
    assert (gone.history_type, gone.history_user) == ("-", owner)


def test_a_product_with_a_planned_price_outlives_the_undo_of_its_import(shop, owner, later):
    make_category(shop, "Drinks")
    data = csv_bytes(["NEW-1", "New", "Drinks", "5"])
    done = confirm(load(shop, data, by=owner, resource="products"))
    write_all(shop, owner, ["NEW-1", "6", later.isoformat()])
    assert undo(done).status == "undone"
    kept = Product._base_manager.get(sku="NEW-1")
    assert not kept.is_active and plans()[0].product == kept


def test_staff_who_may_not_change_prices_may_not_load_them(shop):
    let_staff_change_prices(False)
    clerk = make_user((shop, STAFF))
    with business_scope(shop):
        assert not clerk.has_perm("inventory.change_price")
