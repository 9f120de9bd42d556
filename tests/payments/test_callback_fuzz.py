"""Ten thousand hostile deliveries to the address of one open prompt: never a server error, never money."""

import json
from random import Random

import pytest
from django.db import connection
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.models import StockMovement
from payments.models import AttemptStatus, EventOutcome, Payment
from payments.services.attempts import callback_token
from payments.views.mpesa import stk_callback
from sales.models import OrderStatus
from tests.payments.daraja import DETAILS
from tests.payments.hooks import sent
from tests.payments.money import ask, body_for, events, fresh, hook, make_bill, pay
from tests.payments.test_hostile_callbacks import HOSTILE, anything

pytestmark = pytest.mark.django_db
# Fewer on PostgreSQL, where the savepoints of one long test transaction cost more than the code.
BODIES = 10_000 if connection.vendor == "sqlite" else 2_000

# None of these is a result code, an identifier, an amount or a receipt.
RUBBISH = [
    None, True, False, [], {}, [0], {"": 0}, "", " ", "\x00", "0\x00", "\ud800", "é", "-0", "+0", "0 ", "٠",
    0.0, -0.5, 1e300, -1, 10**400, "x" * 5000, "' OR 1=1 --", "<script>", "=cmd()", "\u202e0", [[[[]]]],
]  # fmt: skip
KEYS = ["ResultCode", "CheckoutRequestID", "MerchantRequestID"]
ITEMS = ["Amount", "MpesaReceiptNumber"]


def hostile_body(random, attempt):
    """A paid callback for the attempt with one vital part replaced by rubbish, and then perhaps mangled."""
    if random.random() < 0.1:
        return random.choice([*HOSTILE.values()])
    part, rubbish = random.choice(KEYS + ITEMS + ["Body"]), random.choice(RUBBISH)
    body = json.loads(body_for(attempt, items={part: rubbish} if part in ITEMS else None))
    if part in KEYS:
        body["Body"]["stkCallback"][part] = rubbish
    if part == "Body":
        body = {"Body": rubbish}
    return mangle(random, json.dumps(body).encode())


def mangle(random, body):
    """Cut, repeat, flip or insert bytes; every other body stays as it is."""
    place = random.randrange(len(body))
    if random.random() < 0.5:
        return body
    changes = [
        body[:place],
        body[place:],
        body + body[:place],
        body[:place] + bytes([random.randrange(256)]) + body[place + 1 :],
        body[:place]
        + random.choice([b"\x00", b"\xff", b"[", b'"', b"\\u0000", b"\xed\xa0\x80"])
        + body[place:],
        body.replace(b",", b",,", 1),
        body.decode().encode("utf-16"),
    ]
    return random.choice(changes)


@pytest.fixture
def attempt(store):
    return ask(make_bill(store))


@pytest.fixture
def send(attempt):
    """Return a function that delivers a body and gives the HTTP status."""
    factory, path, token = RequestFactory(), hook(attempt), callback_token(attempt.pk)

    def send(body, content_type="application/json"):
        answer = stk_callback(factory.post(path, body, content_type=content_type), token=token)
        sent(answer)
        return answer.status_code

    return send


def test_ten_thousand_hostile_bodies_are_survived_and_move_nothing(attempt, send):
    before, random = state(attempt), Random(2026)
    seen = {send(hostile_body(random, attempt)) for _number in range(BODIES)}
    assert seen == {200, 411, 413}  # taken, without a length (empty), too long
    assert state(attempt) == before
    outcomes = {event.outcome for event in events()}
    assert outcomes == {EventOutcome.UNREADABLE, EventOutcome.REVIEW}
    assert fresh(attempt).status == AttemptStatus.REVIEW  # some said paid, without amount or receipt
    # The control: after all that, the true delivery is still taken, and moves what the others did not.
    pay(attempt)
    assert state(attempt) != before and fresh(attempt.order).status == OrderStatus.PAID


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/json;charset=\xff"])
def test_the_known_troublemakers_are_survived(attempt, send, body, content_type):
    before = state(attempt)
    assert send(body, content_type) < 500
    assert state(attempt) == before


names = st.sampled_from([*DETAILS, "Balance"]) | st.text(max_size=8)
callbacks = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(KEYS, anything),
        "ResultDesc": anything,
        "CallbackMetadata": anything
        | st.fixed_dictionaries(
            {"Item": st.lists(st.fixed_dictionaries({}, optional={"Name": names, "Value": anything}))}
        ),
    },
)
bodies = st.one_of(
    st.binary(max_size=300),
    anything.map(lambda thing: json.dumps(thing).encode("utf-8", "surrogatepass")),
    callbacks.map(lambda found: json.dumps({"Body": {"stkCallback": found}}).encode()),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies, content_type=st.text(max_size=30) | st.just("application/json"))
def test_whatever_is_posted_is_no_server_error_and_no_money(attempt, send, body, content_type):
    before = state(attempt)
    assert send(body, content_type.encode("ascii", "replace").decode()) < 500
    assert state(attempt) == before


def state(attempt):
    """Everything that money moves."""
    order = fresh(attempt.order)
    return (
        [
            *Payment._base_manager.order_by("pk").values_list(
                "pk", "status", "amount", "order", "transaction_id"
            )
        ],
        (order.status, order.paid_at, order.history.count()),
        StockMovement._base_manager.count(),
        fresh(attempt).status == AttemptStatus.SUCCEEDED,
    )
