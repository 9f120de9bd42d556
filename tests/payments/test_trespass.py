"""What people try who should not: money of other businesses, their own refunds, secrets, ways out."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.models import RefundStatus
from payments.services.refunds import request_refund
from sales.models import OrderStatus
from tests.builders import make_business, make_user
from tests.payments.hooks import make_account, make_card_attempt
from tests.payments.money import ask, fresh, make_bill
from tests.payments.refunds import make_free

pytestmark = pytest.mark.django_db
SECRET = "sk_test_seen_by_nobody"


def act(client, row, name, **values):
    """Post to a dialog of a row. Returns the answer."""
    label = row._meta.label_lower.replace(".", "_")
    return client.post(reverse(f"admin:{label}_{name}", args=[row.pk]), values)


def everything_of(business):
    """Rows of money of a business, one of each kind that has buttons and can be made in a line."""
    account = make_account(business)
    money = make_free(business)
    refund = request_refund(money, amount=money.free / 2, reason="Broken", by=None)
    return [account, money, refund, ask(make_bill(business)), make_bill(business)]


def test_no_button_of_another_business_answers(client, store):
    rows = everything_of(make_business())
    client.force_login(make_user((store, OWNER)))
    for row in rows:
        for dialog in admin.site._registry[type(row)].dialogs:
            assert act(client, row, dialog.name).status_code == 404, dialog.name


@pytest.mark.parametrize("wrong_role", [False, True])
def test_money_of_one_business_pays_no_order_of_another(client, store, wrong_role):
    other = make_business()
    client.force_login(make_user((store, ACCOUNTANT), *([] if wrong_role else [(other, ACCOUNTANT)])))
    money, order = make_free(store), make_bill(other)
    address = reverse("admin:payments_payment_match_payment", args=[money.pk])
    for asked in ({"order": order.pk}, {"q": order.number}):
        assert str(order.customer) not in client.get(address, asked).content.decode()
    act(client, money, "match_payment", order=order.pk)
    act(client, money, "split_payment", **{f"part-{order.pk}": "250", f"parts-{order.pk}": "250"})
    assert fresh(order).status == OrderStatus.PENDING and fresh(money).free == 250


def test_nobody_approves_what_he_asked_for(client, store):
    owner = make_user((store, OWNER))
    refund = request_refund(make_free(store), amount=250, reason="Broken", by=owner)
    client.force_login(owner)
    assert refund.status == RefundStatus.REQUESTED
    act(client, refund, "approve_refund")
    assert fresh(refund).status == RefundStatus.REQUESTED
    client.force_login(make_user((store, OWNER)))
    act(client, refund, "approve_refund")
    assert fresh(refund).status != RefundStatus.REQUESTED


@pytest.mark.parametrize("name", ["approve_refund", "reject_refund", "look_again", "resolve_refund"])
def test_staff_decide_no_refund(client, store, name):
    refund = request_refund(make_free(store), amount=250, reason="Broken", by=None)
    client.force_login(make_user((store, STAFF)))
    assert act(client, refund, name, reason="x", went="yes").status_code in (403, 404)
    assert fresh(refund).status == RefundStatus.REQUESTED


@pytest.mark.parametrize("role", [STAFF, ACCOUNTANT])
def test_only_owners_see_the_addresses_and_nobody_a_secret(client, store, role):
    account = make_account(store, "stripe", new_secrets={"secret_key": SECRET})
    pages = ["", f"{account.pk}/change/", f"{account.pk}/history/", "?q=sk_test"]
    client.force_login(make_user((store, role)))
    for page in pages:
        assert client.get(f"/admin/payments/provideraccount/{page}").status_code in (403, 404)
    client.force_login(make_user((store, OWNER)))
    versions = [f"{account.pk}/history/{each.pk}/" for each in account.history.all()]
    for page in [*pages, *versions]:
        shown = client.get(f"/admin/payments/provideraccount/{page}", follow=True).content.decode()
        assert SECRET not in shown, page


def test_the_page_after_paying_leads_nowhere_else(client, store):
    attempt = make_card_attempt(make_bill(store), make_account(store, "stripe"))
    address = reverse("payments:came_back", args=[attempt.pk])
    evil = "https://evil.example/"
    answer = client.get(address, {"next": evil, "url": evil, "return_url": evil, "token": "x"})
    shown = answer.content.decode()
    assert answer.status_code == 200 and "evil.example" not in shown
    assert not re.search(r"25[04]|KES|0712", shown.replace("utf-8", "")), "It tells a stranger of the order."
