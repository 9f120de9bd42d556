"""The list of planned prices: seen by all, cancelled by those who may change prices, sent out and back."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from inventory.models import PlannedPrice
from tests.builders import make_business, make_product, make_user
from tests.imports.desk import counts, load

pytestmark = pytest.mark.django_db
LIST = reverse("admin:inventory_plannedprice_changelist")
EXPORT = reverse("admin:inventory_plannedprice_export")


@pytest.fixture
def shop():
    return make_business("Duka")


@pytest.fixture
def planned(shop):
    return plan(make_product(shop, sku="WAT-1", name="Water"))


def plan(product, **values):
    values = {"price": Decimal("350"), "starts_on": date(2040, 1, 1), "price_list": "New year", **values}
    planned = PlannedPrice(business=product.business, product=product, **values)
    planned.save()
    return planned


def log_in(client, shop, role):
    client.force_login(make_user((shop, role)))
    return client


def cancel(client, planned):
    return client.post(reverse("admin:inventory_plannedprice_delete", args=[planned.pk]), {"post": "yes"})


def exists(planned):
    return PlannedPrice._base_manager.filter(pk=planned.pk).exists()


def test_staff_see_what_is_planned_but_neither_change_nor_cancel_it(client, shop, planned):
    log_in(client, shop, STAFF)
    page = client.get(LIST).text
    assert "Water" in page and "New year" in page and "350.00" in page
    assert cancel(client, planned).status_code == 403 and exists(planned)


def test_who_may_change_prices_cancels_after_a_question_and_history_says_who(client, shop, planned):
    log_in(client, shop, ACCOUNTANT)
    asked = client.get(reverse("admin:inventory_plannedprice_delete", args=[planned.pk]))
    assert "Water" in asked.text and exists(planned)
    cancel(client, planned)
    assert not exists(planned)
    gone = PlannedPrice.history.get(history_type="-")
    assert (gone.history_change_reason, gone.history_user is not None) == ("cancelled", True)


def test_a_price_that_was_applied_is_not_cancelled(client, shop, planned):
    applied = plan(planned.product, starts_on=date(2020, 1, 1), applied_at=timezone.now())
    log_in(client, shop, OWNER)
    assert cancel(client, applied).status_code == 403 and exists(applied)
    chosen = {"action": "delete_selected", "_selected_action": [applied.pk, planned.pk], "post": "yes"}
    page = client.post(LIST, chosen, follow=True)
    assert exists(applied) and "applied already" in page.text


def test_an_export_loaded_again_changes_nothing(client, shop, planned):
    plan(make_product(shop, sku="CUP"), starts_on=date(2041, 2, 3), price_list="", price=Decimal("6.50"))
    log_in(client, shop, OWNER)
    data = b"".join(client.post(EXPORT, {"format": "csv"}).streaming_content)
    job = load(shop, data, by=make_user((shop, OWNER)), resource="prices")
    assert counts(job) == (0, 0, 2, 0), (job.error, job.report)
