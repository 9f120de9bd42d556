"""Between preview and confirmation: one person, one file, and what was shown is what is done."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from backoffice.errors import RuleBroken
from backoffice.imports import files
from backoffice.imports.models import ImportJob
from backoffice.imports.services.jobs import choose_columns, confirm_job, read_again
from backoffice.people.models import BusinessAccess
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from inventory.models import Product, StockMovement
from inventory.services.prices import change_price
from tests.builders import give_role, make_product, make_user
from tests.imports.desk import choose, confirm, counts, csv_bytes, fresh, load, office, reasons, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_order")]
FILE = csv_bytes(["A", "Cup", "Kitchen", "10"])


def test_a_confirmation_pressed_twice_imports_once(shop, clerk):
    job = load(shop, FILE, by=clerk)
    confirm(job)
    with pytest.raises(RuleBroken, match="This preview is not the latest one"):
        confirm(job)
    assert Product._base_manager.get().history.count() == 1


def test_the_step_that_writes_runs_twice_and_writes_once(shop, clerk):
    from backoffice.imports.services.steps import write_rows

    job = confirm(load(shop, FILE, by=clerk))
    before = office()
    write_rows(job.pk)
    assert (office(), fresh(job).status) == (before, "done")


def test_another_persons_preview_cannot_be_confirmed(shop, clerk):
    job = load(shop, FILE, by=clerk)
    other = make_user((shop, OWNER))
    with pytest.raises(RuleBroken, match="Only Asha Otieno, who chose this file, can do this"):
        confirm(job, by=other)
    assert not Product._base_manager.exists()
    assert confirm(job).status == "done"


@pytest.mark.parametrize("fingerprint", ["", "0", None, "([('changed', 0)], [])"])
def test_a_preview_that_was_never_shown_cannot_be_confirmed(shop, clerk, fingerprint):
    job = load(shop, FILE, by=clerk)
    with pytest.raises(RuleBroken, match="This preview is not the latest one"):
        confirm_job(job, fingerprint=fingerprint, by=clerk)


def test_a_preview_from_before_the_columns_were_chosen_again_is_void(shop, clerk):
    seen = load(shop, csv_bytes(["A", "Cup", "Kitchen", "10", "99"], headings=[*"SNCP", "Q"]), by=clerk)
    first = choose(seen, ["sku", "name", "category", "price", ""])
    again = choose(first, ["sku", "name", "category", "", "price"])
    assert again.report["sections"]["new"][0]["values"]["Price"] == "99.00"
    assert confirm(again).status == "done"
    assert Product._base_manager.get().price == 99


@pytest.mark.parametrize("content", [csv_bytes(["B", "Theirs", "X", "1"]), b""])
def test_a_file_that_is_swapped_after_the_preview_changes_nothing_of_what_is_written(shop, clerk, content):
    """What is written are the rows that were checked, not the file."""
    job = load(shop, FILE, by=clerk)
    files.keep(job, "file", BytesIO(content))
    assert confirm(job).status == "done"
    assert Product._base_manager.get().sku == "A"


@pytest.mark.django_db(transaction=True)
def test_rows_that_are_gone_write_nothing(shop, clerk):
    job = load(shop, FILE, by=clerk)
    files.drop(job)
    job = confirm(job)
    assert (job.status, bool(job.error)) == ("ready", True)
    assert not Product._base_manager.exists()


def test_the_files_go_when_the_rows_are_written(shop, clerk, django_capture_on_commit_callbacks):
    job = load(shop, FILE, by=clerk)
    confirm_job(job, fingerprint=job.report["fingerprint"], by=clerk)
    with django_capture_on_commit_callbacks(execute=True):
        work(job)
    assert [kind for kind in files.KINDS if files.exists(job, kind)] == ["refused"]


@pytest.mark.parametrize("role", [None, ACCOUNTANT])
def test_a_right_that_was_taken_away_before_the_worker_writes_is_gone(shop, clerk, role):
    job = load(shop, FILE, by=clerk)
    job = confirm_job(job, fingerprint=job.report["fingerprint"], by=clerk)
    BusinessAccess._base_manager.filter(user=clerk).delete()
    if role:
        give_role(clerk, shop, role)
    job = work(job)
    assert job.status == "ready"
    assert job.error == "Asha Otieno may no longer import into Duka Bora. Nothing was imported."
    assert not Product._base_manager.exists()


def test_without_that_look_at_the_rights_they_are_written(shop, clerk, monkeypatch):
    """The control."""
    monkeypatch.setattr("backoffice.imports.services.steps.require_right", lambda job, resource: None)
    job = load(shop, FILE, by=clerk)
    BusinessAccess._base_manager.filter(user=clerk).delete()
    assert confirm(job).status == "done"


def test_a_price_changed_since_the_preview_is_shown_again_and_not_overwritten(shop, clerk):
    cup = make_product(shop, sku="A", name="Cup")
    job = load(shop, csv_bytes(["A", "120"], headings=["SKU", "Price"]), by=clerk)
    change_price(cup, price=150, by=None, reason="sale")
    job = confirm(job)
    assert job.status == "ready"
    assert job.error.startswith("Some rows were changed since the preview")
    cup.refresh_from_db()
    assert (cup.price, cup.history.count()) == (150, 2)
    job = confirm(job)
    cup.refresh_from_db()
    assert (job.status, job.error, cup.price, cup.history.count()) == ("done", "", 120, 3)


def test_two_people_with_the_same_file_import_it_once(shop, clerk):
    headings = ["SKU", "Name", "Category", "Price", "Stock"]
    file = csv_bytes(["A", "Cup", "Kitchen", "10", "5"], headings=headings)
    mine, theirs = load(shop, file, by=clerk), load(shop, file, by=make_user((shop, STAFF)))
    confirm(mine)
    told = confirm(theirs)
    assert (told.status, counts(told)) == ("ready", (0, 0, 1, 0))
    assert Product._base_manager.get().history.count() == 1
    assert StockMovement._base_manager.count() == 1


def test_what_was_done_can_no_longer_be_read_or_checked_again(shop, clerk):
    job = confirm(load(shop, FILE, by=clerk))
    with pytest.raises(RuleBroken):
        choose_columns(job, sheet="", header=1, columns={"1": "sku"}, by=clerk)
    with pytest.raises(RuleBroken):
        read_again(job, sheet="", header=0, by=clerk)


# All or nothing


@pytest.mark.parametrize("bad", [1, 500, 1000])
def test_one_bad_row_in_a_thousand_stops_them_all_until_it_is_left_out(shop, clerk, bad):
    rows = [[f"S-{n}", f"Name {n}", "X", "abc" if n == bad else "1", "2"] for n in range(1, 1001)]
    headings = ["SKU", "Name", "Category", "Price", "Stock"]
    before = office()
    job = load(shop, csv_bytes(*rows, headings=headings), by=clerk)
    assert (counts(job), set(reasons(job))) == ((999, 0, 0, 1), {bad + 1})
    with pytest.raises(RuleBroken, match="Some rows are refused. Mend them, or leave them out."):
        confirm(job)
    assert office() == before
    assert confirm(job, leave_out=True).status == "done"
    skus = {f"S-{n}" for n in range(1, 1001) if n != bad}
    assert set(Product._base_manager.values_list("sku", flat=True)) == skus
    assert Product.history.count() == StockMovement._base_manager.count() == 999


@pytest.mark.django_db(transaction=True)
def test_a_crash_in_the_middle_leaves_nothing(shop, clerk, monkeypatch):
    """The last step of an import fails: categories, products and levels go with it."""
    headings = ["SKU", "Name", "Category", "Price", "Stock"]
    job = load(shop, csv_bytes(["A", "Cup", "Kitchen", "10", "5"], headings=headings), by=clerk)
    before = office()
    with monkeypatch.context() as patch:
        patch.setattr("inventory.services.imports.count_products", broken)
        job = confirm(job)
    assert (job.status, office()) == ("ready", before)
    assert job.error.startswith("Something unexpected went wrong")
    assert confirm(job).status == "done"


def broken(*args, **kwargs):
    raise ValueError("a mistake of ours")


def test_the_time_that_a_person_takes_to_look_is_not_the_worker_s(shop, clerk):
    job = load(shop, csv_bytes(["A", "a", "X", "1"]), by=clerk)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    ImportJob._base_manager.filter(pk=job.pk).update(started_at=an_hour_ago, finished_at=an_hour_ago)
    assert confirm(job).duration < timedelta(hours=1)
