import threading
import time

import pytest

from payments.gateways.mpesa import read_callback
from payments.simulator import AlreadyAnswered
from tests.payments.daraja import answer, ask


def test_a_pin_pays_and_the_callback_is_posted_once(simulator, shop):
    prompt = ask(simulator, shop)
    answer(prompt, "pin")
    ((path, headers, body),) = shop.received
    assert path == "/hooks/lnm/5f2b1c00aa93/"
    assert headers["Content-Type"] == "application/json;charset=UTF-8"
    assert headers["Businessshortcode"] == "174379"
    assert b'{"Name":"Amount","Value":250.00}' in body
    assert b'{"Name":"Balance"}' in body
    assert b'"ResultCode":0,' in body
    result = read_callback(body)
    assert result.succeeded
    assert (result.problems, result.remarks) == ((), ())
    assert result.checkout_request_id == prompt.checkout_request_id
    assert result.merchant_request_id == prompt.merchant_request_id
    assert (result.amount, result.phone) == (250, "254712345678")
    assert result.receipt == prompt.receipt
    assert len(result.receipt) == 10
    assert simulator.deliveries == [(prompt, body, 200)]


@pytest.mark.parametrize(("choice", "code"), [("cancel", "1032"), ("wrong_pin", "2001"), ("no_money", "1")])
def test_a_customer_who_does_not_pay_is_reported_without_details(simulator, shop, choice, code):
    answer(ask(simulator, shop), choice)
    ((_path, _headers, body),) = shop.received
    result = read_callback(body)
    assert (result.succeeded, result.result_code, result.amount) == (False, code, None)
    assert b"CallbackMetadata" not in body


@pytest.mark.parametrize(("asked", "paid"), [(250, 125), (1, 2)])
def test_a_wrong_amount_is_really_wrong(simulator, shop, asked, paid):
    answer(ask(simulator, shop, amount=asked), "wrong_amount")
    assert read_callback(shop.received[0][2]).amount == paid


@pytest.mark.parametrize("choice", ["", "ignore"])
def test_a_prompt_left_alone_is_given_up_in_the_end(simulator, shop, choice):
    simulator.callback_timeout = 0.3
    prompt = ask(simulator, shop)
    if choice:
        prompt.answer(choice)
    assert shop.received == []
    assert prompt.delivered.wait(5)
    assert [read_callback(body).result_code for _path, _headers, body in shop.received] == ["1037"]
    with pytest.raises(AlreadyAnswered):
        prompt.answer("pin")


def test_an_answered_prompt_is_not_given_up_later(simulator, shop):
    simulator.callback_timeout = 0.3
    answer(ask(simulator, shop), "pin")
    time.sleep(0.5)
    assert len(shop.received) == 1


def test_of_many_answers_at_once_one_counts(simulator, shop):
    prompt = ask(simulator, shop)
    start = threading.Barrier(8)
    refused = []

    def press():
        start.wait()
        try:
            prompt.answer("pin")
        except AlreadyAnswered:
            refused.append(1)

    fingers = [threading.Thread(target=press) for _finger in range(8)]
    for finger in fingers:
        finger.start()
    for finger in fingers:
        finger.join()
    assert prompt.delivered.wait(5)
    assert (len(refused), len(shop.received)) == (7, 1)


def test_a_customer_can_only_do_what_a_phone_offers(simulator, shop):
    with pytest.raises(ValueError, match="wrong_pin"):
        ask(simulator, shop).answer("steal")


# What goes wrong on the way


def test_a_failing_shop_is_not_told_again(simulator, shop):
    shop.status = 500
    answer(ask(simulator, shop), "pin")
    time.sleep(0.2)
    assert [status for _prompt, _body, status in simulator.deliveries] == [500]
    assert len(shop.received) == 1


def test_a_shop_that_is_closed_is_noted(simulator, shop):
    prompt = ask(simulator, shop)
    prompt.callback_url = "http://127.0.0.1:9/hooks/"
    answer(prompt, "pin")
    assert [status for _prompt, _body, status in simulator.deliveries] == [0]


def test_a_callback_can_be_posted_more_than_once(simulator, shop):
    simulator.copies = 3
    answer(ask(simulator, shop), "pin")
    assert len({body for _path, _headers, body in shop.received}) == 1
    assert len(shop.received) == 3


def test_the_callback_waits_for_its_delay(simulator, shop):
    simulator.delay = 0.3
    prompt = ask(simulator, shop)
    prompt.answer("pin")
    assert not prompt.delivered.wait(0.1)
    assert prompt.delivered.wait(5)


def test_a_callback_can_overtake_the_answer_to_the_push(simulator, shop):
    simulator.auto, simulator.latency = "pin", 0.4
    asking = threading.Thread(target=ask, args=(simulator, shop))
    asking.start()
    while not simulator.prompts:
        time.sleep(0.01)
    assert simulator.prompts[0].delivered.wait(5)
    assert asking.is_alive()
    asking.join()
