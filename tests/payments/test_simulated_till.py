import json
from decimal import Decimal
from hashlib import sha256

import pytest
import requests

from payments.gateways.gateway import Kind
from payments.gateways.mpesa import read_callback
from payments.gateways.mpesa.c2b import ACCEPTED, Reason, read_confirmation, read_validation, reject
from tests.payments.daraja import answer, ask, bearer, make_client, until

PHONE = "254712345678"


def register(simulator, shop, response_type="Completed"):
    """Register the shop's addresses, by which its deliveries can be told apart."""
    base = shop.address.removesuffix("lnm/5f2b1c00aa93/")
    make_client(simulator).register_urls(
        confirmation_url=f"{base}paid/", validation_url=f"{base}check/", response_type=response_type
    )


def pay(simulator, **values):
    payment = simulator.pay_till(**{"amount": 250, "phone": PHONE, "billref": "R-0042"} | values)
    assert payment.delivered.wait(5)
    return payment


def received(shop, name):
    return [body for path, _headers, body in shop.received if path == f"/hooks/{name}/"]


def test_money_is_offered_first_and_then_confirmed(simulator, shop):
    shop.reply = ACCEPTED
    register(simulator, shop)
    payment = pay(simulator)
    assert [path for path, _headers, _body in shop.received] == ["/hooks/check/", "/hooks/paid/"]
    asked, notice = read_validation(received(shop, "check")[0]), read_confirmation(received(shop, "paid")[0])
    assert (asked.kind, asked.amount) == (Kind.CHECK, Decimal(250))
    assert (notice.kind, notice.amount, notice.receipt) == (Kind.MONEY, Decimal(250), payment.receipt)
    assert (notice.account, notice.billref, notice.payer) == ("174379", "R-0042", "NICHOLAS")
    assert (notice.problems, notice.remarks) == ((), ())
    assert payment.answered_with == 200


def test_the_shop_can_refuse_money(simulator, shop):
    shop.reply = reject(Reason.ACCOUNT)
    register(simulator, shop)
    payment = pay(simulator)
    assert payment.is_refused
    assert received(shop, "paid") == []
    assert simulator.find_money(payment.receipt) is None


@pytest.mark.parametrize(("response_type", "confirmed"), [("Completed", 1), ("Cancelled", 0)])
def test_a_shop_that_does_not_say_gets_what_it_registered(simulator, shop, response_type, confirmed):
    shop.reply = b"<html>"
    register(simulator, shop, response_type)
    pay(simulator)
    assert len(received(shop, "paid")) == confirmed


def test_without_addresses_nobody_is_told_and_the_money_has_moved(simulator, shop):
    payment = pay(simulator)
    assert shop.received == []
    assert simulator.find_money(payment.receipt).amount == 250


@pytest.mark.parametrize(
    ("disguise", "told"),
    [("clear", PHONE), ("masked", "2547 ***** 678"), ("hashed", sha256(PHONE.encode()).hexdigest())],
)
def test_the_payer_is_told_as_setups_differ(simulator, shop, disguise, told):
    register(simulator, shop)
    simulator.disguise = disguise
    pay(simulator)
    assert json.loads(received(shop, "paid")[0])["MSISDN"] == told


def test_a_transfer_between_organisations_comes_the_same_way(simulator, shop):
    register(simulator, shop)
    pay(simulator, nature="Organization To Organization Transfer")
    assert read_confirmation(received(shop, "paid")[0]).kind is Kind.OTHER


def test_a_confirmation_can_come_more_than_once(simulator, shop):
    register(simulator, shop)
    simulator.copies = 3
    pay(simulator)
    assert len(received(shop, "paid")) == 3
    assert len(set(received(shop, "paid"))) == 1
    assert len(received(shop, "check")) == 1


@pytest.mark.parametrize("newest_first", [False, True])
def test_deliveries_can_be_held_back_and_come_in_another_order(simulator, shop, newest_first):
    simulator.hold = True
    prompts = [ask(simulator, shop, amount=amount) for amount in (1, 2, 3)]
    for prompt in prompts:
        prompt.answer("pin")
        until(lambda amount=prompt.amount: len(simulator.held) == amount)
    assert shop.received == []
    simulator.release(newest_first=newest_first)
    amounts = [read_callback(body).amount for _path, _headers, body in shop.received]
    assert amounts == ([3, 2, 1] if newest_first else [1, 2, 3])
    assert all(prompt.delivered.is_set() for prompt in prompts)


def test_a_paid_prompt_can_be_confirmed_as_money_to_the_till_as_well(simulator, shop):
    register(simulator, shop)
    simulator.echo = True
    prompt = ask(simulator, shop)
    answer(prompt, "pin")
    until(lambda: received(shop, "paid"))
    notice = read_confirmation(received(shop, "paid")[0])
    assert (notice.receipt, notice.amount, notice.billref) == (prompt.receipt, prompt.amount, "R-0042")


# Registering, as Daraja sees it


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ResponseType": "completed"}, "ResponseType"),
        ({"ConfirmationURL": "http://shop.example/"}, "ConfirmationURL"),
        ({"ValidationURL": "http://127.0.0.1:9/query/"}, "ValidationURL"),
        ({"ShortCode": None}, "ShortCode"),
    ],
)
def test_a_wrong_field_is_refused_by_name(simulator, shop, values, field):
    body = {
        "ShortCode": "174379",
        "ResponseType": "Completed",
        "ConfirmationURL": "http://127.0.0.1:9/hooks/",
        "ValidationURL": "http://127.0.0.1:9/hooks/",
    } | values
    address = f"{simulator.url}/mpesa/c2b/v2/registerurl"
    said = requests.post(address, json=body, headers=bearer(simulator), timeout=5)
    assert said.json()["errorMessage"] == f"Bad Request - Invalid {field}"
    assert simulator.registrations == {}
