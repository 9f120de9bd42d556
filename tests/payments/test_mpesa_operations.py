from decimal import Decimal

import pytest

from backoffice.errors import RuleBroken
from payments.gateways.gateway import Kind, State
from payments.gateways.mpesa.daraja import Refused, Unanswered
from payments.gateways.mpesa.results import confirms, read_queue_timeout, read_result
from payments.simulator import HTML_503, refusal
from tests.payments.daraja import answer, ask, make_client, make_refund

INVALID_TOKEN = refusal(404, "404.001.03", "Invalid Access Token")


def pay(simulator, shop):
    """Let a customer pay a prompt of KES 250. Returns the receipt."""
    prompt = ask(simulator, shop)
    answer(prompt, "pin")
    shop.received.clear()
    return prompt.receipt


def result(simulator, shop):
    """The result of the last operation, as the shop got it."""
    assert simulator.operations[-1].delivered.wait(5)
    ((_path, _headers, body),) = shop.received
    shop.received.clear()
    return read_result(body)


def look_up(simulator, shop, receipt, **values):
    return make_client(simulator, **values).transaction_status(
        receipt, callback_url=shop.address, timeout_url=shop.address
    )


# Giving money back


def test_a_reversal_is_noted_first_and_its_result_follows(simulator, shop):
    receipt = pay(simulator, shop)
    noted = make_client(simulator).reverse(make_refund(shop.address, receipt=receipt))
    done = result(simulator, shop)
    assert noted.state is State.PENDING
    assert noted.reference == done.reference != ""
    assert (done.kind, done.state, done.amount) == (Kind.REFUND, State.PAID, Decimal(250))
    assert (done.original_receipt, done.problems) == (receipt, ())
    assert done.receipt not in ("", receipt)


def test_a_payment_is_reversed_once(simulator, shop):
    receipt = pay(simulator, shop)
    for code in ("0", "R000001"):
        make_client(simulator).reverse(make_refund(shop.address, receipt=receipt))
        done = result(simulator, shop)
        assert (done.code, done.state) == (code, State.PAID)


@pytest.mark.parametrize(
    ("code", "state"), [("R000002", State.FAILED), ("1", State.FAILED), ("9", State.UNKNOWN)]
)
def test_a_reversal_may_fail(simulator, shop, code, state):
    simulator.operation_ending = code
    make_client(simulator).reverse(make_refund(shop.address))
    failed = result(simulator, shop)
    assert (failed.code, failed.state, failed.receipt) == (code, state, "")


def test_a_receipt_nobody_knows_cannot_be_reversed(simulator, shop):
    make_client(simulator).reverse(make_refund(shop.address))
    assert result(simulator, shop).code == "R000002"


def test_a_part_is_paid_out_to_the_phone(simulator, shop):
    part = make_refund(shop.address, amount=Decimal(100), is_whole=False)
    noted = make_client(simulator).pay_out(part)
    done = result(simulator, shop)
    assert (noted.state, noted.reference) == (State.PENDING, done.reference)
    assert (done.state, done.amount, done.key) == (State.PAID, Decimal(100), "refund-1")
    assert (done.phone, done.problems, done.remarks) == ("254712345678", (), ())


def test_a_payout_asked_for_twice_is_one_payout(simulator, shop):
    client, part = make_client(simulator), make_refund(shop.address, amount=Decimal(100))
    client.pay_out(part)
    again = client.pay_out(part)
    assert (again.state, again.code) == (State.PENDING, "500.002.1001")
    assert len(simulator.operations) == 1


@pytest.mark.parametrize("way", ["reverse", "pay_out"])
@pytest.mark.parametrize(
    "answer",
    [
        HTML_503,
        (500, b""),
        (200, b"{}"),
        (200, b'{"ResponseCode": "0"}'),
        (200, b'{"ResponseCode": "0", "ConversationID": 7}'),
        (504, b"[]"),
        refusal(500, "500.003.1001", "Internal Server Error"),
        refusal(500, "500.001.1001", "The transaction is being processed"),
    ],
)
def test_an_unclear_answer_about_money_on_its_way_out_is_unknown(simulator, shop, way, answer):
    simulator.operation_answer = answer
    with pytest.raises(Unanswered):
        getattr(make_client(simulator), way)(make_refund(shop.address))


@pytest.mark.parametrize("way", ["reverse", "pay_out"])
def test_a_lost_answer_is_unknown_and_the_money_went_once(simulator, shop, way):
    simulator.drop_answer = True
    with pytest.raises(Unanswered):
        getattr(make_client(simulator), way)(make_refund(shop.address))
    assert len(simulator.operations) == 1


@pytest.mark.parametrize("way", ["reverse", "pay_out"])
def test_a_late_answer_is_unknown_and_its_result_may_come_first(simulator, shop, way):
    simulator.latency = 0.2
    with pytest.raises(Unanswered):
        getattr(make_client(simulator, read_timeout=0.1), way)(make_refund(shop.address))
    assert result(simulator, shop).kind is Kind.REFUND


