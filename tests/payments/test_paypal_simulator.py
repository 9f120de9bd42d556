import pytest
import requests

from payments.gateways.gateway import AskRefused, AskUnknown, Kind, State
from tests.payments.paypal import NOW, approve, login, make_ask, make_gateway, make_refund, pay, post

pytestmark = pytest.mark.once

ORDER = {
    "intent": "CAPTURE",
    "purchase_units": [{"amount": {"currency_code": "USD", "value": "12.50"}}],
}


def order_with(value="12.50", currency="USD"):
    return ORDER | {"purchase_units": [{"amount": {"currency_code": currency, "value": value}}]}


def page(simulator, order_id, choice=None):
    address = f"{simulator.url}/paypal/pay/{order_id}"
    if choice is None:
        return requests.get(address, timeout=5)
    return requests.post(address, data={"choice": choice}, timeout=5, allow_redirects=False)


# The wire


def test_a_call_without_a_token_is_not_looked_at(simulator):
    address = simulator.url + "/paypal/v2/checkout/orders"
    assert requests.post(address, json=ORDER, timeout=5).status_code == 401
    headers = login(simulator)
    simulator.paypal.token = "another"
    assert requests.post(address, json=ORDER, headers=headers, timeout=5).status_code == 401
    assert simulator.paypal.orders == []


def test_only_json_is_taken(simulator):
    address, headers = simulator.url + "/paypal/v2/checkout/orders", login(simulator)
    assert requests.post(address, data={"a": "b"}, headers=headers, timeout=5).status_code == 415
    for body in (b"{", b"[]", b"\xff"):
        json_headers = headers | {"Content-Type": "application/json"}
        assert requests.post(address, data=body, headers=json_headers, timeout=5).status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "issue"),
    [
        (order_with(currency="KES"), 422, "CURRENCY_NOT_SUPPORTED"),
        (order_with("700.50", "JPY"), 422, "DECIMALS_NOT_SUPPORTED"),
        (order_with(12.5), 400, "INVALID_PARAMETER_SYNTAX"),
        ({"intent": "CAPTURE"}, 400, "MISSING_REQUIRED_PARAMETER"),
    ],
)
def test_a_bad_order_is_refused_with_an_issue(simulator, body, status, issue):
    answer = post(simulator, "/v2/checkout/orders", body)
    assert (answer.status_code, answer.json()["details"][0]["issue"]) == (status, issue)


def test_a_request_id_is_answered_again_and_belongs_to_one_request(simulator):
    first = post(simulator, "/v2/checkout/orders", ORDER, PayPal_Request_Id="one")
    again = post(simulator, "/v2/checkout/orders", ORDER, PayPal_Request_Id="one")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = post(simulator, "/v2/checkout/orders", order_with("1.00"), PayPal_Request_Id="one")
    assert other.json()["details"][0]["issue"] == "DUPLICATE_REQUEST_ID"
    # The control: without an id each request is a new order.
    plain = [post(simulator, "/v2/checkout/orders", ORDER).json()["id"] for _each in range(2)]
    assert len({first.json()["id"], *plain}) == 3


def test_addresses_that_paypal_does_not_have(simulator):
    assert post(simulator, "/v2/checkout/orders/X/capture", {}).status_code == 404
    assert post(simulator, "/v1/anything", {}).status_code == 404
    assert requests.delete(simulator.url + "/paypal/v2", timeout=5).status_code >= 400


def test_a_page_by_somebody_in_between_is_not_an_answer(simulator):
    gateway, ask = make_gateway(simulator), make_ask()
    simulator.paypal.faults = ["html_403"]
    with pytest.raises(AskUnknown):
        gateway.ask(ask)
    simulator.paypal.faults = ["busy_429"]
    with pytest.raises(AskRefused) as refusal:
        gateway.ask(ask)
    assert (refusal.value.code, refusal.value.retry_after) == ("RATE_LIMIT_REACHED", 120)


def test_webhooks_go_to_this_machine_only(simulator):
    simulator.paypal.webhook_url, simulator.paypal.retry_waits = "http://192.0.2.1/hooks/", ()
    approve(simulator, make_gateway(simulator))
    assert simulator.paypal.wait_for(1)
    assert simulator.paypal.deliveries[0][2] == 0


def test_a_refund_tells_how_much_went_back_so_far(simulator, shop):
    gateway = make_gateway(simulator)
    receipt = pay(simulator, gateway).receipt
    simulator.paypal.webhook_url, simulator.paypal.hold = shop.address, True
    for key in ("refund-a", "refund-b"):
        gateway.refund(make_refund(receipt, key=key))
    simulator.paypal.release()
    first, second = (body for _path, _headers, body in shop.received)
    assert b'"refund-a"' in first
    assert b'"total_refunded_amount":{"currency_code":"USD" , "value":"10.00"}' in second


def test_banks_and_payers_take_money_back(simulator, shop):
    gateway = make_gateway(simulator)
    receipt = pay(simulator, gateway).receipt
    simulator.paypal.webhook_url, simulator.paypal.hold = shop.address, True
    simulator.paypal.dispute(receipt)
    simulator.paypal.dispute(receipt, outcome="RESOLVED_BUYER_FAVOUR")
    simulator.paypal.reverse(receipt)
    simulator.paypal.release()
    told = [gateway.read(body, received_at=NOW) for _path, _headers, body in shop.received]
    assert [one.state for one in told] == [State.PENDING, State.PAID, State.PAID]
    assert {(one.kind, one.original_receipt, one.problems) for one in told} == {(Kind.DISPUTE, receipt, ())}
    assert told[0].receipt == told[1].receipt != told[2].receipt


# The page on the customer's phone


def test_the_payer_agrees_on_a_page_and_comes_back_to_the_shop(simulator):
    gateway = make_gateway(simulator)
    asked = gateway.ask(make_ask(return_url="http://127.0.0.1:9/back/?business=1"))
    shown = requests.get(asked.link, timeout=5).text
    for words in ("USD 12.50", "R-0042", "Water", ">Pay</button>", ">Leave without paying</button>"):
        assert words in shown
    answer = page(simulator, asked.reference, "approve")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://127.0.0.1:9/back/?business=1&token={asked.reference}"
    assert "nothing to agree to here any more" in page(simulator, asked.reference).text
    receipt = gateway.capture(asked.reference).receipt
    assert f"PayPal's number is {receipt}." in page(simulator, asked.reference).text


def test_a_payer_who_leaves_may_come_again(simulator):
    gateway = make_gateway(simulator)
    reference = gateway.ask(make_ask()).reference
    assert page(simulator, reference, "leave").status_code == 303
    assert gateway.standing(reference).state == State.PENDING
    assert page(simulator, reference, "approve").status_code == 303


def test_nonsense_on_the_page_changes_nothing(simulator):
    gateway = make_gateway(simulator)
    reference = gateway.ask(make_ask(description="<b>hi</b>")).reference
    assert page(simulator, reference, "steal").status_code == 400
    assert page(simulator, "X", "approve").status_code == page(simulator, "X").status_code == 404
    assert "<b>hi" not in page(simulator, reference).text
    page(simulator, reference, "approve")
    assert page(simulator, reference, "approve").status_code == 409


def test_the_requests_are_listed_newest_first(simulator):
    assert "Nothing to answer right now." in page(simulator, "").text
    gateway = make_gateway(simulator)
    for reference in ("R-0001", "R-0002"):
        gateway.ask(make_ask(reference=reference))
    shown = requests.get(simulator.url + "/paypal/pay", timeout=5).text
    assert 0 < shown.index("R-0002") < shown.index("R-0001")
