"""The buttons for stock say what is there, book once, and refuse inside the dialog."""

import pytest
from django.contrib.auth.models import Group, Permission

from inventory.models import MovementReason, Product, StockMovement
from inventory.services.stock import reserve_stock
from tests.builders import make_business, make_product, make_user
from tests.inventory.pages import back_room, level_of, opened, store, url, was_done

pytestmark = pytest.mark.django_db

BUTTONS = ["receive_stock", "count_stock", "adjust_stock", "issue_stock"]


@pytest.fixture
def viewer(client, business):
    """A client logged in with the right to see everything here and to do nothing."""
    role = Group.objects.create(name="Viewer")
    role.permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(make_user((business, role.name)))
    return client


def stock_of(product):
    return Product._base_manager.get(pk=product.pk).stock


@pytest.mark.parametrize(
    ("button", "values", "after"),
    [
        ("receive_stock", {"quantity": 5}, 15),
        ("count_stock", {"counted": 8}, 8),
        ("adjust_stock", {"change": -2, "note": "Broken"}, 8),
        ("issue_stock", {"quantity": 3}, 7),
    ],
)
@pytest.mark.parametrize("page", ["product", "stocklevel"])
def test_a_button_shows_the_numbers_and_books_once(page, button, values, after, business, clerk):
    product = make_product(business, stock=10)
    dialog = url(page, button, product.pk if page == "product" else level_of(product).pk)
    assert "Main store: 10 on hand, 0 of them reserved." in clerk.get(dialog, values).content.decode()
    assert stock_of(product) == 10
    data = opened(clerk, dialog) | values | {"warehouse": store(business).pk}
    assert was_done(clerk.post(dialog, data))
    assert stock_of(product) == after
    again = clerk.post(dialog, data)
    assert not was_done(again) and "already made" in again.content.decode()
    assert stock_of(product) == after
    # The control: a dialog opened anew may book the same again.
    assert was_done(clerk.post(dialog, data | opened(clerk, dialog)))


def test_a_delivery_note_is_booked_once_for_each_product(business, clerk):
    first, second = make_product(business), make_product(business)

    def receive(product):
        dialog = url("product", "receive_stock", product.pk)
        values = {"quantity": 1, "paper": "DN-7", "warehouse": store(business).pk}
        return clerk.post(dialog, opened(clerk, dialog) | values)

    assert was_done(receive(first)) and was_done(receive(second))
    assert "already made" in receive(first).content.decode()
    movement = StockMovement._base_manager.get(product=first, reason=MovementReason.RECEIVE, quantity=1)
    assert movement.document == "DN-7" and movement.by


@pytest.mark.parametrize(
    ("button", "values", "sentence"),
    [
        ("receive_stock", {"quantity": 0}, "greater than or equal to 1"),
        ("receive_stock", {"quantity": "9" * 30}, "less than or equal to 1000000"),
        ("receive_stock", {"quantity": "1.5"}, "Enter a whole number"),
        ("receive_stock", {"quantity": 1, "paper": "x" * 61}, "at most 60 characters"),
        ("receive_stock", {"quantity": 1, "token": "order:1:"}, "open it again"),
        ("issue_stock", {"quantity": 8}, "Only 7 of"),
        ("count_stock", {"counted": 2}, "3 pieces of"),
        ("count_stock", {"counted": ""}, "This field is required"),
        ("adjust_stock", {"change": -2, "note": ""}, "This field is required"),
    ],
)
def test_a_refusal_stands_in_the_dialog_and_changes_nothing(button, values, sentence, business, clerk):
    product = make_product(business, stock=10)
    reserve_stock(product, quantity=3, by=None)
    dialog = url("product", button, product.pk)
    data = opened(clerk, dialog) | {"warehouse": store(business).pk} | values
    response = clerk.post(dialog, data)
    assert not was_done(response) and sentence in response.content.decode()
    assert stock_of(product) == 10 and StockMovement._base_manager.filter(product=product).count() == 2


def test_a_dialog_offers_the_warehouses_of_its_own_business_only(business, clerk):
    product, foreign = make_product(business), store(make_business("Foreign shop"))
    dialog = url("product", "receive_stock", product.pk)
    assert "Foreign shop" not in clerk.get(dialog).content.decode()
    data = opened(clerk, dialog) | {"quantity": 1, "warehouse": foreign.pk}
    assert "Select a valid choice" in clerk.post(dialog, data).content.decode()


def test_transfer_appears_with_the_second_warehouse(business, clerk):
    product = make_product(business, stock=10)
    button = url("product", "transfer_stock", product.pk)
    assert button not in clerk.get(url("product", "change", product.pk)).content.decode()
    back = back_room(business)
    assert button in clerk.get(url("product", "change", product.pk)).content.decode()
    data = opened(clerk, button) | {"warehouse": store(business).pk, "target": back.pk, "quantity": 4}
    assert was_done(clerk.post(button, data))
    assert level_of(product).quantity == 6 and stock_of(product) == 10
    response = clerk.post(button, data | opened(clerk, button) | {"target": store(business).pk})
    assert "two different warehouses" in response.content.decode()


def test_who_may_only_look_sees_the_stock_and_no_button(business, viewer):
    product = make_product(business, stock=10)
    page = viewer.get(url("product", "change", product.pk))
    assert page.status_code == 200 and "Main store" in page.content.decode()
    for button in BUTTONS:
        assert button.replace("_", "-") not in page.content.decode()
        for model, row in (("product", product), ("stocklevel", level_of(product))):
            for send in (viewer.get, viewer.post):
                assert send(url(model, button, row.pk), {"quantity": 1}).status_code == 403
    assert viewer.post(url("product", "change", product.pk), {"name": "Mine"}).status_code == 403
    assert stock_of(product) == 10


def test_the_buttons_of_another_business_are_not_found(business, clerk):
    theirs = make_product(make_business(), stock=10)
    for button in BUTTONS:
        for model, row in (("product", theirs), ("stocklevel", level_of(theirs))):
            assert clerk.post(url(model, button, row.pk), {"quantity": 1}).status_code == 404
    assert stock_of(theirs) == 10


def test_the_page_of_a_product_shows_levels_and_latest_movements(business, clerk):
    product = make_product(business, stock=10)
    page = clerk.get(url("product", "change", product.pk)).content.decode()
    assert "Latest movements" in page and "+10" in page
    assert f"?product__id__exact={product.pk}" in page
    listed = clerk.get(url("stockmovement", "changelist"), {"product__id__exact": product.pk})
    assert [row.product_id for row in listed.context["cl"].result_list] == [product.pk]


def test_a_product_that_was_never_received_says_what_to_do(business, clerk):
    page = clerk.get(url("product", "change", make_product(business, stock=0).pk)).content.decode()
    assert "Receive the first delivery" in page
