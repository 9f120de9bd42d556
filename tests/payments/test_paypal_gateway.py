from decimal import Decimal
from threading import Thread

import pytest

from backoffice.errors import RuleBroken
from payments.gateways.gateway import AskRefused, AskUnknown, State
from payments.gateways.paypal import APPROVED, PaypalConfig
from payments.simulator.paypal.answers import PAYPAL_CREDENTIALS, Refused, json_answer
from tests.payments.paypal import approve, make_ask, make_gateway, make_refund, pay, post

pytestmark = pytest.mark.once

# Set up


@pytest.mark.parametrize("name", ["client_id", "client_secret", "webhook_id"])
def test_without_a_secret_there_is_no_gateway(name):
    with pytest.raises(RuleBroken, match=f"its {name} is missing"):
        PaypalConfig(**PAYPAL_CREDENTIALS | {name: ""})


@pytest.mark.parametrize(
    "values",
    [
        {"base_url": "http://api-m.paypal.com", "allow_http": True},
        {"base_url": "http://127.0.0.1:8090/paypal"},
        {"base_url": "http://[", "allow_http": True},
        {"base_url": ""},
    ],
)
def test_secrets_are_sent_by_https_only(values):
    with pytest.raises(RuleBroken, match="https://"):
        PaypalConfig(**PAYPAL_CREDENTIALS | values)


def test_secrets_do_not_show():
    assert PAYPAL_CREDENTIALS["client_secret"] not in repr(PaypalConfig(**PAYPAL_CREDENTIALS))


# Asking


def test_an_order_is_made_and_the_customer_gets_a_link(simulator):
    ask = make_ask()
    asked = make_gateway(simulator).ask(ask)
    (order,) = simulator.paypal.orders
    assert asked.reference == order.id
    assert asked.link == f"{simulator.url}/paypal/pay/{order.id}"
    assert order.unit["custom_id"] == ask.key
    assert order.unit["amount"] == {"currency_code": "USD", "value": "12.50"}
    assert order.unit["invoice_id"].startswith("R-0042-")
    assert order.context["return_url"] == order.context["cancel_url"] == ask.return_url


def test_asking_again_with_the_same_key_makes_no_second_order(simulator):
    gateway, ask = make_gateway(simulator), make_ask()
    assert gateway.ask(ask) == gateway.ask(ask)
    assert len(simulator.paypal.orders) == 1


def test_a_second_attempt_for_one_reference_can_be_paid_too(simulator):
    gateway = make_gateway(simulator)
    assert pay(simulator, gateway, reference="R-0042").state == State.PAID
    assert pay(simulator, gateway, reference="R-0042").state == State.PAID
    # The control: the reference alone is refused the second time.
    for number in ("one", "two"):
        simulator.paypal.choose(approve_plain(simulator, invoice="R-0042", key=number), "approve")
        last = gateway.capture(simulator.paypal.orders[-1].id)
    assert last.code == "DUPLICATE_INVOICE_ID"


def approve_plain(simulator, *, invoice, key):
    unit = {"amount": {"currency_code": "USD", "value": "1.00"}, "invoice_id": invoice, "custom_id": key}
    answer = post(simulator, "/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": [unit]})
    return answer.json()["id"]


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [("12.5", "USD", "12.50"), ("1E+1", "EUR", "10.00"), ("700", "JPY", "700"), ("700.00", "TWD", "700")],
)
def test_amounts_are_written_with_the_decimals_of_the_currency(simulator, amount, currency, written):
    make_gateway(simulator).ask(make_ask(amount=Decimal(amount), currency=currency))
    assert simulator.paypal.orders[0].unit["amount"] == {"currency_code": currency, "value": written}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"currency": "KES"}, "does not take KES"),
        ({"currency": "usd"}, "does not take usd"),
        ({"amount": Decimal("12.505")}, "more decimals"),
        ({"amount": Decimal("7.5"), "currency": "JPY"}, "more decimals"),
        ({"amount": Decimal("0")}, "above zero"),
        ({"amount": Decimal("-1")}, "above zero"),
        ({"amount": Decimal("NaN")}, "above zero"),
        ({"amount": Decimal("1E+9")}, "above zero"),
        ({"return_url": "http://shop.example/back/"}, "https://"),
        ({"return_url": "javascript:alert(1)"}, "https://"),
    ],
)
def test_what_paypal_does_not_take_is_not_sent(simulator, values, words):
    with pytest.raises(RuleBroken, match=words):
        make_gateway(simulator).ask(make_ask(**values))
    assert simulator.paypal.calls == []


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "html_503", "busy_500"])
def test_without_a_clear_answer_asking_may_be_repeated(simulator, fault):
    gateway, ask = make_gateway(simulator), make_ask()
    simulator.paypal.faults = [fault]
    with pytest.raises(AskUnknown) as unknown:
        gateway.ask(ask)
    assert unknown.value.may_repeat
    assert gateway.ask(ask).reference == simulator.paypal.orders[0].id
    assert len(simulator.paypal.orders) == 1


