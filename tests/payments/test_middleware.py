"""Deliveries meet no middleware but the one that leads them past the others."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from payments.middleware import straight_to_hooks
from sales.models import OrderStatus
from tests.payments.money import ask, body_for, fresh, hook, make_bill


@pytest.fixture
def entrance():
    """The first middleware; whoever is not led past the others finds a house that leads elsewhere."""
    return straight_to_hooks(lambda request: HttpResponse(status=301))


@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["/", ""])
def test_a_delivery_is_taken_whatever_the_others_would_do(store, client, settings, ending):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, []
    settings.ALLOWED_HOSTS = ["office.example.org"]
    attempt = ask(make_bill(store))
    path = hook(attempt).rstrip("/") + ending
    answer = client.post(path, body_for(attempt), content_type="application/json", HTTP_HOST="10.0.0.7")
    assert (answer.status_code, answer.cookies) == (200, {})
    assert fresh(attempt.order).status == OrderStatus.PAID


@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/hooks/", "/hooks/nothing/0/", "/hooks/back/0/", "/hookslnm/0/"]
)
def test_everything_else_goes_the_usual_way(entrance, path):
    assert entrance(RequestFactory().post(path)).status_code == 301


@pytest.mark.django_db
def test_an_address_of_nobody_is_told_so_at_the_door(entrance):
    request = RequestFactory().post(f"/hooks/lnm/{'0' * 32}/", b"{}", content_type="application/json")
    assert entrance(request).status_code == 404


def test_it_comes_first(settings):
    assert settings.MIDDLEWARE[0] == "payments.middleware.straight_to_hooks"
