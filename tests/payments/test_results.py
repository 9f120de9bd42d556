import contextlib
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways.gateway import Kind, State, Unreadable
from payments.gateways.mpesa.results import (
    NO_AMOUNT,
    NO_RECEIPT,
    ODD_DATE,
    TWO_VALUES,
    answers,
    confirms,
    read_queue_timeout,
    read_result,
)
from tests.payments.daraja import make_result

REVERSAL = [
    ("Amount", 250.00),
    ("OriginalTransactionID", "NLJ7RT61SV"),
    ("TransCompletedTime", 20211114132711),
    ("Charge", 0.00),
    ("DebitPartyName", ...),
]
PAYOUT = [
    ("TransactionAmount", 100),
    ("TransactionReceipt", "SKE52PAWR9"),
    ("ReceiverPartyPublicName", "254712345678 - Jane Doe"),
    ("TransactionCompletedDateTime", "06.07.2024 22:48:52"),
]
STATUS = [
    ("DebitPartyName", "254712345678 - Jane Doe"),
    ("TransactionReason", ...),
    ("ReceiptNo", "NLJ7RT61SV"),
    ("Amount", 250),
    ("TransactionStatus", "Completed"),
    ("FinalisedTime", "20211114132711"),
    ("DebitPartyName", "600966 - The shop"),
]
OURS = {"receipt": "NLJ7RT61SV", "amount": Decimal("250.00"), "accounts": ["600966"]}


def read(parameters=(), kind=None, **values):
    return read_result(make_result(parameters, **values), kind=kind)


def replaced(parameters, name, value):
    return [(key, value if key == name else old) for key, old in parameters]


# Money given back


def test_a_reversal_is_read_whole():
    notice = read(REVERSAL)
    assert (notice.kind, notice.state, notice.code) == (Kind.REFUND, State.PAID, "0")
    assert (notice.amount, notice.currency) == (Decimal(250), "KES")
    assert (notice.receipt, notice.original_receipt) == ("SKE52PAWR9", "NLJ7RT61SV")
    assert notice.paid_at == datetime(2021, 11, 14, 10, 27, 11, tzinfo=UTC)
    assert notice.reference == "AG_20211114_201018edbbf9f1582eaa"
    assert notice.second_reference == "refund-1"
    assert (notice.problems, notice.remarks) == ((), ())


def test_a_payout_gives_our_key_back_and_has_its_own_kind_of_date():
    notice = read(PAYOUT, TransactionID="SKE52PAWR9")
    assert (notice.kind, notice.state, notice.key) == (Kind.REFUND, State.PAID, "refund-1")
    assert (notice.amount, notice.receipt, notice.phone) == (Decimal(100), "SKE52PAWR9", "254712345678")
    assert notice.paid_at == datetime(2024, 7, 6, 19, 48, 52, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (0, State.PAID),
        ("0", State.PAID),
        ("R000001", State.PAID),
        ("R000002", State.FAILED),
        (1, State.FAILED),
        ("2001", State.FAILED),
        (77, State.UNKNOWN),
        ("00", State.UNKNOWN),
    ],
)
def test_a_code_tells_where_the_money_is(code, state):
    notice = read(REVERSAL if code in (0, "0") else (), ResultCode=code)
    assert (notice.kind, notice.state, notice.code) == (Kind.REFUND, state, str(code))


def test_codes_of_operations_have_words_of_their_own():
    assert read(REVERSAL).text == "Done."
    assert "our M-Pesa account" in read(ResultCode=1).text
    assert "operator" in read(ResultCode=2001).text
    assert "already reversed" in read(ResultCode="R000001").text


@pytest.mark.parametrize("code", [False, True, None, 0.0, [], {}, "", ...])
def test_a_code_of_another_type_is_unreadable(code):
    with pytest.raises(Unreadable, match="ResultCode"):
        read(ResultCode=code)


def test_done_without_details_has_problems():
    assert read().problems == (NO_AMOUNT,)
    assert read(TransactionID=...).problems == (NO_AMOUNT, NO_RECEIPT)
    assert read().remarks == (ODD_DATE,)


def test_two_amounts_are_a_problem():
    assert read([*REVERSAL, ("Amount", 9000)]).problems == (TWO_VALUES,)
    assert read([*REVERSAL, REVERSAL[0]]).problems == ()


@pytest.mark.parametrize(
    "moment", ["", None, 20211399132711, "31.02.2024 22:48:52", "99991114132711", "soon"]
)
def test_an_impossible_date_is_remarked(moment):
    notice = read(replaced(REVERSAL, "TransCompletedTime", moment))
    assert (notice.paid_at, notice.problems, notice.remarks) == (None, (), (ODD_DATE,))


# Look-ups


