import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways.mpesa import Unreadable, read_callback
from payments.gateways.mpesa.stk_callback import NO_AMOUNT
from tests.payments.daraja import DETAILS, make_callback

WELL_FORMED = make_callback()
HOSTILE = {
    "empty": b"",
    "spaces": b"  ",
    "not JSON": b"paid",
    "cut short": WELL_FORMED[:-1],
    "two documents": WELL_FORMED * 2,
    "byte order mark": b"\xef\xbb\xbf" + WELL_FORMED,
    "UTF-16": WELL_FORMED.decode().encode("utf-16"),
    "not UTF-8": WELL_FORMED.replace(b"NLJ7", b"\xff\xfe"),
    "form": b"Body=1&ResultCode=0",
    "list": b"[]",
    "text": b'"Body"',
    "number": b"7",
    "null": b"null",
    "true": b"true",
    "no Body": b"{}",
    "null Body": b'{"Body": null}',
    "list Body": b'{"Body": []}',
    "no stkCallback": b'{"Body": {}}',
    "list stkCallback": b'{"Body": {"stkCallback": []}}',
    "upside down": b'{"stkCallback": {"Body": {}}}',
    "NaN": WELL_FORMED.replace(b"250.0", b"NaN"),
    "Infinity": WELL_FORMED.replace(b"250.0", b"-Infinity"),
    "huge integer": WELL_FORMED.replace(b"250.0", b"9" * 5000),
    "impossible exponent": WELL_FORMED.replace(b"250.0", b"1e" + b"9" * 30),
    "deep": b"[" * 60_000,
    "deep objects": b'{"Body":' * 8_000,
    "longer than 64 KiB": WELL_FORMED + b" " * 65_536,
    "a name twice": WELL_FORMED.replace(b'"ResultCode": 0', b'"ResultCode": 1032, "ResultCode": 0'),
    "a name twice, equal in Python": WELL_FORMED.replace(
        b'"ResultCode": 0', b'"ResultCode": false, "ResultCode": 0'
    ),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_is_unreadable(body):
    with pytest.raises(Unreadable) as refused:
        read_callback(body)
    assert "254708374149" not in refused.value.reason


@pytest.mark.parametrize(
    "number", [b"1e400", b"1e-400", b"1E+999999", b"0." + b"0" * 5000 + b"1", b"9" * 4000]
)
def test_a_strange_number_is_read_and_is_not_money(number):
    assert read_callback(WELL_FORMED.replace(b"250.0", number)).problems == (NO_AMOUNT,)


any_text = st.text(st.characters(exclude_categories=()), max_size=40)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | any_text
    | st.sampled_from([0, "0", False, "00"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)
items = st.lists(
    st.fixed_dictionaries(
        {}, optional={"Name": st.sampled_from(["Balance", *DETAILS]) | anything, "Value": anything}
    ),
    max_size=7,
)
callbacks = st.fixed_dictionaries(
    {},
    optional={
        "MerchantRequestID": st.just("29115-34620561-1") | anything,
        "CheckoutRequestID": st.just("ws_CO_191220191020363925") | anything,
        "ResultCode": st.sampled_from([0, "0", 1032, False]) | anything,
        "ResultDesc": anything,
        "CallbackMetadata": st.fixed_dictionaries({"Item": items | anything}) | anything,
    },
)


def check_reading(body):
    """Read `body`; whatever comes back must be fit to store and to decide on."""
    try:
        result = read_callback(body)
    except Unreadable:
        return
    for text in (result.merchant_request_id, result.checkout_request_id, result.result_desc, result.receipt):
        assert "\x00" not in text
        text.encode()  # raises for half of a surrogate pair
    assert result.succeeded is (result.result_code == "0")
    if result.succeeded and not result.problems:
        assert result.receipt
        assert result.amount > 0
        assert result.amount == round(result.amount, 2)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_unreadable(body):
    check_reading(body)


@given(anything)
def test_no_json_raises_anything_but_unreadable(document):
    check_reading(json.dumps(document).encode())


@given(callbacks)
def test_no_callback_raises_anything_but_unreadable(callback):
    check_reading(json.dumps({"Body": {"stkCallback": callback}}).encode())


@given(st.integers(0, len(WELL_FORMED)), st.integers(0, 30), st.binary(max_size=8))
def test_no_damaged_callback_raises_anything_but_unreadable(place, cut, noise):
    check_reading(WELL_FORMED[:place] + noise + WELL_FORMED[place + cut :])
