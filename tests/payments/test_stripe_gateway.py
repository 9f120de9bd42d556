"""Asking for card payments and giving them back, over HTTP, against the pretend Stripe."""

import socket
from decimal import Decimal

import pytest

from backoffice.errors import RuleBroken
from payments.gateways.gateway import AskRefused, AskUnknown, State
from payments.simulator.stripe.wire import STRIPE_HTML_503, Refused, reply
from tests.payments.cards import make_ask, make_gateway, make_refund

pytestmark = pytest.mark.once

LOCKED = reply(429, {"error": {"type": "x", "code": "lock_timeout"}}, **{"Retry-After": "7"})
GARBAGE = [
    STRIPE_HTML_503,
    (200, b"", {}),
    (200, b"[]", {}),
    (200, b"{}", {}),
    (302, b"", {"Location": "/elsewhere"}),
    (404, b"<html></html>", {}),
    (500, b'{"error": {"type": "api_error", "message": "?"}}', {}),
    (409, b'{"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}', {}),
    (409, b'{"error": {"type": "invalid_request_error", "code": "lock_timeout"}}', {}),
]


@pytest.fixture
def gateway(simulator):
    return make_gateway(simulator)


@pytest.fixture
def paid(simulator, gateway):
    """The receipt of KES 249.97."""
    asked = gateway.ask(make_ask())
    simulator.stripe.choose(asked.reference, "pay")
    return gateway.standing(asked.reference).receipt


# Asking


def test_asking_makes_a_payment_page(simulator, gateway):
    asked = gateway.ask(make_ask())
    (session,) = simulator.stripe.sessions.values()
    assert (asked.reference, asked.link) == (session["id"], session["url"])
    assert asked.second_reference == ""  # the payment exists when the customer pays
    assert (session["amount_total"], session["currency"]) == (24997, "kes")
    assert session["metadata"] == {"key": "attempt-1"} and session["client_reference_id"] == "attempt-1"


def test_asking_for_yen_leaves_the_amount_alone(simulator, gateway):
    gateway.ask(make_ask(amount=Decimal("500"), currency="JPY"))
    assert [one["amount_total"] for one in simulator.stripe.sessions.values()] == [500]


def test_asking_twice_with_one_key_makes_one_page(simulator, gateway):
    assert gateway.ask(make_ask()) == gateway.ask(make_ask())
    assert gateway.ask(make_ask(key="attempt-2")).reference not in list(simulator.stripe.sessions)[:1]
    assert len(simulator.stripe.sessions) == 2


def test_another_request_under_the_same_key_is_not_repeated_by_itself(simulator, gateway):
    gateway.ask(make_ask())
    with pytest.raises(AskUnknown) as unknown:
        gateway.ask(make_ask(amount=Decimal("300")))
    assert not unknown.value.may_repeat
    assert len(simulator.stripe.sessions) == 1


@pytest.mark.parametrize("drop", ["before", "after"])
def test_an_answer_that_was_lost_may_be_asked_for_again(simulator, gateway, drop):
    simulator.stripe.drop = drop
    with pytest.raises(AskUnknown) as unknown:
        gateway.ask(make_ask())
    assert unknown.value.may_repeat
    simulator.stripe.drop = ""
    asked = gateway.ask(make_ask())
    assert list(simulator.stripe.sessions) == [asked.reference]


def test_a_slow_answer_may_be_asked_for_again(simulator):
    simulator.stripe.latency = 0.5
    with pytest.raises(AskUnknown) as unknown:
        make_gateway(simulator, read_timeout=0.05).ask(make_ask())
    assert unknown.value.may_repeat


@pytest.mark.parametrize("answer", GARBAGE)
def test_an_answer_that_is_not_clear_is_not_taken_for_one(simulator, gateway, answer):
    simulator.stripe.answers = [answer]
    with pytest.raises(AskUnknown) as unknown:
        gateway.ask(make_ask())
    assert unknown.value.may_repeat
    assert gateway.ask(make_ask()).link


def test_a_redirection_is_not_followed(simulator, gateway):
    elsewhere = f"/stripe/v1/checkout/sessions/{gateway.ask(make_ask(key='another')).reference}"
    simulator.stripe.answers = [(303, b"", {"Location": elsewhere})]
    with pytest.raises(AskUnknown):
        gateway.ask(make_ask())


