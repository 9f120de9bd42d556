"""M-Pesa behind the interface that all providers share."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backoffice.errors import RuleBroken
from payments.gateways import gateway as provider
from payments.gateways.gateway import Ask, AskRefused, AskUnknown, Gateway, Kind, State, Unreadable
from payments.gateways.mpesa import Unreadable as UnreadableOfMpesa
from payments.gateways.mpesa import round_up_shillings
from payments.simulator import HTML_503, refusal
from tests.payments.daraja import (
    answer,
    make_callback,
    make_confirmation,
    make_gateway,
    make_refund,
    make_result,
    sample,
)

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def make_ask(shop, **values):
    return Ask(
        **{
            "key": "attempt-1",
            "amount": Decimal("250.00"),
            "currency": "KES",
            "reference": "R-0042",
            "description": "Water",
            "phone": "254712345678",
            "callback_url": shop.address,
        }
        | values
    )


def test_mpesa_can_do_what_every_provider_can(simulator):
    mpesa: Gateway = make_gateway(simulator)
    for verb in ("ask", "standing", "verify", "read", "refund"):
        assert callable(getattr(mpesa, verb))


def test_money_is_asked_for_and_followed_to_its_end(simulator, shop):
    mpesa = make_gateway(simulator)
    asked = mpesa.ask(make_ask(shop))
    (prompt,) = simulator.prompts
    assert (asked.reference, asked.second_reference) == (
        prompt.checkout_request_id,
        prompt.merchant_request_id,
    )
    assert (prompt.amount, prompt.reference, prompt.description) == (250, "R-0042", "Water")
    assert mpesa.standing(asked.reference).state is State.PENDING
    answer(prompt, "pin")
    assert mpesa.standing(asked.reference).state is State.PAID
    ((_path, headers, body),) = shop.received
    mpesa.verify(body, headers, now=NOW)
    notice = mpesa.read(body, received_at=datetime.now(UTC))
    assert (notice.kind, notice.state, notice.receipt) == (Kind.ATTEMPT, State.PAID, prompt.receipt)
    assert (notice.amount, notice.currency, notice.phone) == (Decimal(250), "KES", "254712345678")
    assert (notice.reference, notice.second_reference) == (asked.reference, asked.second_reference)
    assert (notice.code, notice.text, notice.problems) == ("0", "Paid.", ())


@pytest.mark.parametrize(
    "values", [{"amount": Decimal("249.97")}, {"currency": "USD"}, {"phone": ""}, {"amount": Decimal(0)}]
)
def test_what_mpesa_cannot_ask_for_does_not_leave(simulator, shop, values):
    with pytest.raises(RuleBroken):
        make_gateway(simulator).ask(make_ask(shop, **values))
    assert simulator.prompts == []
    assert make_gateway(simulator).ask(make_ask(shop, amount=Decimal(round_up_shillings(Decimal("249.97")))))


def test_a_refusal_is_a_sentence_for_staff(simulator, shop):
    simulator.push_answer = refusal(500, "500.001.1001", "Unable to lock subscriber")
    with pytest.raises(AskRefused) as refused:
        make_gateway(simulator).ask(make_ask(shop))
    assert (refused.value.code, refused.value.retry_after) == ("500.001.1001", 60)
    assert "open on this phone" in refused.value.text
    assert refused.value.text.endswith("Safaricom says: Unable to lock subscriber")


def test_a_refusal_of_our_own_says_it_once(simulator, shop):
    simulator.token_answer = HTML_503
    with pytest.raises(AskRefused) as refused:
        make_gateway(simulator).ask(make_ask(shop))
    assert refused.value.text == "Safaricom is not answering, so nothing was sent. Ask again in a minute."


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_nobody_can_tell_must_not_be_repeated(simulator, shop, is_whole):
    simulator.outage = HTML_503
    mpesa = make_gateway(simulator)
    with pytest.raises(AskUnknown) as prompt:
        mpesa.ask(make_ask(shop))
    with pytest.raises(AskUnknown) as refund:
        mpesa.refund(make_refund(shop.address, is_whole=is_whole))
    assert not (prompt.value.may_repeat or refund.value.may_repeat)


def test_a_question_may_be_repeated(simulator, shop):
    simulator.outage = HTML_503
    with pytest.raises(AskUnknown) as silence:
        make_gateway(simulator).transaction_status(
            "NLJ7RT61SV", callback_url=shop.address, timeout_url=shop.address
        )
    assert silence.value.may_repeat


@pytest.mark.parametrize(("is_whole", "command"), [(True, "TransactionReversal"), (False, "BusinessPayment")])
def test_a_whole_payment_is_reversed_and_a_part_is_paid_out(simulator, shop, is_whole, command):
    noted = make_gateway(simulator).refund(make_refund(shop.address, is_whole=is_whole))
    (operation,) = simulator.operations
    assert operation.request["CommandID"] == command
    assert (noted.state, noted.reference) == (State.PENDING, operation.conversation)


# Reading by shape


@pytest.mark.parametrize(
    ("body", "kind", "state"),
    [
        (sample("stk_success"), Kind.ATTEMPT, State.PAID),
        (sample("stk_cancelled"), Kind.ATTEMPT, State.FAILED),
        (sample("stk_timeout"), Kind.ATTEMPT, State.FAILED),
        (make_callback(ResultCode=4999), Kind.ATTEMPT, State.PENDING),
        (make_callback(ResultCode="77"), Kind.ATTEMPT, State.UNKNOWN),
        (make_confirmation(), Kind.MONEY, State.PAID),
        (make_confirmation(TransactionType="OD Payment Transfer"), Kind.OTHER, State.PAID),
        (make_result([("OriginalTransactionID", "NLJ7RT61SV")]), Kind.REFUND, State.PAID),
        (
            make_result([("ReceiptNo", "NLJ7RT61SV"), ("TransactionStatus", "Completed")]),
            Kind.STATUS,
            State.PAID,
        ),
        (make_result(ResultCode="R000002"), Kind.REFUND, State.FAILED),
    ],
)
def test_a_delivery_is_known_by_its_shape(simulator, body, kind, state):
    notice = make_gateway(simulator).read(body, received_at=NOW)
    assert (notice.kind, notice.state) == (kind, state)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"7",
        b"{}",
        b'{"Body": null}',
        b'{"Body": {"stkCallback": []}}',
        b'{"x": 1}',
        b"{} {}",
    ],
)
def test_what_is_nothing_of_mpesas_is_unreadable(simulator, body):
    with pytest.raises(Unreadable):
        make_gateway(simulator).read(body, received_at=NOW)


def test_there_is_one_word_for_unreadable():
    assert UnreadableOfMpesa is provider.Unreadable


def test_a_problem_of_a_callback_stays_a_problem(simulator):
    body = json.loads(sample("stk_success"))
    del body["Body"]["stkCallback"]["CallbackMetadata"]
    notice = make_gateway(simulator).read(json.dumps(body).encode(), received_at=NOW)
    assert (notice.state, notice.amount, notice.currency) == (State.PAID, None, "")
    assert len(notice.problems) == 2
