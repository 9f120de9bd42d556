"""A clerk's order, from the dialog that asks for its money to the customer's door, over HTTP."""

import time

import pytest
import requests
from django.core.cache import cache
from django_tasks_db.management.commands.db_worker import Worker

from backoffice.invariants import check_all
from backoffice.scoping import every_business
from payments.models import Payment, PaymentStatus
from payments.simulator import Simulator
from sales.models import Order, OrderStatus
from sales.services.numbers import order_reference
from tests.builders import PASSWORD, make_business, make_customer, make_product, make_user
from tests.payments.money import make_bill

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def phone(live_server, settings):
    """The customer's phone; it reports to the live server."""
    cache.clear()
    with Simulator(delay=0) as simulator:
        settings.PAYMENT_SIMULATOR_URL = simulator.url
        settings.BASE_URL = live_server.url
        yield simulator


class Browser:
    """A person at the admin: real requests, a session, and the token that forms need."""

    def __init__(self, address, user):
        self.address, self.session = address, requests.Session()
        self.session.trust_env = False
        self.get("/admin/login/")
        self.post("/admin/login/", username=user.email, password=PASSWORD)

    def get(self, path):
        answer = self.session.get(self.address + path)
        assert answer.status_code in (200, 204), answer.status_code
        return answer.text

    def post(self, path, **data):
        data["csrfmiddlewaretoken"] = self.session.cookies["csrftoken"]
        answer = self.session.post(self.address + path, data, headers={"Referer": self.address + path})
        assert answer.status_code == 200, answer.status_code
        return answer


def work():
    """Let the background worker do what is due, and stop."""
    Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="test",
        excluded_queue_names=[],
    ).run()


def wait_for(holds):
    for _tenth in range(100):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it never happened")


def test_an_order_is_asked_for_paid_shipped_and_delivered(live_server, phone):
    store = make_business()
    clerk = Browser(live_server.url, make_user((store, "Staff")))
    product, customer = make_product(store, stock=10, price="124.99"), make_customer(phone="+254712345678")
    clerk.post(
        "/admin/sales/order/add/",
        **{"customer": customer.pk, "business": store.pk, "note": "", "items-TOTAL_FORMS": 1},
        **{"items-INITIAL_FORMS": 0, "items-0-product": product.pk, "items-0-quantity": 2},
    )
    order = Order._base_manager.get()
    page = f"/admin/sales/order/{order.pk}"

    assert "+254712345678" in clerk.get(f"{page}/do-request-payment/")
    clerk.post(f"{page}/do-request-payment/", phone="0712 345 678")
    panel = clerk.get(f"/admin/payments/payment/order-panel/{order.pk}/")
    work()
    prompt = phone.prompts[0]
    assert (prompt.amount, prompt.reference) == (250, order_reference(order))
    assert "on the customer" in clerk.get(f"{page}/change/")

    prompt.answer("pin")
    wait_for(lambda: Payment._base_manager.filter(status=PaymentStatus.SUCCESSFUL).exists())
    wait_for(prompt.delivered.is_set)
    assert prompt.answered_with == 200
    state = panel.split("state=")[1].split('"')[0]
    news = clerk.get(f"/admin/payments/payment/order-panel/{order.pk}/?state={state}")
    assert "Paid: KES 250.00" in news and prompt.receipt in news
    assert prompt.receipt in clerk.get(f"{page}/change/")

    for move, status in (("ship", OrderStatus.SHIPPED), ("deliver", OrderStatus.DELIVERED)):
        clerk.get(f"{page}/do-{move}/")
        clerk.post(f"{page}/do-{move}/", reason="")
        assert Order._base_manager.get().status == status
    payment = Payment._base_manager.get()
    assert (payment.transaction_id, str(payment.rounding)) == (prompt.receipt, "0.02")
    product.refresh_from_db()
    assert product.stock == 8
    with every_business():
        assert [finding.examples for finding in check_all() if not finding.holds] == []


def test_a_wrong_pin_is_told_and_the_second_try_pays(live_server, phone):
    store = make_business()
    clerk = Browser(live_server.url, make_user((store, "Staff")))
    with every_business():
        order = make_bill(store)
    page = f"/admin/sales/order/{order.pk}"
    for choice, words in (("wrong_pin", "wrong PIN"), ("pin", "Paid: KES 250.00")):
        clerk.get(f"{page}/change/")
        clerk.post(f"{page}/do-request-payment/", phone="0712345678")
        work()
        phone.prompts[-1].answer(choice)
        wait_for(lambda words=words: words in clerk.get(f"{page}/change/"))
    assert Order._base_manager.get().status == OrderStatus.PAID
