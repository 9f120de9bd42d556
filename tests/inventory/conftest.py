import pytest
from django.db import DatabaseError, connection, transaction

from backoffice.roles import STAFF
from tests.builders import make_business, make_user


@pytest.fixture
def business():
    return make_business()


@pytest.fixture
def enter(client, business):
    """Log a new person with a role in; returns the client. `more` are (business, role) pairs."""

    def run(role=STAFF, *more):
        client.force_login(make_user((business, role), *more))
        return client

    return run


@pytest.fixture
def clerk(enter):
    """A client logged in as Staff of the business."""
    return enter(STAFF)


@pytest.fixture
def refused():
    """Assert that the database refuses a statement, whoever sends it."""

    def run(sql, *values, match=None):
        with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)

    return run


@pytest.fixture
def shop(db):
    return make_business("Duka Bora")


@pytest.fixture
def importer(shop):
    return make_user((shop, STAFF))


@pytest.fixture
def desk(client, importer):
    """The browser of somebody who imports into the shop."""
    client.force_login(importer)
    return client
