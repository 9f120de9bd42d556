"""The pretend Stripe: its checks, its memory of keys, its deliveries and its pages."""

import json
import threading
from datetime import UTC, datetime

import pytest
import requests

from payments.gateways.gateway import Forged, Kind, State
from payments.simulator import AlreadyAnswered
from payments.simulator.stripe.webhook import event_body, new_event, post_event
from payments.simulator.stripe.wire import STRIPE_SECRET_KEY
from tests.payments.cards import INTENT, make_ask, make_gateway, make_refund

pytestmark = pytest.mark.once

FORM = {
    "mode": "payment",
    "success_url": "https://shop.example.com/",
    "line_items[0][quantity]": "2",
    "line_items[0][price_data][currency]": "kes",
    "line_items[0][price_data][unit_amount]": "5000",
    "line_items[0][price_data][product_data][name]": "Water",
}
SESSIONS, REFUNDS = "/v1/checkout/sessions", "/v1/refunds"


@pytest.fixture
def stripe(simulator, shop):
    """The pretend Stripe, delivering to the shop."""
    simulator.stripe.webhook_url = shop.address
    return simulator.stripe


def send(stripe, method, path, form=None, *, key="", **headers):
    headers = {"Authorization": f"Bearer {STRIPE_SECRET_KEY}", **headers}
    if key:
        headers["Idempotency-Key"] = key
    url = f"{stripe.simulator.url}/stripe{path}"
    return requests.request(method, url, data=form, headers=headers, timeout=5, allow_redirects=False)


def error_of(response):
    return response.json()["error"]


def kinds(deliveries):
    return [event["type"] for event, _status in deliveries]


# Checks


@pytest.mark.parametrize("login", ["", "Basic eDp5", "Bearer sk_test_other"])
def test_a_request_without_the_key_is_refused(stripe, login):
    response = send(stripe, "POST", SESSIONS, FORM, Authorization=login)
    assert (response.status_code, error_of(response)["type"]) == (401, "invalid_request_error")
    assert stripe.sessions == {}


def test_only_forms_are_taken(stripe):
    response = send(stripe, "POST", SESSIONS, json.dumps(FORM), **{"Content-Type": "application/json"})
    assert response.status_code == 400
    assert send(stripe, "POST", SESSIONS, FORM).json()["amount_total"] == 10000  # the control


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mode": ""}, "parameter_missing"),
        ({"success_url": "nowhere"}, "url_invalid"),
        ({"line_items[0][quantity]": "0"}, "parameter_invalid_integer"),
        ({"line_items[0][price_data][unit_amount]": "2.5"}, "parameter_invalid_integer"),
        ({"line_items[0][price_data][unit_amount]": "100000000"}, "amount_too_large"),
        ({"amount": "5"}, "parameter_unknown"),
    ],
)
def test_a_form_is_checked(stripe, change, code):
    response = send(stripe, "POST", SESSIONS, FORM | change)
    assert (response.status_code, error_of(response)["code"]) == (400, code)


@pytest.mark.parametrize(
    "path", [f"{SESSIONS}/cs_1", "/v1/payment_intents/pi_1", f"{REFUNDS}/re_1", "/v1/balance"]
)
def test_what_is_not_there_is_not_found(stripe, path):
    assert send(stripe, "GET", path).status_code == 404


# Keys


def test_a_key_gets_its_first_answer_again(stripe):
    first, again = (send(stripe, "POST", SESSIONS, FORM, key="k") for _time in range(2))
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"


def test_a_key_is_not_for_another_request(stripe):
    send(stripe, "POST", SESSIONS, FORM, key="k")
    response = send(stripe, "POST", SESSIONS, FORM | {"line_items[0][quantity]": "3"}, key="k")
    assert (response.status_code, error_of(response)["type"]) == (400, "idempotency_error")


def test_a_failure_is_saved_and_a_refusal_is_not(stripe):
    stripe.fail_after = True
    assert send(stripe, "POST", SESSIONS, FORM, key="k").status_code == 500
    stripe.fail_after = False
    assert send(stripe, "POST", SESSIONS, FORM, key="k").status_code == 500
    assert send(stripe, "POST", SESSIONS, {}, key="other").status_code == 400
    assert send(stripe, "POST", SESSIONS, FORM, key="other").status_code == 200
    assert len(stripe.sessions) == 2


def test_eight_equal_requests_at_once_make_one_page(stripe):
    together, statuses = threading.Barrier(8), []

    def ask():
        together.wait()
        statuses.append(send(stripe, "POST", SESSIONS, FORM, key="k").status_code)

    threads = [threading.Thread(target=ask) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 409} and 200 in statuses
    assert len(stripe.sessions) == 1


# Deliveries


def test_a_payment_is_delivered_signed_and_read_as_paid(simulator, stripe, shop):
    gateway = make_gateway(simulator)
    asked = gateway.ask(make_ask())
    stripe.choose(asked.reference, "pay")
    told = stripe.wait_for_deliveries(3)
    assert kinds(told) == ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]
    assert {status for _event, status in told} == {200}
    now, notices = datetime.now(UTC), []
    for _path, headers, body in shop.received:
        gateway.verify(body, headers, now=now)
        notices.append(gateway.read(body, received_at=now))
    standing = gateway.standing(asked.reference)
    _second_news, *paid = notices
    assert {one.receipt for one in paid} == {standing.receipt}
    assert {(one.kind, one.state, one.key, one.amount) for one in paid} == {
        (Kind.ATTEMPT, State.PAID, "attempt-1", standing.amount)
    }


