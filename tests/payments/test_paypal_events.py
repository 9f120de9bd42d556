import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways.gateway import Kind, Notice, State, Unreadable
from payments.gateways.paypal.events import OTHER_MERCHANT, READERS, read_event
from payments.gateways.paypal.notices import NO_AMOUNT, NO_RECEIPT, TWO_STATES
from payments.gateways.paypal.returns import NO_ORIGINAL
from tests.payments.paypal import CAPTURE, DISPUTE, NOW, ORDER, REFUND, UNIT, make_event

pytestmark = pytest.mark.once


def read(kind, resource, **values):
    return read_event(make_event(kind, resource, **values), received_at=NOW, merchant_id="XBANYJYCC28ML")


# Money that was asked for


def test_an_approval_waits_for_the_money_to_be_collected():
    notice = read("CHECKOUT.ORDER.APPROVED", ORDER)
    assert (notice.kind, notice.state, notice.code) == (Kind.ATTEMPT, State.PENDING, "APPROVED")
    assert (notice.reference, notice.key, notice.receipt) == ("5O190127TN364715T", "attempt-1", "")
    assert (notice.amount, notice.currency, notice.account) == (Decimal("12.50"), "USD", "XBANYJYCC28ML")
    assert notice.problems == ()


def test_a_completed_capture_is_money():
    notice = read("PAYMENT.CAPTURE.COMPLETED", CAPTURE)
    assert (notice.kind, notice.state, notice.event_id) == (Kind.ATTEMPT, State.PAID, "WH-1-2")
    assert (notice.amount, notice.currency) == (Decimal("12.50"), "USD")
    assert (notice.receipt, notice.reference) == (CAPTURE["id"], "5O190127TN364715T")
    assert (notice.key, notice.account) == ("attempt-1", "XBANYJYCC28ML")
    assert notice.paid_at == datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
    assert notice.problems == ()


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        ("PAYMENT.CAPTURE.PENDING", "PENDING", State.PENDING),
        ("PAYMENT.CAPTURE.DENIED", "DECLINED", State.FAILED),
        ("PAYMENT.CAPTURE.DENIED", "DENIED", State.FAILED),
        ("PAYMENT.CAPTURE.DECLINED", "DECLINED", State.FAILED),
    ],
)
def test_a_capture_may_be_held_back_or_declined(kind, status, state):
    notice = read(kind, CAPTURE | {"status": status})
    assert (notice.state, notice.problems, notice.paid_at) == (state, (), None)


@pytest.mark.parametrize("status", ["PENDING", "DECLINED", "REFUNDED", "", None, 1, "completed"])
def test_money_is_not_believed_when_name_and_status_disagree(status):
    notice = read("PAYMENT.CAPTURE.COMPLETED", CAPTURE | {"status": status})
    assert (notice.state, notice.problems) == (State.UNKNOWN, (TWO_STATES,))


@pytest.mark.parametrize(
    ("status", "state"), [("COMPLETED", State.PAID), ("PENDING", State.PENDING), ("DECLINED", State.FAILED)]
)
def test_a_completed_order_is_paid_only_by_its_captures(status, state):
    unit = UNIT | {"payments": {"captures": [CAPTURE | {"status": status}]}}
    notice = read("CHECKOUT.ORDER.COMPLETED", ORDER | {"status": "COMPLETED", "purchase_units": [unit]})
    assert (notice.state, notice.receipt) == (state, CAPTURE["id"])


def test_a_completed_order_without_captures_tells_nothing():
    assert read("CHECKOUT.ORDER.COMPLETED", ORDER | {"status": "COMPLETED"}).state == State.UNKNOWN


def test_two_payments_in_one_order_are_for_somebody_to_look_at():
    unit = UNIT | {"payments": {"captures": [CAPTURE, CAPTURE | {"id": "27M47624FP291604V"}]}}
    notice = read("CHECKOUT.ORDER.COMPLETED", ORDER | {"purchase_units": [unit]})
    assert (notice.state, notice.code) == (State.UNKNOWN, "SEVERAL_CAPTURES")


def test_an_approval_that_nobody_used_has_failed():
    notice = read("CHECKOUT.PAYMENT-APPROVAL.REVERSED", {"order_id": ORDER["id"], "purchase_units": [UNIT]})
    assert (notice.state, notice.reference, notice.key) == (State.FAILED, ORDER["id"], "attempt-1")


@pytest.mark.parametrize(
    "amount",
    [
        None,
        {},
        {"value": "12.50"},
        {"value": 12.5, "currency_code": "USD"},
        {"value": "1e3", "currency_code": "USD"},
        {"value": "0.00", "currency_code": "USD"},
        {"value": "١٢", "currency_code": "USD"},
        {"value": "12.50", "currency_code": "usd"},
        {"value": "NaN", "currency_code": "USD"},
    ],
)
def test_what_is_not_money_is_no_amount(amount):
    notice = read("PAYMENT.CAPTURE.COMPLETED", CAPTURE | {"amount": amount})
    assert (notice.amount, notice.problems) == (None, (NO_AMOUNT,))


@pytest.mark.parametrize("receipt", [None, "", 5, "a b", "x\0", "x" * 65, "\ud800"])
def test_money_without_a_number_is_a_problem(receipt):
    notice = read("PAYMENT.CAPTURE.COMPLETED", CAPTURE | {"id": receipt})
    assert (notice.receipt, notice.problems) == ("", (NO_RECEIPT,))


