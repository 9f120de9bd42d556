import logging
import socket

import pytest

from payments.gateways.mpesa import MpesaClient, MpesaConfig, PushRefused, PushRequest, PushUnknown
from payments.simulator import HTML_503, SIMULATOR_CREDENTIALS, refusal
from tests.payments.daraja import REQUEST, make_cache, make_client, make_config, push


def test_a_push_shows_a_prompt_and_returns_its_ids(simulator):
    accepted = push(simulator)
    (prompt,) = simulator.prompts
    assert accepted.checkout_request_id == prompt.checkout_request_id
    assert accepted.merchant_request_id == prompt.merchant_request_id
    assert accepted.customer_message
    assert (prompt.amount, prompt.phone, prompt.reference) == (250, "254712345678", "R-0042")
    assert (prompt.description, prompt.callback_url) == ("Water", REQUEST["callback_url"])
    assert (prompt.shortcode, prompt.payee) == ("174379", "174379")


def test_a_till_is_paid_at_its_own_number(simulator):
    push(simulator, till="5550001")
    (prompt,) = simulator.prompts
    assert (prompt.shortcode, prompt.payee) == ("174379", "5550001")


def test_a_description_may_be_empty(simulator):
    make_client(simulator).push(PushRequest(**REQUEST | {"description": ""}))
    assert simulator.prompts[0].description == ""


# Refusals: certainly nothing on any phone


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"passkey": "not-the-passkey"}, "500.001.1001"),
        ({"consumer_key": "not-the-key"}, "wrong_credentials"),
    ],
)
def test_wrong_settings_are_refused(simulator, values, code):
    with pytest.raises(PushRefused) as refused:
        push(simulator, **values)
    assert (refused.value.code, refused.value.retry_after) == (code, None)
    assert simulator.prompts == []


@pytest.mark.parametrize(
    ("answer", "retry_after"),
    [
        (refusal(400, "400.002.02", "Bad Request - Invalid PhoneNumber"), None),
        (refusal(500, "500.001.1001", "Unable to lock subscriber, a transaction is already in process"), 60),
        (refusal(500, "500.001.1001", "[MerchantValidate] - Wrong credentials"), None),
        (refusal(500, "500.001.1001", ""), None),
        (refusal(500, "500.003.02", "System is busy"), 60),
        (refusal(429, "500.003.03", "Quota Violation"), 60),
        ((200, b'{"ResponseCode": "17", "ResponseDescription": "Rule limited"}'), 120),
        ((200, b'{"ResponseCode": 1, "ResponseDescription": "Rejected"}'), None),
    ],
)
def test_a_refusal_says_when_to_try_again(simulator, answer, retry_after):
    simulator.push_answer = answer
    with pytest.raises(PushRefused) as refused:
        push(simulator)
    assert refused.value.retry_after == retry_after


def test_a_refusal_is_fit_for_any_database(simulator):
    simulator.push_answer = (
        500,
        b'{"errorCode": "500.1", "errorMessage": "a\\u0000b\\ud800' + b"c" * 900 + b'"}',
    )
    with pytest.raises(PushRefused) as refused:
        push(simulator)
    assert refused.value.text.startswith("a b c")
    assert len(refused.value.text.encode()) <= 300


def test_a_closed_line_is_a_refusal_because_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    config = MpesaConfig(base_url=f"http://127.0.0.1:{port}", allow_http=True, **SIMULATOR_CREDENTIALS)
    with pytest.raises(PushRefused) as refused:
        MpesaClient(config, make_cache()).push(PushRequest(**REQUEST))
    assert (refused.value.code, refused.value.retry_after) == ("no_connection", 60)


# No clear answer: the prompt may be on the phone, so it is never sent again


def test_a_late_answer_is_unknown_and_not_sent_again(simulator):
    simulator.latency = 0.6
    with pytest.raises(PushUnknown):
        push(simulator, read_timeout=0.2)
    assert len(simulator.prompts) == 1


def test_a_dropped_connection_is_unknown_and_not_sent_again(simulator):
    simulator.drop_answer = True
    with pytest.raises(PushUnknown):
        push(simulator)
    assert len(simulator.prompts) == 1


@pytest.mark.parametrize(
    "answer",
    [
        HTML_503,
        (500, b""),
        (504, b'{"fault": {"faultstring": "Gateway Timeout"}}'),
        (200, b""),
        (200, b"[]"),
        (200, b"\xff"),
        (200, b"[" * 100_000),
        (200, b'{"ResponseCode": "0"}'),
        (200, b'{"ResponseCode": false, "MerchantRequestID": "a", "CheckoutRequestID": "b"}'),
        (200, b'{"ResponseCode": "0", "MerchantRequestID": "a", "CheckoutRequestID": 7}'),
        (302, b""),
    ],
)
def test_an_answer_that_is_not_darajas_is_unknown(simulator, answer):
    simulator.push_answer = answer
    with pytest.raises(PushUnknown):
        push(simulator)


# Secrets and people


def test_secrets_and_phones_are_not_shown(simulator, caplog):
    caplog.set_level(logging.DEBUG)
    config, request = make_config(simulator), PushRequest(**REQUEST)
    accepted = MpesaClient(config, make_cache()).push(request)
    simulator.push_answer = HTML_503
    with pytest.raises(PushUnknown) as unknown:
        MpesaClient(config, make_cache()).push(request)
    seen = f"{config!r} {request!r} {accepted!r} {unknown.value!r} {caplog.text}"
    for secret in (
        "simulator-key",
        "simulator-secret",
        config.passkey,
        "712345678",
        "5f2b1c00aa93",
        "Bearer",
    ):
        assert secret not in seen