def test_nothing_was_asked_when_paypal_cannot_be_reached(simulator):
    gateway = make_gateway(simulator, base_url="http://127.0.0.1:1")
    with pytest.raises(AskRefused) as refusal:
        gateway.ask(make_ask())
    assert (refusal.value.code, refusal.value.retry_after) == ("no_connection", 60)


@pytest.mark.parametrize("link", ["http://evil.example/pay", "javascript:alert(1)", "//evil.example"])
def test_a_link_that_is_not_safe_is_not_handed_on(simulator, link):
    order = {"id": "5O190127TN364715T", "links": [{"rel": "payer-action", "href": link}]}
    simulator.paypal.faults = [json_answer(201, order)]
    with pytest.raises(AskUnknown):
        make_gateway(simulator).ask(make_ask())


def test_a_redirect_is_not_followed(simulator, shop):
    simulator.paypal.faults = [(307, b"", {"Location": shop.address})]
    with pytest.raises(AskUnknown):
        make_gateway(simulator).ask(make_ask())
    assert shop.received == []


def test_a_request_that_is_still_at_work_may_be_repeated(simulator):
    simulator.paypal.faults = [Refused(422, "PREVIOUS_REQUEST_IN_PROGRESS").answer()]
    with pytest.raises(AskUnknown) as unknown:
        make_gateway(simulator).ask(make_ask())
    assert unknown.value.may_repeat


def test_wrong_credentials_are_named(simulator):
    with pytest.raises(AskRefused, match="refused the client id and secret") as refusal:
        make_gateway(simulator, client_secret="wrong").ask(make_ask())
    assert refusal.value.code == "wrong_credentials"


def test_an_access_token_is_kept_and_renewed_once_when_it_ended(simulator):
    gateway = make_gateway(simulator)
    gateway.ask(make_ask())
    gateway.ask(make_ask())
    assert simulator.paypal.token_requests == 1
    simulator.paypal.token = "another"
    gateway.ask(make_ask())
    assert simulator.paypal.token_requests == 2
    assert len(simulator.paypal.orders) == 3


# Collecting


def test_money_is_collected_after_the_customer_agreed(simulator):
    gateway = make_gateway(simulator)
    reference = approve(simulator, gateway)
    standing = gateway.standing(reference)
    assert (standing.state, standing.code) == (State.PENDING, APPROVED)
    paid = gateway.capture(reference)
    (capture,) = simulator.paypal.orders[0].captures
    assert (paid.state, paid.amount, paid.currency) == (State.PAID, Decimal("12.50"), "USD")
    assert (paid.receipt, paid.reference) == (capture["id"], reference)
    assert gateway.standing(reference) == paid


def test_before_the_customer_agreed_there_is_nothing_to_collect(simulator):
    gateway = make_gateway(simulator)
    reference = gateway.ask(make_ask()).reference
    assert gateway.standing(reference).state == State.PENDING
    standing = gateway.capture(reference)
    assert (standing.state, standing.code) == (State.PENDING, "ORDER_NOT_APPROVED")


