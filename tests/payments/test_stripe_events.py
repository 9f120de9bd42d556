"""Stripe's deliveries as notices: what is money, what is not yet, and what stands in the way."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways.gateway import Kind, Notice, State, Unreadable
from payments.gateways.stripe.events import MAX_BYTES, READERS, WRONG_MODE
from payments.gateways.stripe.notices import NO_AMOUNT, NO_KEY, NO_RECEIPT, NOT_SUCCEEDED
from payments.gateways.stripe.returns import NO_REFUND
from tests.payments.cards import (
    CHARGE,
    DISPUTE,
    INTENT,
    NOW,
    REFUND,
    SESSION,
    as_json,
    make_event,
    make_gateway,
    read,
)
from tests.payments.test_hostile_callbacks import HOSTILE, anything

pytestmark = pytest.mark.once


# Money asked for


def test_a_payment_that_succeeded_is_paid():
    notice = read("payment_intent.succeeded", INTENT)
    assert (notice.kind, notice.state, notice.key) == (Kind.ATTEMPT, State.PAID, "attempt-1")
    assert (notice.amount, notice.currency) == (Decimal("249.97"), "KES")
    assert (notice.receipt, notice.second_reference) == ("pi_3Abc", "pi_3Abc")
    assert (notice.paid_at < NOW, notice.problems, notice.remarks) == (True, (), ())
    assert notice.event_id.startswith("evt_")


def test_two_events_about_one_money_have_one_receipt():
    one, other = read("payment_intent.succeeded", INTENT), read("checkout.session.completed", SESSION)
    assert one.event_id != other.event_id
    assert (one.receipt, one.key, one.amount) == (other.receipt, other.key, other.amount)
    assert other.reference == "cs_test_abc"


def test_the_payment_of_a_page_may_be_given_in_full():
    assert read("checkout.session.completed", SESSION, {"payment_intent": INTENT}).receipt == "pi_3Abc"


def test_a_page_completed_with_a_slow_payment_is_pending():
    notice = read("checkout.session.completed", SESSION, {"payment_status": "unpaid"})
    assert (notice.state, notice.amount, notice.problems) == (State.PENDING, None, ())
    assert read("checkout.session.async_payment_succeeded", SESSION).state == State.PAID


def test_a_page_completed_without_a_payment_is_looked_at():
    assert read("checkout.session.completed", SESSION, {"payment_status": "no_payment_required"}).problems


@pytest.mark.parametrize("ending", ["expired", "async_payment_failed"])
def test_a_page_that_is_over_has_failed(ending):
    notice = read(f"checkout.session.{ending}", SESSION, {"payment_status": "unpaid"})
    assert (notice.state, notice.code, bool(notice.text)) == (State.FAILED, ending, True)


def test_a_card_that_was_declined_is_no_failure_yet():
    error = {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds"}
    change = {"status": "requires_payment_method", "last_payment_error": error, "amount_received": 0}
    notice = read("payment_intent.payment_failed", INTENT, change)
    assert (notice.state, notice.code, notice.amount) == (State.PENDING, "insufficient_funds", None)
    assert notice.text == "There was not enough money on the card."


@pytest.mark.parametrize("kind", ["processing", "requires_action", "amount_capturable_updated"])
def test_a_payment_on_its_way_is_pending(kind):
    notice = read(f"payment_intent.{kind}", INTENT, {"status": kind})
    assert (notice.state, notice.amount, notice.receipt) == (State.PENDING, None, "")


def test_a_cancelled_payment_has_failed():
    notice = read("payment_intent.canceled", INTENT, {"cancellation_reason": "abandoned"})
    assert (notice.state, notice.code, bool(notice.text)) == (State.FAILED, "abandoned", True)


@pytest.mark.parametrize(
    ("currency", "units", "amount"), [("jpy", 500, "500"), ("kwd", 5120, "5.12"), ("usd", 1999, "19.99")]
)
def test_amounts_follow_the_currency(currency, units, amount):
    notice = read("payment_intent.succeeded", INTENT, {"currency": currency, "amount_received": units})
    assert (notice.amount, notice.currency) == (Decimal(amount), currency.upper())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"amount_received": 0}, NO_AMOUNT),
        ({"amount_received": "24997"}, NO_AMOUNT),
        ({"amount_received": 249.97}, NO_AMOUNT),
        ({"amount_received": True}, NO_AMOUNT),
        ({"amount_received": None}, NO_AMOUNT),
        ({"currency": None}, NO_AMOUNT),
        ({"currency": "ugx"}, NO_AMOUNT),
        ({"metadata": {}}, NO_KEY),
        ({"metadata": None}, NO_KEY),
        ({"metadata": {"key": "\x00"}}, NO_KEY),
        ({"status": "processing"}, NOT_SUCCEEDED),
    ],
)
def test_what_does_not_fit_stands_in_the_way(change, problem):
    assert read("payment_intent.succeeded", INTENT, change).problems == (problem,)


def test_a_paid_page_that_names_no_payment_stands_in_the_way():
    assert read("checkout.session.completed", SESSION, {"payment_intent": None}).problems == (NO_RECEIPT,)


@pytest.mark.parametrize("livemode", [True, None, 0, "false"])
def test_the_other_mode_stands_in_the_way(livemode):
    assert read("payment_intent.succeeded", INTENT, livemode=livemode).problems == (WRONG_MODE,)


def test_live_money_is_taken_where_live_is_expected():
    assert read("payment_intent.succeeded", INTENT, live=True, livemode=True).problems == ()
    assert read("payment_intent.succeeded", INTENT, live=True).problems == (WRONG_MODE,)


@pytest.mark.parametrize("created", [None, 0, -1, 10**15, 4_000_000_000, "1772366300", True])
def test_an_impossible_date_is_only_remarked_on(created):
    notice = read("payment_intent.succeeded", INTENT, created=created)
    assert (notice.paid_at, len(notice.remarks), notice.problems) == (None, 1, ())


# Money that goes back


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        ("refund.created", "succeeded", State.PAID),
        ("refund.created", "pending", State.PENDING),
        ("refund.updated", "requires_action", State.PENDING),
        ("charge.refund.updated", "succeeded", State.PAID),
        ("refund.failed", "failed", State.FAILED),
        ("refund.updated", "canceled", State.FAILED),
        ("refund.updated", "something_new", State.UNKNOWN),
    ],
)
def test_a_refund_is_told_under_its_own_number(kind, status, state):
    notice = read(kind, REFUND, {"status": status})
    assert (notice.kind, notice.state, notice.key) == (Kind.REFUND, state, "refund-1")
    assert (notice.receipt, notice.original_receipt) == ("re_3Abc", "pi_3Abc")
    assert (notice.amount, notice.problems) == (Decimal("100"), ())


def test_a_refund_without_a_payment_names_the_charge():
    assert read("refund.created", REFUND, {"payment_intent": None}).original_receipt == "ch_3Abc"


def test_a_refund_made_at_stripe_has_no_key_of_ours():
    notice = read("refund.created", REFUND, {"metadata": {}})
    assert (notice.key, notice.problems) == ("", ())


def test_a_charge_that_lists_its_refunds_tells_of_the_newest():
    older = REFUND | {"id": "re_3Old", "created": REFUND["created"] - 100, "amount": 5000}
    for listed in ([REFUND, older], [older, REFUND]):
        notice = read("charge.refunded", CHARGE, {"refunds": {"data": listed}})
        assert (notice.kind, notice.receipt, notice.amount) == (Kind.REFUND, "re_3Abc", Decimal("100"))


def test_a_charge_without_its_refunds_is_left_to_the_events_of_the_refund():
    assert read("charge.refunded", CHARGE, api_version="2025-03-31.basil").kind == Kind.OTHER


def test_where_no_such_events_come_a_nameless_refund_is_looked_at():
    notice = read("charge.refunded", CHARGE, api_version="2023-10-16")
    assert (notice.kind, notice.receipt, notice.problems) == (Kind.REFUND, "", (NO_REFUND,))
    assert notice.original_receipt == "pi_3Abc"


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        ("created", "needs_response", State.PENDING),
        ("updated", "under_review", State.PENDING),
        ("funds_withdrawn", "needs_response", State.PAID),
        ("funds_reinstated", "won", State.FAILED),
        ("closed", "lost", State.PAID),
        ("closed", "won", State.FAILED),
        ("closed", "warning_closed", State.FAILED),
        ("closed", "something_new", State.UNKNOWN),
    ],
)
def test_a_dispute_says_whether_the_money_is_gone(kind, status, state):
    notice = read(f"charge.dispute.{kind}", DISPUTE, {"status": status})
    assert (notice.kind, notice.state, notice.code) == (Kind.DISPUTE, state, status)
    assert (notice.receipt, notice.original_receipt) == ("du_1Abc", "pi_3Abc")
    assert notice.text == "The customer says that the goods never came."


# What is nothing to us, and what is not Stripe's


@pytest.mark.parametrize(
    "body",
    [
        make_event("customer.created", {"id": "cus_1", "object": "customer"}),
        make_event("charge.succeeded", CHARGE),
        make_event("payment_intent.succeeded", INTENT, account="acct_1Other"),
        b'{"id":"evt_1","object":"v2.core.event","type":"v1.payment_intent.succeeded"}',
        b'{"id":"evt_1","object":"v2.core.event","type":"payment_intent.succeeded","related_object":{}}',
    ],
    ids=["unknown", "second news", "another account", "thin", "thin by a known name"],
)
def test_other_events_are_nothing_to_us(body):
    notice = make_gateway().read(body, received_at=NOW)
    assert (notice.kind, notice.state, notice.amount) == (Kind.OTHER, State.UNKNOWN, None)


@pytest.mark.parametrize(
    "body",
    [
        *HOSTILE.values(),
        b"{}",
        b'{"id":"evt_1","object":"event"}',
        b'{"id":"evt 1","object":"event","type":"payment_intent.succeeded"}',
        b'{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":[]}',
        make_event("payment_intent.succeeded", SESSION),
        make_event("payment_intent.succeeded", INTENT, {"id": 5}),
        b" " * (MAX_BYTES + 1),
    ],
)
def test_anything_else_is_unreadable(body):
    with pytest.raises(Unreadable):
        make_gateway().read(body, received_at=NOW)


objects = {
    "payment_intent": INTENT,
    "checkout.session": SESSION,
    "refund": REFUND,
    "charge": CHARGE | {"refunds": {"data": [REFUND]}},
    "dispute": DISPUTE,
}


@st.composite
def events(draw):
    """An event of a known type, with some parts replaced by anything at all."""
    kind = draw(st.sampled_from(sorted(READERS)))
    thing = dict(objects[READERS[kind][0]])
    for name in draw(st.lists(st.sampled_from([*thing, "last_payment_error", "refunds"]), max_size=4)):
        thing[name] = draw(anything)
    event = json.loads(make_event(kind, thing))
    for name in draw(st.lists(st.sampled_from(sorted(event)), max_size=2)):
        event[name] = draw(anything)
    return as_json(event)


@given(st.one_of(st.binary(max_size=300), anything.map(as_json), events()))
def test_whatever_comes_is_a_notice_or_unreadable_and_fit_for_any_database(body):
    try:
        notice = make_gateway().read(body, received_at=NOW)
    except Unreadable:
        return
    assert isinstance(notice, Notice)
    texts = [value for value in map(notice.__getattribute__, Notice.__slots__) if isinstance(value, str)]
    assert all("\x00" not in text and text.encode() is not None for text in texts)
    if notice.state == State.PAID and not notice.problems:
        assert notice.amount > 0 and notice.currency and notice.receipt