def test_a_completed_receipt_confirms_exactly_its_own_money():
    notice = read(STATUS, TransactionID="TAH0000000")
    assert (notice.kind, notice.state, notice.receipt) == (Kind.STATUS, State.PAID, "NLJ7RT61SV")
    assert (notice.account, notice.phone) == ("600966", "254712345678")
    assert notice.paid_at == datetime(2021, 11, 14, 10, 27, 11, tzinfo=UTC)
    assert confirms(notice, **OURS)
    for other in ({"receipt": "NLJ7RT61SX"}, {"amount": Decimal(251)}, {"accounts": ["600967"]}):
        assert not confirms(notice, **OURS | other)


def test_the_credit_party_may_have_its_own_name():
    parameters = [*STATUS[:-1], ("CreditPartyName", "600966 - The shop")]
    assert confirms(read(parameters), **OURS)
    assert read(STATUS[:-1]).account == ""


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Failed", State.FAILED),
        ("Cancelled", State.FAILED),
        ("Reversed", State.UNKNOWN),
        ("Pending", State.UNKNOWN),
        ("completed?", State.UNKNOWN),
        (..., State.UNKNOWN),
    ],
)
def test_only_completed_confirms(said, state):
    notice = read(replaced(STATUS, "TransactionStatus", said))
    assert notice.state is state
    assert not confirms(notice, **OURS)


@pytest.mark.parametrize("code", [0, "0", "2032"])
def test_a_question_that_was_dealt_with_says_something(code):
    assert answers(read(kind=Kind.STATUS, ResultCode=code))


@pytest.mark.parametrize("code", [1, "21", "26", "2001", "x"])
def test_a_question_that_failed_or_waits_says_nothing(code):
    assert not answers(read(kind=Kind.STATUS, ResultCode=code))
    assert not answers(read_queue_timeout(make_result(ResultCode="2032"), kind=Kind.STATUS))


@pytest.mark.parametrize("name", ["ReceiptNo", "Amount", "TransactionStatus"])
def test_a_detail_that_is_missing_or_told_twice_confirms_nothing(name):
    assert not confirms(read(replaced(STATUS, name, ...)), **OURS)
    assert not confirms(read([*STATUS, (name, "Failed")]), **OURS)


def test_an_unknown_receipt_says_nothing_about_money():
    notice = read(ResultCode="2032", TransactionID="TAH0000000")
    assert (notice.kind, notice.state, notice.receipt) == (Kind.STATUS, State.UNKNOWN, "")


def test_a_question_that_failed_says_nothing_about_money():
    notice = read(kind=Kind.STATUS, ResultCode=2001)
    assert (notice.kind, notice.state) == (Kind.STATUS, State.UNKNOWN)


# Shapes


def test_a_single_parameter_and_a_spaced_name_are_read():
    raw = make_result(ResultParameters={"ResultParameter": {"Key": "Amount", "Value": "250"}})
    body = json.loads(raw)
    body["Result"]["Conversation ID"] = body["Result"].pop("ConversationID")
    body["Result"]["ReferenceData"] = {"ReferenceItem": [{"Key": "Occasion"}]}
    notice = read_result(json.dumps(body).encode())
    assert (notice.amount, notice.reference) == (Decimal(250), "AG_20211114_201018edbbf9f1582eaa")


@pytest.mark.parametrize("name", ["ConversationID", "OriginatorConversationID"])
@pytest.mark.parametrize("value", [..., None, "", "two words", 7, "x" * 101])
def test_a_result_without_its_ids_is_unreadable(name, value):
    with pytest.raises(Unreadable, match=name):
        read(REVERSAL, **{name: value})


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"Result": []}', b'{"Result": null}', b"[" * 60_000])
def test_what_is_no_result_is_unreadable(raw):
    with pytest.raises(Unreadable):
        read_result(raw)
    with pytest.raises(Unreadable):
        read_queue_timeout(raw)


@given(
    st.dictionaries(
        st.sampled_from(
            ["ResultCode", "ResultParameters", "TransactionID", "ConversationID", "ReferenceData"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(st.sampled_from(["ResultParameter", "Key", "Value", "Amount"]), inner)
            ),
            max_leaves=8,
        ),
    )
)
def test_no_result_breaks_the_reader(values):
    for reader in (read_result, read_queue_timeout):
        with contextlib.suppress(Unreadable):
            reader(make_result(**values))


# Waiting


@pytest.mark.parametrize("code", [0, 1, "timeout", None])
def test_a_queue_time_out_is_never_the_end(code):
    notice = read_queue_timeout(make_result(ResultCode=code))
    assert (notice.kind, notice.state, notice.key) == (Kind.REFUND, State.PENDING, "refund-1")
    assert read_queue_timeout(make_result(), kind=Kind.STATUS).kind is Kind.STATUS