@pytest.mark.parametrize("way", ["reverse", "pay_out"])
@pytest.mark.parametrize(
    ("answer", "retry_after"),
    [
        (refusal(400, "400.002.02", "Bad Request - Invalid Amount"), None),
        (refusal(500, "500.003.02", "System is busy"), 60),
        ((200, b'{"ResponseCode": "21", "ResponseDescription": "no"}'), None),
    ],
)
def test_a_refusal_is_definite(simulator, shop, way, answer, retry_after):
    simulator.operation_answer = answer
    with pytest.raises(Refused) as refused:
        getattr(make_client(simulator), way)(make_refund(shop.address))
    assert refused.value.retry_after == retry_after


def test_a_rejected_token_is_renewed_once_and_the_money_goes_once(simulator, shop):
    client = make_client(simulator)
    client.query("ws_CO_1")
    simulator.expire_token()
    client.pay_out(make_refund(shop.address))
    assert (simulator.token_requests, len(simulator.operations)) == (2, 1)
    simulator.operation_answer = INVALID_TOKEN
    with pytest.raises(Refused):
        client.pay_out(make_refund(shop.address))
    assert simulator.token_requests == 3


def test_an_operation_that_waits_is_not_over(simulator, shop):
    simulator.operation_ending = "timeout"
    make_client(simulator).reverse(make_refund("http://127.0.0.1:9/", timeout_url=shop.address))
    assert simulator.operations[-1].delivered.wait(5)
    ((_path, _headers, body),) = shop.received
    assert read_queue_timeout(body).state is State.PENDING


@pytest.mark.parametrize(
    "values",
    [
        {"amount": Decimal("249.97")},
        {"amount": Decimal(0)},
        {"amount": Decimal(250_001)},
        {"amount": Decimal("NaN")},
        {"currency": "USD"},
        {"callback_url": "http://shop.example/sql/"},
        {"timeout_url": "shop.example"},
    ],
)
@pytest.mark.parametrize("way", ["reverse", "pay_out"])
def test_what_daraja_would_refuse_does_not_leave(simulator, shop, way, values):
    with pytest.raises(RuleBroken):
        getattr(make_client(simulator), way)(make_refund(shop.address, **values))
    assert simulator.token_requests == 0


def test_a_payout_needs_a_phone(simulator, shop):
    with pytest.raises(RuleBroken, match="mobile number"):
        make_client(simulator).pay_out(make_refund(shop.address, phone=""))


@pytest.mark.parametrize("missing", ["initiator", "security_credential"])
def test_without_an_operator_staff_are_told_what_is_missing(simulator, shop, missing):
    client = make_client(simulator, **{missing: ""})
    with pytest.raises(RuleBroken, match="API operator"):
        client.reverse(make_refund(shop.address))
    assert simulator.operations == []


@pytest.mark.parametrize("reason", ["", "x", "  ", "y" * 500])
def test_any_reason_is_made_to_fit(simulator, shop, reason):
    make_client(simulator).reverse(make_refund(shop.address, reason=reason))
    assert 2 <= len(simulator.operations[-1].request["Remarks"]) <= 100


# Looking up a receipt


def test_a_receipt_can_be_confirmed(simulator, shop):
    receipt = pay(simulator, shop)
    assert look_up(simulator, shop, receipt).state is State.PENDING
    told = result(simulator, shop)
    assert told.kind is Kind.STATUS
    assert confirms(told, receipt=receipt, amount=Decimal(250), accounts=["174379"])


def test_a_receipt_of_nobody_is_not_confirmed(simulator, shop):
    look_up(simulator, shop, "NLJ7RT61SV")
    told = result(simulator, shop)
    assert (told.kind, told.code, told.state) == (Kind.STATUS, "2032", State.UNKNOWN)


def test_money_that_was_reversed_is_not_confirmed(simulator, shop):
    receipt = pay(simulator, shop)
    make_client(simulator).reverse(make_refund(shop.address, receipt=receipt))
    result(simulator, shop)
    look_up(simulator, shop, receipt)
    assert not confirms(result(simulator, shop), receipt=receipt, amount=Decimal(250), accounts=["174379"])


def test_a_wrong_operator_is_told_only_in_the_result(simulator, shop):
    assert look_up(simulator, shop, "NLJ7RT61SV", initiator="somebody").state is State.PENDING
    assert result(simulator, shop).code == "2001"


def test_a_payout_can_be_looked_up_by_its_key(simulator, shop):
    make_client(simulator).transaction_status(
        conversation="refund-1", callback_url=shop.address, timeout_url=shop.address
    )
    assert simulator.operations[-1].request["OriginalConversationID"] == "refund-1"
    assert "TransactionID" not in simulator.operations[-1].request
