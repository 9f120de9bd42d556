import pytest

from backoffice.scoping import business_scope
from tests.builders import make_business, make_user


@pytest.fixture
def business():
    """A shop whose rows the test may touch."""
    business = make_business("Riverside Shop", code="R")
    with business_scope(business):
        yield business


@pytest.fixture
def clerk(business):
    return make_user((business, "Staff"), first_name="Achieng", last_name="Odhiambo")


@pytest.fixture
def desk(client, clerk):
    """The clerk's browser, logged in."""
    client.force_login(clerk)
    return client
