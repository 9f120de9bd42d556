"""What a person does with the pages, in the words of the pages."""

from playwright.sync_api import expect

from backoffice.imports.models import ImportJob
from tests.builders import PASSWORD
from tests.imports.desk import work


def log_in(page, user):
    page.goto("/admin/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Hello").wait_for()


def choose_file(page, path, business="", *, has_worker=False):
    """Show what a spreadsheet would do; `business` for those who have several.

    Without a worker beside it the test does the worker's part itself.
    """
    page.goto("/admin/inventory/product/import/")
    if business:
        page.get_by_label("Import into").select_option(business)
    page.get_by_label("spreadsheet").set_input_files(path)
    expect(page.get_by_label("Remember the columns as")).to_have_value("")  # not the name of the file
    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url("**/change/")
    if not has_worker:
        worked(page)
    page.get_by_role("tab").first.wait_for()


def confirm_file(page, *, has_worker=False):
    """Press the button under what a spreadsheet would do, and wait until it is done. Returns the import."""
    with page.expect_navigation():
        page.get_by_role("button", name="Import:").click()
    if not has_worker:
        worked(page)
    page.get_by_role("heading", name="Imported").wait_for()
    return shown(page)


def worked(page):
    """Do the worker's part of the import that the page shows."""
    return work(shown(page))


def shown(page):
    """The import that the page shows."""
    return ImportJob._base_manager.get(pk=page.url.split("/")[-3])


def add_item(page, words, quantity, row=0):
    """Fill in a line of an order with the product that is suggested; returns the suggestion."""
    line = page.locator("tr", has=page.locator(f"[name=items-{row}-quantity]"))
    line.locator(".select2-selection").click()
    page.keyboard.type(words)
    suggestion = page.get_by_role("option", name=words)
    text = suggestion.inner_text()
    suggestion.click()
    line.get_by_label("Quantity").fill(str(quantity))
    return text


def open_dialog(page, button):
    """Press a button above an order or in a panel, perhaps in its menu; returns the window it opens."""
    menu = page.locator(".panel .menu", has_text=button)
    if menu.count():
        menu.locator("summary").click()
    above = page.locator("#header-inner").get_by_role("link", name=button)
    above.or_(page.locator(".panel").get_by_role("button", name=button)).click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    return dialog


def submit(dialog):
    """Press the button that does what the window says, and wait until the page shows it."""
    page = dialog.page
    with page.expect_navigation():
        dialog.locator("[type=submit]").click()