def test_a_failure_that_was_saved_stays_unknown(simulator, gateway):
    simulator.stripe.fail_after = True
    for _time in range(2):
        with pytest.raises(AskUnknown):
            gateway.ask(make_ask())
    simulator.stripe.fail_after = False
    with pytest.raises(AskUnknown):
        gateway.ask(make_ask())
    assert len(simulator.stripe.sessions) == 1


def test_nothing_is_sent_where_nobody_listens():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(AskRefused) as refused:
            make_gateway(base_url=url, allow_http=True).ask(make_ask())
    assert (refused.value.code, refused.value.retry_after) == ("no_connection", 60)


@pytest.mark.parametrize(
    ("answer", "code", "retry_after"),
    [
        (Refused(400, "Too small", code="amount_too_small").answer, "amount_too_small", None),
        (Refused(403, "No").answer, "no_permission", None),
        (Refused(429, "Slow down", code="rate_limit").answer, "rate_limit", 60),
        (
            reply(429, {"error": {"type": "x", "code": "lock_timeout"}}, **{"Retry-After": "7"}),
            "lock_timeout",
            7,
        ),
        (Refused(400, "Whatever this is", code="new_code").answer, "new_code", None),
    ],
)
def test_a_refusal_says_why_and_when_to_try_again(simulator, gateway, answer, code, retry_after):
    simulator.stripe.answers = [answer]
    with pytest.raises(AskRefused) as refused:
        gateway.ask(make_ask())
    assert (refused.value.code, refused.value.retry_after) == (code, retry_after)
    assert refused.value.text


def test_the_wrong_key_is_refused(simulator):
    with pytest.raises(AskRefused) as refused:
        make_gateway(simulator, secret_key="sk_test_other").ask(make_ask())
    assert refused.value.code == "wrong_credentials"
    assert "sk_" not in refused.value.text


@pytest.mark.parametrize(
    "values",
    [
        {"amount": Decimal("0")},
        {"amount": Decimal("0.001")},
        {"currency": "UGX"},
        {"key": ""},
        {"key": "two words"},
        {"return_url": ""},
        {"return_url": "javascript:alert(1)"},
    ],
)
def test_what_cannot_be_asked_for_is_not_sent(simulator, gateway, values):
    with pytest.raises(RuleBroken):
        gateway.ask(make_ask(**values))
    assert simulator.stripe.requests == []


# How it stands


@pytest.mark.parametrize(
    ("choice", "state", "code"),
    [
        ("", State.PENDING, "open"),
        ("decline", State.PENDING, "generic_decline"),
        ("pay", State.PAID, "succeeded"),
        ("expire", State.FAILED, "expired"),
    ],
)
def test_a_page_stands_as_the_customer_left_it(simulator, gateway, choice, state, code):
    asked = gateway.ask(make_ask())
    if choice:
        simulator.stripe.choose(asked.reference, choice)
    standing = gateway.standing(asked.reference)
    assert (standing.state, standing.code) == (state, code)
    assert (standing.amount == Decimal("249.97"), bool(standing.receipt)) == (state == State.PAID,) * 2


def test_a_card_declined_and_then_taken_is_paid(simulator, gateway):
    asked = gateway.ask(make_ask())
    for choice in ("decline", "no_money", "pay"):
        simulator.stripe.choose(asked.reference, choice)
    standing = gateway.standing(asked.reference)
    assert (standing.state, standing.currency) == (State.PAID, "KES")
    assert gateway.standing(standing.receipt).receipt == standing.receipt  # the payment says the same


def test_a_page_that_expired_after_a_decline_has_failed(simulator, gateway):
    asked = gateway.ask(make_ask())
    simulator.stripe.choose(asked.reference, "decline")
    simulator.stripe.choose(asked.reference, "expire")
    assert gateway.standing(asked.reference).state == State.FAILED


@pytest.mark.parametrize(("choice", "ends"), [("pay_later", State.PAID), ("pay_later_fails", State.FAILED)])
def test_a_slow_payment_is_pending_until_the_bank_decides(simulator, gateway, shop, choice, ends):
    simulator.stripe.webhook_url, simulator.delay = shop.address, 3600
    asked = gateway.ask(make_ask())
    simulator.stripe.choose(asked.reference, choice)
    assert gateway.standing(asked.reference).state == State.PENDING
    simulator.stripe.settle(asked.reference, fails=choice == "pay_later_fails")
    assert gateway.standing(asked.reference).state == ends