def test_collecting_twice_at_once_takes_the_money_once(simulator):
    gateway = make_gateway(simulator)
    reference = approve(simulator, gateway)
    standings = []
    threads = [Thread(target=lambda: standings.append(gateway.capture(reference))) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(simulator.paypal.orders[0].captures) == 1
    # Without the id PayPal would refuse all but the first; with it each gets the result of the first.
    captures = [call for call in simulator.paypal.calls if call[1].endswith("/capture")]
    assert {request_id for _method, _path, request_id in captures} == {f"capture:{reference}"}
    assert {(one.state, one.receipt) for one in standings} == {
        (State.PAID, simulator.paypal.orders[0].captures[0]["id"])
    }


def test_money_that_somebody_else_collected_counts_as_collected(simulator):
    gateway = make_gateway(simulator)
    reference = approve(simulator, gateway)
    assert post(simulator, f"/v2/checkout/orders/{reference}/capture", {}).status_code == 201
    assert gateway.capture(reference).state == State.PAID
    assert len(simulator.paypal.orders[0].captures) == 1


def test_a_refused_card_leaves_the_order_open_for_another(simulator):
    gateway = make_gateway(simulator)
    reference = approve(simulator, gateway, "decline")
    standing = gateway.capture(reference)
    assert (standing.state, standing.code) == (State.PENDING, "INSTRUMENT_DECLINED")
    assert "choose another" in standing.text
    simulator.paypal.choose(reference, "approve")
    assert gateway.capture(reference).state == State.PAID


def test_an_order_that_is_completed_is_not_paid_while_its_money_is_held_back(simulator):
    gateway = make_gateway(simulator)
    reference = approve(simulator, gateway, "approve_echeck")
    assert gateway.capture(reference).state == State.PENDING
    assert simulator.paypal.orders[0].status == "COMPLETED"
    assert gateway.standing(reference).code == "ECHECK"
    simulator.paypal.settle(simulator.paypal.orders[0].captures[0]["id"], "COMPLETED")
    assert gateway.standing(reference).state == State.PAID


def test_money_that_was_held_back_may_be_declined(simulator):
    gateway = make_gateway(simulator)
    reference = approve(simulator, gateway, "approve_echeck")
    gateway.capture(reference)
    simulator.paypal.settle(simulator.paypal.orders[0].captures[0]["id"], "DECLINED")
    assert gateway.standing(reference).state == State.FAILED


@pytest.mark.parametrize(
    ("faults", "state"),
    [
        (["drop_after"], State.PAID),  # the order tells that the money was collected
        (["drop_before"], State.PENDING),  # ... and that it was not
        (["drop_after", "html_503"], State.UNKNOWN),
        (["html_503", "drop_before"], State.UNKNOWN),
    ],
)
def test_without_a_clear_answer_the_order_is_looked_at(simulator, faults, state):
    gateway = make_gateway(simulator)
    reference = approve(simulator, gateway)
    simulator.paypal.faults = faults
    assert gateway.capture(reference).state == state
    assert gateway.capture(reference).state == State.PAID
    assert len(simulator.paypal.orders[0].captures) == 1


def test_an_answer_about_another_order_tells_nothing(simulator):
    gateway = make_gateway(simulator)
    paid = pay(simulator, gateway)
    reference = approve(simulator, gateway)
    simulator.paypal.faults = [json_answer(200, simulator.paypal.order(paid.reference).show())]
    assert gateway.standing(reference).state == State.UNKNOWN


def test_an_order_that_paypal_gave_up_has_failed(simulator):
    gateway = make_gateway(simulator)
    reference = approve(simulator, gateway)
    simulator.paypal.expire(reference)
    assert gateway.standing(reference).state == State.FAILED
    assert gateway.capture(reference).state == State.FAILED


@pytest.mark.parametrize("reference", ["5O190127TN364715T", "", "..", "../captures", "a/b", "x" * 65, "é"])
def test_an_order_that_paypal_does_not_know_is_never_a_failure(simulator, reference):
    gateway = make_gateway(simulator)
    assert gateway.standing(reference).state == State.UNKNOWN
    assert gateway.capture(reference).state == State.UNKNOWN
    # What cannot be an id is not asked after, so that no other address is reached.
    assert len(simulator.paypal.calls) == (2 if reference == "5O190127TN364715T" else 0)


# Giving back


def test_a_part_is_given_back_and_then_the_rest(simulator):
    gateway = make_gateway(simulator)
    receipt = pay(simulator, gateway).receipt
    first = gateway.refund(make_refund(receipt))
    assert (first.state, first.amount, first.currency) == (State.PAID, Decimal("5.00"), "USD")
    assert first.receipt == simulator.paypal.orders[0].refunds[0]["id"]
    gateway.refund(make_refund(receipt, amount=Decimal("7.50")))
    with pytest.raises(AskRefused, match="already given back in full") as refusal:
        gateway.refund(make_refund(receipt))
    assert refusal.value.code == "CAPTURE_FULLY_REFUNDED"


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "html_503", "busy_500"])
def test_a_refund_without_a_clear_answer_may_be_repeated_and_acts_once(simulator, fault):
    gateway = make_gateway(simulator)
    ask = make_refund(pay(simulator, gateway).receipt)
    simulator.paypal.faults = [fault]
    with pytest.raises(AskUnknown) as unknown:
        gateway.refund(ask)
    assert unknown.value.may_repeat
    assert gateway.refund(ask).state == State.PAID
    assert len(simulator.paypal.orders[0].refunds) == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"amount": Decimal("12.51")}, "REFUND_AMOUNT_EXCEEDED"),
        ({"currency": "EUR"}, "REFUND_CAPTURE_CURRENCY_MISMATCH"),
        ({"currency": "KES"}, "CURRENCY_NOT_SUPPORTED"),
        ({"receipt": "27M47624FP291604U"}, "INVALID_RESOURCE_ID"),
        ({"receipt": "../../checkout"}, "INVALID_RESOURCE_ID"),
    ],
)
def test_a_refund_that_paypal_refuses_says_why(simulator, values, code):
    gateway = make_gateway(simulator)
    ask = make_refund(**{"receipt": pay(simulator, gateway).receipt} | values)
    with pytest.raises(AskRefused) as refusal:
        gateway.refund(ask)
    assert refusal.value.code == code
    assert "not on our list" not in refusal.value.text
    assert simulator.paypal.orders[0].refunds == []


def test_a_refund_may_be_held_back(simulator):
    gateway = make_gateway(simulator)
    receipt = pay(simulator, gateway).receipt
    simulator.paypal.refund_status = "PENDING"
    assert gateway.refund(make_refund(receipt)).state == State.PENDING