def test_a_delivery_signed_with_another_secret_is_forged(simulator, stripe, shop):
    stripe.webhook_secret = "whsec_other"
    stripe.tell(new_event("payment_intent.succeeded", INTENT))
    stripe.wait_for_deliveries(1)
    ((_path, headers, body),) = shop.received
    with pytest.raises(Forged):
        make_gateway(simulator).verify(body, headers, now=datetime.now(UTC))
    both = make_gateway(simulator, webhook_secrets=("whsec_simulator", "whsec_other"))
    both.verify(body, headers, now=datetime.now(UTC))


def test_a_delivery_that_was_not_taken_comes_again(stripe, shop):
    stripe.back_off, stripe.retries, shop.status = 0, 2, 500
    stripe.tell(new_event("payment_intent.succeeded", INTENT))
    told = stripe.wait_for_deliveries(3)
    assert [status for _event, status in told] == [500] * 3
    assert len({event["id"] for event, _status in told}) == 1


def test_deliveries_may_come_twice_and_in_another_order(simulator, stripe, shop):
    stripe.copies, stripe.reorder = 2, True
    asked = make_gateway(simulator).ask(make_ask())
    stripe.choose(asked.reference, "pay")
    assert kinds(stripe.wait_for_deliveries(6)) == [
        *["checkout.session.completed"] * 2,
        *["payment_intent.succeeded"] * 2,
        *["charge.succeeded"] * 2,
    ]


def test_a_refund_is_told_once_for_itself_and_once_for_the_charge(simulator, stripe, shop):
    gateway = make_gateway(simulator)
    stripe.choose(gateway.ask(make_ask()).reference, "pay")
    (receipt,) = stripe.intents
    stripe.wait_for_deliveries(3)
    stripe.refund_status = "pending"
    refund = gateway.refund(make_refund(receipt))
    stripe.wait_for_deliveries(5)
    stripe.finish_refund(refund.receipt, "failed")
    told = stripe.wait_for_deliveries(6)[3:]
    assert kinds(told) == ["refund.created", "charge.refunded", "refund.failed"]
    created, charge, failed = (
        gateway.read(event_body(event), received_at=datetime.now(UTC)) for event, _status in told
    )
    assert (created.state, charge.kind, failed.state) == (State.PENDING, Kind.OTHER, State.FAILED)
    assert created.receipt == failed.receipt == refund.receipt
    assert created.original_receipt == failed.original_receipt == receipt
    # What failed is there to be given back again.
    assert gateway.refund(make_refund(receipt, key="again", amount=make_ask().amount)).amount


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("no_money", ["payment_intent.payment_failed"]),
        ("expire", ["checkout.session.expired"]),
        (
            "pay_later",
            [
                "payment_intent.processing",
                "checkout.session.completed",
                "charge.succeeded",
                "payment_intent.succeeded",
                "checkout.session.async_payment_succeeded",
            ],
        ),
        (
            "pay_later_fails",
            [
                "payment_intent.processing",
                "checkout.session.completed",
                "payment_intent.payment_failed",
                "checkout.session.async_payment_failed",
            ],
        ),
    ],
)
def test_the_customer_acts_at_once_when_told_to(simulator, stripe, shop, choice, expected):
    stripe.auto = choice
    make_gateway(simulator).ask(make_ask())
    assert sorted(kinds(stripe.wait_for_deliveries(len(expected)))) == sorted(expected)


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "http://192.0.2.1/", "http://shop.example.com/"])
def test_nothing_is_delivered_off_this_machine(url):
    with pytest.raises(ValueError, match="this machine"):
        post_event(url, b"{}", "")


# Pages


def test_the_customer_pays_on_the_page_of_the_link(simulator):
    asked = make_gateway(simulator).ask(make_ask())
    page = requests.get(asked.link, timeout=5)
    assert page.status_code == 200
    assert "KES 249.97" in page.text and "R-0042" in page.text
    answer = requests.post(asked.link, {"choice": "no_money"}, timeout=5)
    assert "did not go through" in answer.text and "Pay by card" in answer.text
    answer = requests.post(asked.link, {"choice": "pay"}, timeout=5)
    assert "Paid." in answer.text and "choice" not in answer.text
    assert "https://shop.example.com/thanks" in answer.text
    assert requests.post(asked.link, {"choice": "pay"}, timeout=5).status_code == 409


def test_a_page_takes_no_other_choice(simulator):
    asked = make_gateway(simulator).ask(make_ask())
    assert requests.post(asked.link, {"choice": "steal"}, timeout=5).status_code == 400
    assert requests.get(f"{simulator.url}/stripe/pay/cs_test_other", timeout=5).status_code == 404
    simulator.stripe.choose(asked.reference, "expire")
    assert "This link has expired" in requests.get(asked.link, timeout=5).text
    with pytest.raises(AlreadyAnswered):
        simulator.stripe.choose(asked.reference, "pay")


def test_all_pages_are_listed(simulator):
    url = f"{simulator.url}/stripe/pay"
    assert "No payment page yet" in requests.get(url, timeout=5).text
    asked = make_gateway(simulator).ask(make_ask(reference="<b>R-1</b>"))
    listed = requests.get(url, timeout=5).text
    assert asked.reference in listed and "&lt;b&gt;R-1" in listed