@pytest.mark.parametrize("change", [{"livemode": True}, {"amount_received": 0}, {"currency": "ugx"}])
def test_money_that_does_not_fit_is_unknown(simulator, gateway, paid, change):
    simulator.stripe.intents[paid] |= change
    assert gateway.standing(paid).state == State.UNKNOWN


def test_a_cancelled_payment_has_failed(simulator, gateway, paid):
    simulator.stripe.intents[paid] |= {"status": "canceled", "cancellation_reason": "duplicate"}
    assert (gateway.standing(paid).state, gateway.standing(paid).code) == (State.FAILED, "duplicate")


@pytest.mark.parametrize("answer", [*GARBAGE, Refused(404, "No such thing", code="resource_missing").answer])
def test_no_clear_answer_is_no_failure(simulator, gateway, answer):
    simulator.stripe.answers = [answer]
    assert gateway.standing("cs_test_1").state == State.UNKNOWN


def test_nobody_listening_is_no_failure():
    gateway = make_gateway(base_url="http://127.0.0.1:1", allow_http=True)
    assert gateway.standing("cs_test_1").state == State.UNKNOWN


# Giving money back


@pytest.mark.parametrize(
    ("status", "state"),
    [("succeeded", State.PAID), ("pending", State.PENDING), ("failed", State.FAILED)],
)
def test_a_refund_stands_as_stripe_says(simulator, gateway, paid, status, state):
    simulator.stripe.refund_status = status
    standing = gateway.refund(make_refund(paid))
    (refund,) = simulator.stripe.refunds.values()
    assert (standing.state, standing.receipt) == (state, refund["id"])
    assert (standing.amount, standing.currency) == (Decimal("100"), "KES")
    assert refund["metadata"] == {"key": "refund-1", "reason": "One bottle leaked"}
    assert gateway.standing(standing.receipt) == standing


def test_a_refund_asked_for_twice_is_made_once(simulator, gateway, paid):
    assert gateway.refund(make_refund(paid)) == gateway.refund(make_refund(paid))
    assert len(simulator.stripe.refunds) == 1


def test_a_refund_whose_answer_was_lost_is_made_once(simulator, gateway, paid):
    simulator.stripe.drop = "after"
    with pytest.raises(AskUnknown) as unknown:
        gateway.refund(make_refund(paid))
    assert unknown.value.may_repeat
    simulator.stripe.drop = ""
    gateway.refund(make_refund(paid))
    assert len(simulator.stripe.refunds) == 1


def test_a_payment_is_given_back_in_parts_and_never_more_than_once(simulator, gateway, paid):
    gateway.refund(make_refund(paid))
    with pytest.raises(AskRefused) as refused:
        gateway.refund(make_refund(paid, key="refund-2", amount=Decimal("150")))
    assert "greater than" in refused.value.text
    gateway.refund(make_refund(paid, key="refund-3", amount=Decimal("149.97")))
    with pytest.raises(AskRefused) as refused:
        gateway.refund(make_refund(paid, key="refund-4", amount=Decimal("1")))
    assert refused.value.code == "charge_already_refunded"
    assert refused.value.text == "All of this payment was already given back."


def test_a_refund_can_name_the_charge(simulator, gateway, paid):
    charge = simulator.stripe.intents[paid]["latest_charge"]
    assert gateway.refund(make_refund(charge)).state == State.PAID


@pytest.mark.parametrize(
    ("values", "code"),
    [({"receipt": "pi_other"}, "resource_missing"), ({"amount": Decimal("0.001")}, "invalid_amount")],
)
def test_a_refund_that_cannot_be_is_refused(simulator, gateway, paid, values, code):
    with pytest.raises(AskRefused) as refused:
        gateway.refund(make_refund(**{"receipt": paid} | values))
    assert refused.value.code == code


# Settings


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"secret_key": ""}, "secret key is missing"),
        ({"secret_key": "pk_test_simulator"}, "begins with"),
        ({"live": True}, "other mode"),
        ({"secret_key": "sk_live_simulator"}, "other mode"),
        ({"webhook_secrets": ("whsec_one", " ")}, "webhook secret is empty"),
        ({"api_version": ""}, "API version"),
        ({"base_url": "http://api.stripe.com", "allow_http": True}, "https://"),
        ({"base_url": "http://127.0.0.1:1"}, "https://"),
    ],
)
def test_settings_that_cannot_work_are_named(values, words):
    with pytest.raises(RuleBroken, match=words):
        make_gateway(**values)


def test_secrets_are_not_shown():
    assert "simulator" not in repr(make_gateway()._config)