def test_money_of_another_account_is_a_problem():
    notice = read("PAYMENT.CAPTURE.COMPLETED", CAPTURE | {"payee": {"merchant_id": "SOMEBODYELSE"}})
    assert notice.problems == (OTHER_MERCHANT,)
    body = make_event("PAYMENT.CAPTURE.COMPLETED", CAPTURE | {"payee": {"merchant_id": "SOMEBODYELSE"}})
    assert read_event(body, received_at=NOW).problems == ()


@pytest.mark.parametrize("time", [None, 5, "", "yesterday", "2027-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_an_impossible_time_is_replaced_by_that_of_arrival(time):
    assert (
        read("PAYMENT.CAPTURE.COMPLETED", CAPTURE | {"update_time": time, "create_time": time}).paid_at == NOW
    )


# Money that goes back


def test_a_refund_names_itself_and_the_payment_that_goes_back():
    notice = read("PAYMENT.CAPTURE.REFUNDED", REFUND)
    assert (notice.kind, notice.state, notice.key) == (Kind.REFUND, State.PAID, "refund-1")
    assert (notice.receipt, notice.original_receipt) == (REFUND["id"], CAPTURE["id"])
    assert notice.amount == Decimal("5.00")
    assert "USD 7.50" in notice.text
    assert notice.problems == ()


@pytest.mark.parametrize("links", [None, [], "up", [{"rel": "up"}], [{"rel": "up", "href": "/orders/1"}]])
def test_a_refund_of_nothing_is_a_problem(links):
    assert read("PAYMENT.CAPTURE.REFUNDED", REFUND | {"links": links}).problems == (NO_ORIGINAL,)


@pytest.mark.parametrize(
    ("resource", "receipt"), [(REFUND, REFUND["id"]), (CAPTURE | {"status": "REFUNDED"}, CAPTURE["id"])]
)
def test_money_that_a_bank_took_back_is_a_dispute(resource, receipt):
    notice = read("PAYMENT.CAPTURE.REVERSED", resource)
    assert (notice.kind, notice.state) == (Kind.DISPUTE, State.PAID)
    assert (notice.receipt, notice.original_receipt) == (receipt, CAPTURE["id"])


@pytest.mark.parametrize(
    ("kind", "outcome", "state"),
    [
        ("CUSTOMER.DISPUTE.CREATED", None, State.PENDING),
        ("CUSTOMER.DISPUTE.UPDATED", None, State.PENDING),
        ("CUSTOMER.DISPUTE.RESOLVED", "RESOLVED_BUYER_FAVOUR", State.PAID),
        ("CUSTOMER.DISPUTE.RESOLVED", "RESOLVED_SELLER_FAVOUR", State.FAILED),
        ("CUSTOMER.DISPUTE.RESOLVED", "SOMETHING_NEW", State.UNKNOWN),
        ("CUSTOMER.DISPUTE.RESOLVED", None, State.UNKNOWN),
    ],
)
def test_a_dispute_tells_who_has_the_money(kind, outcome, state):
    notice = read(kind, DISPUTE | ({"dispute_outcome": {"outcome_code": outcome}} if outcome else {}))
    assert (notice.kind, notice.state, notice.receipt) == (Kind.DISPUTE, state, "PP-D-4012")
    assert (notice.original_receipt, notice.amount) == (CAPTURE["id"], Decimal("12.50"))


# Everything else


@pytest.mark.parametrize("kind", ["BILLING.PLAN.CREATED", "PAYMENT.SALE.COMPLETED", "PAYMENT.CAPTURE.NEW"])
def test_other_events_are_nothing_to_us(kind):
    notice = read(kind, {"id": "x"})
    assert (notice.kind, notice.state, notice.code) == (Kind.OTHER, State.UNKNOWN, kind)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"id": ' + b"1" * 5000 + b"}",
        b'{"id": NaN}',
        b'{"id": 1, "id": 2}',
        b" " * 300_000,
        make_event("PAYMENT.CAPTURE.COMPLETED", "text"),
        make_event("PAYMENT.CAPTURE.COMPLETED", CAPTURE, id=None),
        make_event("PAYMENT.CAPTURE.COMPLETED", CAPTURE, id="a\0"),
        make_event(None, CAPTURE),
        make_event(["PAYMENT.CAPTURE.COMPLETED"], CAPTURE),
    ],
)
def test_what_is_no_event_is_unreadable(body):
    with pytest.raises(Unreadable):
        read_event(body, received_at=NOW)


def check_readable(body):
    try:
        notice = read_event(body, received_at=NOW, merchant_id="XBANYJYCC28ML")
    except Unreadable:
        return
    assert isinstance(notice, Notice)
    text = repr([getattr(notice, name) for name in Notice.__slots__])
    text.encode()
    assert "\\x00" not in text


@given(st.binary())
def test_any_bytes_are_read_or_unreadable(body):
    check_readable(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*READERS, "CUSTOMER.DISPUTE.RESOLVED"])


@given(NAMES, JSON)
def test_any_resource_is_read_or_unreadable(name, resource):
    check_readable(make_event(name, resource))


@given(NAMES, st.sampled_from([CAPTURE, REFUND, ORDER, DISPUTE]), st.data())
def test_any_event_with_one_part_replaced_is_read_or_unreadable(name, resource, data):
    resource = json.loads(json.dumps(resource))
    place = resource
    while True:
        key = data.draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else list(range(len(place))))
        )
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    check_readable(make_event(name, resource))
