import pytest

from backoffice.invariants import check_all
from backoffice.roles import STAFF
from tests.builders import make_business, make_user
from tests.imports.desk import let_staff_change_prices


@pytest.fixture(autouse=True)
def staff_change_prices(request):
    """Nearly all stories are about something else; test_products_prices.py asks for the right."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("db")
        let_staff_change_prices()


@pytest.fixture
def shop(db):
    return make_business("Duka Bora")


@pytest.fixture
def clerk(shop):
    """Somebody who may import into the shop."""
    return make_user((shop, STAFF), first_name="Asha", last_name="Otieno")


@pytest.fixture
def in_order(db):
    """What must be true of the whole database is true when the story ends."""
    yield
    assert [finding for finding in check_all() if not finding.holds] == []
