import json

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from payments.simulator import daraja, refusal
from tests.payments.daraja import (
    LOGIN,
    PASSWORD,
    PUSH_PATH,
    TOKEN_PATH,
    answer,
    ask,
    bearer,
    post_push,
    push_body,
    query,
)


def test_a_token_is_given_with_its_lifetime_as_text(simulator):
    answer = requests.get(simulator.url + TOKEN_PATH, auth=LOGIN, timeout=5).json()
    assert len(answer["access_token"]) == 28
    assert answer["expires_in"] == "3599"


def test_a_wrong_secret_is_answered_with_nothing(simulator):
    answer = requests.get(simulator.url + TOKEN_PATH, auth=("simulator-key", "x"), timeout=5)
    assert (answer.status_code, answer.content) == (400, b"")


@pytest.mark.parametrize(
    ("path", "auth", "code"),
    [("/oauth/v1/generate", LOGIN, "400.008.02"), (TOKEN_PATH, None, "400.008.01")],
)
def test_a_token_is_asked_for_properly(simulator, path, auth, code):
    answer = requests.get(simulator.url + path, auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, code)


def test_a_new_token_ends_the_one_before(simulator):
    old = bearer(simulator)
    bearer(simulator)
    answer = requests.post(simulator.url + PUSH_PATH, json=push_body(), headers=old, timeout=5)
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "404.001.03")


def test_the_example_of_the_portal_is_accepted(simulator):
    answer = post_push(simulator).json()
    assert answer["ResponseCode"] == "0"
    assert answer["CheckoutRequestID"].startswith("ws_CO_")
    assert answer["CheckoutRequestID"].endswith("708374149")


def test_the_same_request_twice_is_two_prompts(simulator):
    ids = {post_push(simulator).json()["CheckoutRequestID"] for _push in range(5)}
    assert len(ids) == len(simulator.prompts) == 5


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"BusinessShortCode": "1743"}, "BusinessShortCode"),
        ({"Timestamp": "2021-06-28"}, "Timestamp"),
        ({"TransactionType": "PayBill"}, "TransactionType"),
        ({"Amount": "249.97"}, "Amount"),
        ({"Amount": 250.0}, "Amount"),
        ({"Amount": 0}, "Amount"),
        ({"Amount": 250_001}, "Amount"),
        ({"Amount": True}, "Amount"),
        ({"PartyA": "0708374149"}, "PartyA"),
        ({"PartyB": "600000"}, "PartyB"),
        ({"PhoneNumber": "+254708374149"}, "PhoneNumber"),
        ({"PhoneNumber": "254201234567"}, "PhoneNumber"),
        ({"AccountReference": "R" * 13}, "AccountReference"),
        ({"AccountReference": ...}, "AccountReference"),
        ({"TransactionDesc": "D" * 14}, "TransactionDesc"),
        ({"CallBackURL": ...}, "CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1:9/mpesa/1/"}, "CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1:9/hooks/Query/"}, "CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1:9/hooks /"}, "CallBackURL"),
        ({"CallBackURL": "http://shop.example/hooks/1/"}, "CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1@shop.example/hooks/1/"}, "CallBackURL"),
        ({"CallBackURL": "http://127.0.0.1.shop.example/hooks/1/"}, "CallBackURL"),
        ({"CallBackURL": "http://[::1/"}, "CallBackURL"),
        ({"CallBackURL": "file:///etc/hosts"}, "CallBackURL"),
    ],
)
def test_a_wrong_field_is_refused_by_name(simulator, values, field):
    answer = post_push(simulator, **values)
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == "400.002.02"
    assert answer.json()["errorMessage"] == f"Bad Request - Invalid {field}"
    assert simulator.prompts == []


@pytest.mark.parametrize("password", ["", "x", PASSWORD[:-4], "é", 7])
def test_a_wrong_password_is_refused(simulator, password):
    answer = post_push(simulator, Password=password)
    assert (answer.status_code, answer.json()["errorCode"]) == (500, "500.001.1001")
    assert simulator.prompts == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 60_000])
def test_a_request_that_is_not_json_is_refused(simulator, body):
    headers = bearer(simulator) | {"Content-Type": "application/json"}
    answer = requests.post(simulator.url + PUSH_PATH, data=body, headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.002.05")


def test_a_wrong_content_type_shows_as_a_wrong_shortcode(simulator):
    answer = requests.post(simulator.url + PUSH_PATH, data=push_body(), headers=bearer(simulator), timeout=5)
    assert "BusinessShortCode" in answer.json()["errorMessage"]


@given(
    st.dictionaries(
        st.sampled_from(sorted(push_body())), st.none() | st.booleans() | st.text() | st.integers()
    )
)
def test_no_request_breaks_the_simulator(values):
    class Standing:
        token, push_answer = "token", None

        def add_prompt(self, request):
            raise LookupError

    headers = {"Authorization": "Bearer token", "Content-Type": "application/json"}
    try:
        (status, _body), _prompt = daraja.take_push(
            Standing(), headers, json.dumps(push_body(**values)).encode()
        )
    except LookupError:
        return
    assert status in (400, 500)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_address_is_answered_as_daraja_does(simulator, method):
    said = requests.request(method, simulator.url + "/x", timeout=5)
    assert (said.status_code, said.json()["errorCode"]) == (404, "404.001.01")


# Asking how it ended


def test_a_query_answers_with_the_code_as_text(simulator, shop):
    prompt = ask(simulator, shop)
    assert query(simulator, prompt.checkout_request_id).json()["ResultCode"] == "4999"
    answer(prompt, "cancel")
    said = query(simulator, prompt.checkout_request_id).json()
    assert (said["ResultCode"], said["MerchantRequestID"]) == ("1032", prompt.merchant_request_id)
    assert "Amount" not in said


def test_a_query_has_its_own_words_for_an_unreachable_phone(simulator, shop):
    simulator.callback_timeout = 0.05
    prompt = ask(simulator, shop)
    assert prompt.delivered.wait(5)
    said = query(simulator, prompt.checkout_request_id).json()
    assert (said["ResultCode"], said["ResultDesc"]) == ("1037", "DS timeout user cannot be reached.")


def test_a_query_for_an_unknown_prompt_is_an_error(simulator):
    said = query(simulator, "ws_CO_1")
    assert (said.status_code, said.json()["errorMessage"]) == (500, "The transaction does not Exist")


def test_queries_can_be_scripted(simulator, shop):
    prompt = ask(simulator, shop)
    simulator.query_answers = [refusal(500, "500.001.1001", "")]
    assert query(simulator, prompt.checkout_request_id).status_code == 500
    assert query(simulator, prompt.checkout_request_id).status_code == 200


# Other providers under the same address


@pytest.mark.parametrize("provider", ["stripe", "paypal"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_providers_answer_below_their_own_name(simulator, provider, method):
    calls = []

    class Other:
        def answer(self, *call):
            calls.append(call)
            return 201, b'{"id": 1}', {"Request-Id": "req_1"}

    setattr(simulator, provider, Other())
    raw = b"x" * 70_000 if method == "POST" else b""
    said = requests.request(method, f"{simulator.url}/{provider}/v1/things?a=b", data=raw, timeout=5)
    assert (said.status_code, said.json(), said.headers["Request-Id"]) == (201, {"id": 1}, "req_1")
    ((verb, path, query, headers, body),) = calls
    assert (verb, path, query, body) == (method, "/v1/things", "a=b", raw)
    assert headers["Host"]
