import time

import pytest

from payments.gateways.gateway import State
from payments.simulator import HTML_503, refusal
from tests.payments.daraja import answer, ask, make_client

INVALID_TOKEN = refusal(404, "404.001.03", "Invalid Access Token")


def said(code, prompt, **values):
    """What Daraja answers about a prompt, with this JSON as its result code."""
    checkout = values.get("checkout", prompt.checkout_request_id)
    response = values.get("response", '"0"')
    body = f'{{"ResponseCode":{response},"CheckoutRequestID":"{checkout}","ResultCode":{code}}}'
    return values.get("status", 200), body.encode()


def standing(simulator, prompt, **values):
    return make_client(simulator, **values).query(prompt.checkout_request_id)


def test_a_prompt_is_pending_until_it_is_paid(simulator, shop):
    prompt = ask(simulator, shop)
    assert standing(simulator, prompt).state is State.PENDING
    answer(prompt, "pin")
    paid = standing(simulator, prompt)
    assert (paid.state, paid.code, paid.text) == (State.PAID, "0", "Paid.")
    assert (paid.amount, paid.receipt) == (None, "")
    assert paid.reference == prompt.checkout_request_id


@pytest.mark.parametrize(("choice", "code"), [("cancel", "1032"), ("wrong_pin", "2001"), ("no_money", "1")])
def test_a_prompt_that_ended_without_money_has_failed(simulator, shop, choice, code):
    prompt = ask(simulator, shop)
    answer(prompt, choice)
    failed = standing(simulator, prompt)
    assert (failed.state, failed.code) == (State.FAILED, code)
    assert failed.text.endswith(".")


def test_money_that_moves_after_a_failure_is_seen(simulator, shop):
    prompt = ask(simulator, shop)
    answer(prompt, "cancel")
    prompt.pay_late()
    assert prompt.delivered.wait(5)
    assert standing(simulator, prompt).state is State.PAID


@pytest.mark.parametrize(
    "code", ["false", "0.0", '"00"', "null", "[]", "{}", '""', '"77"', "77", '" 0"', "true"]
)
def test_only_exactly_zero_is_paid_and_only_a_known_code_is_failed(simulator, shop, code):
    prompt = ask(simulator, shop)
    simulator.query_answers = [said(code, prompt)]
    assert standing(simulator, prompt).state is State.UNKNOWN


@pytest.mark.parametrize(("code", "state"), [("0", State.PAID), ('"0"', State.PAID), ("1032", State.FAILED)])
def test_a_code_may_be_a_number_or_text(simulator, shop, code, state):
    prompt = ask(simulator, shop)
    simulator.query_answers = [said(code, prompt)]
    assert standing(simulator, prompt).state is state


@pytest.mark.parametrize(
    "values",
    [
        {"status": 500},
        {"status": 503},
        {"response": '"1"'},
        {"response": "null"},
        {"checkout": "ws_CO_of_somebody_else"},
    ],
)
@pytest.mark.parametrize("code", ['"0"', '"1032"'])
def test_an_answer_that_is_not_cleanly_about_this_prompt_is_no_news(simulator, shop, values, code):
    prompt = ask(simulator, shop)
    simulator.query_answers = [said(code, prompt, **values)]
    assert standing(simulator, prompt).state is State.UNKNOWN


@pytest.mark.parametrize(
    "answer",
    [
        refusal(500, "500.001.1001", ""),
        refusal(200, "500.001.1001", "The transaction is being processed"),
        refusal(500, "500.001.1001", "The transaction does not Exist"),
        refusal(500, "500.001.1001", "[MerchantValidate] - Wrong credentials"),
        refusal(500, "500.003.02", "System is busy"),
        refusal(400, "400.002.02", "Bad Request - Invalid CheckoutRequestID"),
        HTML_503,
        (500, b""),
        (200, b"[]"),
        (302, b""),
    ],
)
def test_a_fault_is_no_news_and_never_a_failure(simulator, shop, answer):
    prompt = ask(simulator, shop)
    simulator.query_answers = [answer]
    nothing = standing(simulator, prompt)
    assert nothing.state is State.UNKNOWN
    assert "Ask again" in nothing.text


def test_a_late_answer_is_no_news(simulator, shop, monkeypatch):
    prompt = ask(simulator, shop)
    client = make_client(simulator, read_timeout=0.1)
    monkeypatch.setattr(simulator, "find_prompt", lambda checkout: time.sleep(0.2) or prompt)
    assert client.query(prompt.checkout_request_id).state is State.UNKNOWN


def test_a_dropped_line_is_no_news(simulator, shop):
    prompt = ask(simulator, shop)
    simulator.drop_request = True
    assert standing(simulator, prompt).state is State.UNKNOWN


def test_without_a_token_there_is_no_news(simulator, shop):
    prompt = ask(simulator, shop)
    nothing = standing(simulator, prompt, consumer_key="not-the-key")
    assert (nothing.state, nothing.code) == (State.UNKNOWN, "wrong_credentials")


def test_a_rejected_token_is_renewed_once(simulator, shop):
    prompt = ask(simulator, shop)
    before = simulator.token_requests
    simulator.query_answers = [INVALID_TOKEN]
    assert standing(simulator, prompt).state is State.PENDING
    assert simulator.token_requests == before + 2
    simulator.query_answers = [INVALID_TOKEN, INVALID_TOKEN]
    assert standing(simulator, prompt).state is State.UNKNOWN
    assert simulator.query_answers == []
