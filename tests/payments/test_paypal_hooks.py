"""PayPal's deliveries: PayPal itself is asked whether it sent them; then compared and booked once."""

import json
from decimal import Decimal

import pytest

from payments.models import EventOutcome, PaymentStatus
from payments.simulator.paypal.answers import PAYPAL_CREDENTIALS
from payments.simulator.paypal.webhooks import sign, write_event
from sales.models import OrderStatus
from tests.payments.hooks import make_account, make_card_attempt
from tests.payments.money import events, fresh, make_bill, payments

pytestmark = pytest.mark.django_db
COMPLETED, PENDING = "PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.PENDING"


@pytest.fixture
def account(store, simulator, settings):
    settings.PAYMENT_SIMULATOR_URL = simulator.url
    return make_account(store, "paypal", identifier=PAYPAL_CREDENTIALS["merchant_id"])


@pytest.fixture
def attempt(store, account):
    """KES 250.00, quoted as USD 1.93."""
    values = {"amount_requested": Decimal("1.93"), "currency": "USD", "rate": Decimal("129.5")}
    return make_card_attempt(make_bill(store), account, checkout_request_id="5O190127TN364715T", **values)


def capture_of(attempt, **values):
    return {
        "id": "27M47624FP291604U",
        "status": "COMPLETED",
        "amount": {"currency_code": attempt.currency, "value": str(attempt.amount_requested)},
        "custom_id": str(attempt.pk),
        "payee": {"merchant_id": PAYPAL_CREDENTIALS["merchant_id"]},
        "supplementary_data": {"related_ids": {"order_id": attempt.checkout_request_id}},
    } | values


def post(client, account, body, **headers):
    """Deliver as PayPal does. Returns the HTTP status."""
    signed = sign(body) | headers
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.items() if value}
    path = f"/hooks/paypal/{account.hook_token}/"
    return client.post(path, body, content_type="application/json", **named).status_code


def tell(client, account, kind, resource):
    assert post(client, account, write_event(kind, "capture", resource)) == 200
    return events()[-1]


def test_a_capture_pays_what_the_quoted_amount_stands_for(client, account, attempt):
    event = tell(client, account, COMPLETED, capture_of(attempt))
    assert event.outcome == EventOutcome.APPLIED
    (payment,) = payments()
    assert (payment.amount, payment.currency, payment.method) == (250, "KES", "paypal")
    assert payment.transaction_id == "27M47624FP291604U"
    assert fresh(attempt.order).status == OrderStatus.PAID


def test_pending_then_completed_then_a_stale_pending(client, account, attempt):
    held = capture_of(attempt, status="PENDING", status_details={"reason": "ECHECK"})
    assert tell(client, account, PENDING, held).outcome == EventOutcome.IGNORED
    assert fresh(attempt.order).status == OrderStatus.PENDING
    tell(client, account, COMPLETED, capture_of(attempt))
    assert tell(client, account, PENDING, held).outcome == EventOutcome.IGNORED
    assert fresh(attempt.order).status == OrderStatus.PAID and len(payments()) == 1


@pytest.mark.parametrize("name", ["DENIED", "DECLINED"])
def test_a_denied_capture_is_a_failure(client, account, attempt, name):
    tell(client, account, f"PAYMENT.CAPTURE.{name}", capture_of(attempt, status="DECLINED"))
    assert fresh(attempt).status == "failed" and payments()[0].status == PaymentStatus.FAILED


@pytest.mark.parametrize(
    "change",
    [
        {"amount": {"currency_code": "EUR", "value": "1.93"}},
        {"payee": {"merchant_id": "ANOTHER"}},
        {"supplementary_data": {"related_ids": {"order_id": "ANOTHERORDER"}}},
        {"custom_id": "attempt-1"},
        {"status": "PENDING"},
        {"amount": None},
        {"id": None},
    ],
)
def test_what_does_not_match_is_for_a_person_to_look_at(client, account, attempt, change):
    event = tell(client, account, COMPLETED, capture_of(attempt, **change))
    assert event.outcome == EventOutcome.REVIEW and fresh(attempt.order).status == OrderStatus.PENDING
    assert [each.status for each in payments()] == [PaymentStatus.PENDING]


def test_less_than_was_quoted_is_kept_and_pays_nothing(client, account, attempt):
    less = {"amount": {"currency_code": "USD", "value": "0.93"}}
    tell(client, account, COMPLETED, capture_of(attempt, **less))
    money = payments()[-1]
    assert (money.amount, money.currency, money.is_unmatched) == (Decimal("0.93"), "USD", True)
    assert fresh(attempt.order).status == OrderStatus.PENDING


def test_a_completed_order_whose_capture_is_pending_is_not_paid(client, account, attempt):
    held = capture_of(attempt, status="PENDING")
    unit = {"custom_id": str(attempt.pk), "payments": {"captures": [held]}}
    order = {"id": attempt.checkout_request_id, "status": "COMPLETED", "purchase_units": [unit]}
    tell(client, account, "CHECKOUT.ORDER.COMPLETED", order)
    assert fresh(attempt.order).status == OrderStatus.PENDING


def test_approval_is_not_money_and_has_the_order_looked_at(client, account, attempt):
    order = {"id": attempt.checkout_request_id, "status": "APPROVED"}
    order["purchase_units"] = [{"custom_id": str(attempt.pk)}]
    event = tell(client, account, "CHECKOUT.ORDER.APPROVED", order)
    assert event.outcome == EventOutcome.IGNORED and fresh(attempt.order).status == OrderStatus.PENDING
    assert fresh(attempt).next_look_at


def test_the_same_event_twice_is_one_delivery(client, account, attempt):
    body = write_event(COMPLETED, "capture", capture_of(attempt))
    assert [post(client, account, body) for _time in range(2)] == [200, 200]
    assert len(events()) == len(payments()) == 1


def test_a_body_that_was_written_again_is_refused_and_not_stored(client, account, attempt):
    body = write_event(COMPLETED, "capture", capture_of(attempt))
    signed = sign(body)
    assert post(client, account, json.dumps(json.loads(body)).encode(), **signed) == 400
    assert not events()


@pytest.mark.parametrize(
    "header, value",
    [
        ("PAYPAL-TRANSMISSION-SIG", ""),
        ("PAYPAL-TRANSMISSION-ID", ""),
        ("PAYPAL-CERT-URL", "https://evil.example/cert"),
        ("PAYPAL-CERT-URL", "http://api.paypal.com/v1/notifications/certs/CERT-1"),
        ("PAYPAL-CERT-URL", "https://api.paypal.com.evil.tld/cert"),
        ("PAYPAL-CERT-URL", "https://api.paypal.com@evil.tld/cert"),
    ],
)
def test_forged_headers_are_refused_without_asking_anybody(
    client, account, attempt, simulator, header, value
):
    body = write_event(COMPLETED, "capture", capture_of(attempt))
    assert post(client, account, body, **{header: value}) == 400
    assert not events() and not simulator.paypal.questions


def test_while_paypal_cannot_be_asked_it_has_to_come_again(client, account, attempt, settings):
    settings.PAYMENT_SIMULATOR_URL = "http://127.0.0.1:9"
    body = write_event(COMPLETED, "capture", capture_of(attempt))
    assert post(client, account, body) == 503
    assert not events()
