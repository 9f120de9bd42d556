"""When something is wrong, a page says so in plain words, whatever else does not work."""

import pytest
from django.conf import settings as django_settings
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views import defaults

from backoffice.roles import STAFF
from tests.builders import PASSWORD, make_business, make_user

LOGIN = reverse("admin:login")


@pytest.mark.django_db
@pytest.mark.parametrize("logged_in", [False, True])
def test_an_address_that_does_not_exist(client, logged_in):
    if logged_in:
        client.force_login(make_user((make_business(), STAFF)))
    response = client.get("/nothing/here/")
    assert response.status_code == 404 and "Nothing here" in response.text


@pytest.mark.django_db
def test_a_page_that_the_role_does_not_allow(client):
    client.force_login(make_user((make_business(), STAFF)))
    response = client.get(reverse("admin:people_user_changelist"))
    assert response.status_code == 403 and "Your role does not allow this page" in response.text


@pytest.mark.django_db
def test_a_form_sent_without_its_token():
    response = Client(enforce_csrf_checks=True).post(LOGIN, {"username": "x", "password": "y"})
    assert response.status_code == 403 and "reload the page" in response.text


def test_the_page_of_last_resort_needs_no_database_no_session_and_no_user():
    """Without the django_db mark every query would fail this test."""
    request = RequestFactory().get("/admin/")
    response = defaults.server_error(request)
    assert response.status_code == 500
    text = response.content.decode()
    assert "Something broke on our side" in text and "<script" not in text


def test_a_request_that_cannot_be_read():
    response = defaults.bad_request(RequestFactory().get("/"), Exception("odd"))
    assert response.status_code == 400 and "could not be read" in response.content.decode()


@pytest.fixture
def counted(settings):
    """Wrong passwords count, as they do outside the tests."""
    settings.AXES_ENABLED = True


def guess(client, email, times):
    for _n in range(times):
        response = client.post(LOGIN, {"username": email, "password": "wrong"})
    return response


@pytest.mark.django_db
def test_too_many_wrong_passwords_lead_to_a_page_that_says_what_to_do(client, counted):
    user = make_user((make_business(), STAFF))
    response = guess(client, user.email, django_settings.AXES_FAILURE_LIMIT)
    assert response.status_code == 429
    assert "Too many wrong passwords" in response.text and "15 minutes" in response.text


@pytest.mark.django_db
def test_the_right_password_does_not_open_a_locked_door(client, counted):
    user = make_user((make_business(), STAFF))
    guess(client, user.email, django_settings.AXES_FAILURE_LIMIT)
    for typed in (user.email, user.email.upper(), f" {user.email} "):
        assert client.post(LOGIN, {"username": typed, "password": PASSWORD}).status_code == 429
    assert client.get(reverse("admin:index")).status_code == 302


@pytest.mark.django_db
def test_guesses_in_another_case_count_for_the_same_person(client, counted):
    user = make_user((make_business(), STAFF))
    for n in range(django_settings.AXES_FAILURE_LIMIT):
        response = guess(client, user.email[:n].upper() + user.email[n:], 1)
    assert response.status_code == 429


@pytest.mark.django_db
def test_guesses_with_letters_that_are_the_same_in_capitals_count_for_the_same_person(client, counted):
    user = make_user((make_business(), STAFF), email="imani.sisi@example.com")
    for typed in ("ımani.sisi", "imanı.sisi", "imani.sısi", "imani.sisı", "ımanı.sısı"):
        guess(client, f"{typed}@example.com", 1)
    assert client.post(LOGIN, {"username": user.email, "password": PASSWORD}).status_code == 429


@pytest.mark.django_db
def test_a_colleague_at_the_same_address_is_not_locked_out(client, counted):
    business = make_business()
    guesser, colleague = make_user((business, STAFF)), make_user((business, STAFF))
    guess(client, guesser.email, django_settings.AXES_FAILURE_LIMIT)
    assert guess(client, colleague.email, 1).status_code == 200
    assert client.post(LOGIN, {"username": colleague.email, "password": PASSWORD}).status_code == 302


@pytest.mark.django_db
def test_the_login_page_asks_for_the_email_and_names_nobody(client):
    user = make_user((make_business("Hidden Ltd"), STAFF))
    text = client.get(LOGIN).text
    assert "Log in with your email" in text and "Hidden Ltd" not in text
    wrong = client.post(LOGIN, {"username": user.email, "password": "wrong"}).text
    nobody = client.post(LOGIN, {"username": "nobody@example.com", "password": "wrong"}).text
    assert "Please enter the correct" in wrong and "Please enter the correct" in nobody
