"""A clerk at the import desk: wrong cells, mending, progress, history, and the way back."""

import csv
from pathlib import Path

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from playwright.sync_api import expect

from backoffice.imports.models import ImportJob, ImportStatus
from backoffice.roles import STAFF
from inventory.models import Product
from tests.browser.clerk import choose_file, confirm_file, submit, worked
from tests.browser.test_pages import assert_fits
from tests.builders import make_user
from tests.imports.builders import make_job, make_preview

pytestmark = pytest.mark.browser
SHOPIFY = Path(__file__).parents[2] / "fixtures" / "shopify_products.csv"
ROWS, WRONG = 2000, 17


@pytest.fixture
def clerk(shop):
    return make_user((shop, STAFF), first_name="Achieng", last_name="Odhiambo")


@pytest.fixture
def export(tmp_path):
    """A Shopify export of 2,000 products, 17 of them with a price that is none."""
    headings = SHOPIFY.read_text().splitlines()[0].split(",")
    path = tmp_path / "products_export.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, headings)
        writer.writeheader()
        writer.writerows(goods(n) for n in range(ROWS))
    return path


def goods(n):
    return {
        "Handle": f"cup-{n}",
        "Title": f"Cup number {n}",
        "Type": "Kitchen > Cups",
        "Published": "true",
        "Option1 Name": "Title",
        "Option1 Value": "Default Title",
        "Variant SKU": f"CUP-{n:04}",
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": "3",
        "Variant Price": "abc" if n % (ROWS // WRONG) == 5 and n < ROWS - 20 else "150.00",
        "Cost per item": "90.00",
        "Status": "active",
    }


def mend(path):
    """Type the right price into the coloured cells, as somebody would in Excel."""
    book = load_workbook(path)
    for row in book.active.iter_rows(min_row=2):
        for cell in row:
            if cell.fill.fill_type == "solid":
                cell.value = "150.00"
    book.save(path)


def test_an_export_of_2000_rows_with_17_wrong_cells_is_mended_loaded_and_undone(
    open_window, clerk, export, tmp_path
):
    page = open_window(clerk)
    choose_file(page, export)
    expect(page.get_by_role("tab", name="new")).to_contain_text("1,983")
    expect(page.get_by_role("tab", name="refused")).to_contain_text("17")
    expect(page.get_by_text("“abc” is not a number.").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the refused rows").click()
    mended = tmp_path / "mended.xlsx"
    download.value.save_as(mended)
    mend(mended)

    page.get_by_role("button", name="Import the 1,983 good rows and leave 17 out").click()
    expect(page.get_by_text("17 rows of the file will not be imported.")).to_be_visible()
    first = confirm_file(page)
    assert (first.status, Product.objects.count()) == ("done", 1983)

    choose_file(page, mended)
    expect(page.get_by_role("tab", name="new")).to_contain_text("17")
    second = confirm_file(page)
    assert (second.status, Product.objects.count()) == ("done", ROWS)

    row = Product.objects.get(sku="CUP-0005")
    page.goto(reverse("admin:inventory_product_history", args=[row.pk]))
    expect(page.get_by_text("mended.xlsx").first).to_be_visible()

    page.goto(reverse("admin:imports_importjob_changelist"))
    page.get_by_role("link", name=str(second.number), exact=True).click()
    undo(page)
    assert Product.objects.filter(is_active=True).count() == 1983
    page.goto(reverse("admin:imports_importjob_change", args=[first.pk]))
    undo(page)
    assert not Product.objects.filter(is_active=True).exists()


def undo(page):
    page.get_by_role("button", name="Undo this import").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("is taken away again")
    submit(dialog)
    worked(page)
    page.get_by_role("heading", name="This import was undone.").wait_for()


def test_progress_is_seen_and_neither_the_keyboard_nor_the_place_is_lost(open_window, shop, clerk):
    job = make_job(shop, status=ImportStatus.WRITING, by=clerk, total_rows=100_000, done_rows=10_000)
    page = open_window(clerk)
    page.goto(reverse("admin:imports_importjob_change", args=[job.pk]))
    button = page.get_by_role("button", name="Cancel this import")
    button.focus()
    for done in (43_210, 80_000):
        ImportJob._base_manager.filter(pk=job.pk).update(done_rows=done)
        expect(page.get_by_text(f"{done:,} of 100,000 rows")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", str(done // 1000))
    expect(button).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="80 %")).to_have_count(1)
    ImportJob._base_manager.filter(pk=job.pk).update(status=ImportStatus.DONE)
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()


def test_an_import_is_cancelled_by_a_window_that_says_what_it_does(open_window, shop, clerk):
    job = make_preview(shop, by=clerk)
    page = open_window(clerk)
    page.goto(reverse("admin:imports_importjob_change", args=[job.pk]))
    page.get_by_role("button", name="Cancel this import").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The file is dropped.")
    submit(dialog)
    expect(page.get_by_role("heading", name="This import was cancelled.")).to_be_visible()


def test_columns_are_corrected_and_what_is_missing_is_seen_at_once(open_window, shop, clerk):
    job = make_job(shop, status=ImportStatus.COLUMNS, by=clerk)
    page = open_window(clerk)
    page.goto(reverse("admin:imports_importjob_change", args=[job.pk]))
    needed = page.locator(".needed-chip").filter(has_text="SKU")
    expect(needed).to_have_class("needed-chip is-there")
    page.get_by_label("Item code").select_option("")
    expect(needed).to_have_class("needed-chip is-missing")
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("alert")).to_contain_text("No column of the file is SKU.")
    page.get_by_label("Item code").select_option("SKU")
    page.get_by_label("Vendor").select_option("Price")
    expect(page.get_by_text("Two columns mean the same.").filter(visible=True)).to_have_count(2)
    page.get_by_label("Vendor").select_option("")
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("progressbar")).to_be_visible()


def test_the_kinds_of_rows_are_walked_through_with_the_arrows(open_window, shop, clerk):
    page = open_window(clerk)
    page.goto(reverse("admin:imports_importjob_change", args=[make_preview(shop, by=clerk).pk]))
    page.locator("#kind-changed").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="unchanged")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="unchanged")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="new")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_every_status_fits_its_window(open_window, shop, clerk, width, scheme):
    page = open_window(clerk, width=width, scheme=scheme)
    for status in ImportStatus.values:
        counts = {"new_rows": 1983, "changed_rows": 5, "refused_rows": 17, "total_rows": 2005}
        long = "shopify_products_export_2026-11-20_wholesale_and_retail_of_the_whole_year.csv"
        job = make_job(shop, status=status, by=clerk, file_name=long, error="It broke.", **counts)
        page.goto(reverse("admin:imports_importjob_change", args=[job.pk]))
        assert_fits(page)
    page.goto(reverse("admin:imports_importjob_changelist"))
    assert_fits(page)
