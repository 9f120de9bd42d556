"""Pictures: for the staff of the business they belong to."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tests.builders import make_business, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def business():
    return make_business()


@pytest.fixture
def picture(business):
    return default_storage.save(f"products/{business.pk}/tap.png", ContentFile(b"png"))


def test_staff_of_the_business_see_its_picture(client, business, picture):
    client.force_login(make_user((business, "Staff")))
    assert b"".join(client.get(f"/media/{picture}").streaming_content) == b"png"


def test_staff_of_another_business_do_not_find_it(client, picture):
    client.force_login(make_user((make_business(), "Owner")))
    assert client.get(f"/media/{picture}").status_code == 404


def test_a_stranger_is_sent_to_the_login(client, picture):
    assert client.get(f"/media/{picture}").status_code == 302


@pytest.mark.parametrize(
    "name", ["secret.txt", "../manage.py", "products/{0}/../../../manage.py", "products/{0}/%00"]
)
def test_nothing_else_under_the_media_folder_is_served(client, business, name):
    client.force_login(make_user((business, "Owner")))
    assert client.get(f"/media/{name.format(business.pk)}").status_code == 404


@pytest.mark.parametrize(
    "way", ["products/{own}/../{other}/tap.png", "products/{own}/%2e%2e/{other}/tap.png", "products/{own}/.."]
)
def test_no_path_leads_from_the_own_folder_to_another(client, business, picture, way):
    own = make_business()
    default_storage.save(f"products/{own.pk}/own.png", ContentFile(b"png"))
    client.force_login(make_user((own, "Owner")))
    assert client.get(f"/media/{way.format(own=own.pk, other=business.pk)}").status_code == 404
