import contextlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways.gateway import Kind, State, Unreadable
from payments.gateways.mpesa.c2b import (
    ACCEPTED,
    CONFIRMED,
    NO_AMOUNT,
    NO_RECEIPT,
    ODD_DATE,
    ODD_KIND,
    TWO_VALUES,
    Reason,
    read_confirmation,
    read_validation,
    reject,
)
from tests.payments.daraja import make_confirmation


def read(**values):
    return read_confirmation(make_confirmation(**values))


def test_a_confirmation_is_read_whole():
    notice = read()
    assert (notice.kind, notice.state) == (Kind.MONEY, State.PAID)
    assert (notice.amount, notice.currency, notice.receipt) == (Decimal(5), "KES", "RKL51ZDR4F")
    assert notice.paid_at == datetime(2023, 11, 21, 9, 13, 25, tzinfo=UTC)  # 12:13 in Nairobi
    assert (notice.account, notice.billref, notice.payer) == ("600966", "INV-1042", "NICHOLAS")
    assert (notice.phone, notice.phone_hash) == ("", "")
    assert (notice.problems, notice.remarks) == ((), ())


def test_numbers_may_be_numbers():
    notice = read(TransAmount=5, BusinessShortCode=600966, TransTime=20231121121325, MSISDN=254712345126)
    assert (notice.amount, notice.account, notice.phone) == (Decimal(5), "600966", "254712345126")
    assert notice.paid_at == read().paid_at


@pytest.mark.parametrize("amount", [250, 250.0, "250", "250.0", "250.00"])
def test_an_amount_is_the_same_in_every_spelling(amount):
    assert read(TransAmount=amount).amount == Decimal(250)


# Who paid


@pytest.mark.parametrize(
    "hidden",
    [
        "2547 ***** 126",
        "25470****149",
        "ec59" + "*" * 5 + "bb95",
        "ec595053 ***** 134bbb95",
        "600966",
        "",
        None,
        7,
        True,
    ],
)
def test_a_payer_who_is_not_told_is_nobody(hidden):
    notice = read(MSISDN=hidden)
    assert (notice.phone, notice.phone_hash, notice.problems) == ("", "", ())


def test_a_hashed_number_can_be_compared_with_a_known_customers():
    hashed = sha256(b"254708374149").hexdigest()
    assert hashed == "bbff37cea44ac0b2d964ee0dfb8d2df8513dc7ba1b36129a929fc3fbd6dd4af4"
    assert read(MSISDN=hashed).phone_hash == read(MSISDN=hashed.upper()).phone_hash == hashed
    assert read(MSISDN=hashed).phone == ""


@pytest.mark.parametrize(
    ("names", "payer"),
    [
        ({"FirstName": "JANE", "MiddleName": "W", "LastName": "DOE"}, "JANE W DOE"),
        ({"FirstName": None, "MiddleName": None, "LastName": None}, ""),
        ({"FirstName": ..., "MiddleName": ..., "LastName": ...}, ""),
        ({"FirstName": ["x"], "LastName": "DOE\x00"}, "DOE"),
    ],
)
def test_names_may_be_missing(names, payer):
    assert read(**names).payer == payer


def test_payers_are_not_shown():
    notice = read(MSISDN="254712345126")
    for secret in ("254712345126", "NICHOLAS"):
        assert secret not in repr(notice)


# What it is for


@pytest.mark.parametrize(
    "typed",
    ["", "inv 1042", "=cmd()|'/c calc'!A1", "'; DROP TABLE payments; --", "<script>x</script>", "๑๒๓"],
)
def test_what_a_payer_typed_is_kept_as_text(typed):
    notice = read(BillRefNumber=typed)
    assert (notice.billref, notice.problems, notice.remarks) == (typed, (), ())


def test_what_a_payer_typed_is_bounded_and_fit_for_any_database():
    assert len(read(BillRefNumber="9" * 300).billref) == 100
    assert read(BillRefNumber="a\x00b\nc\ud800d\u202e").billref == "a b c d"
    assert read(BillRefNumber=None).billref == read(BillRefNumber=["x"]).billref == ""
    assert read(BillRefNumber=1042).billref == "1042"


@pytest.mark.parametrize(
    "kind", ["Pay Bill", "Pay Bill Online", "Customer Merchant Payment", "Buy Goods", "pay  bill"]
)
def test_customers_pay_in_several_ways(kind):
    assert read(TransactionType=kind).kind is Kind.MONEY


@pytest.mark.parametrize(
    "kind",
    [
        "Organization To Organization Transfer",
        "OD Payment Transfer",
        "organization to organization transfer ",
    ],
)
def test_a_transfer_between_organisations_is_no_customers_payment(kind):
    notice = read(TransactionType=kind)
    assert notice.kind is Kind.OTHER
    assert "not a payment by a customer" in notice.text


def test_an_unknown_kind_of_payment_is_money_with_a_remark():
    notice = read(TransactionType="Salary")
    assert (notice.kind, notice.problems, notice.remarks) == (Kind.MONEY, (), (ODD_KIND,))


@pytest.mark.parametrize("shortcode", ["", None, "x", "1234", "12345678", True])
def test_a_payment_to_nobody_in_particular_is_still_read(shortcode):
    notice = read(BusinessShortCode=shortcode)
    assert (notice.account, notice.amount, notice.receipt) == ("", Decimal(5), "RKL51ZDR4F")


# Oddities


def test_names_of_fields_may_be_spelt_in_other_ways():
    raw = make_confirmation(TransID=..., transid="RKL51ZDR4F", ThirdPartyTransID=..., ThirdPartyTransId="x")
    notice = read_confirmation(raw)
    assert (notice.receipt, notice.problems) == ("RKL51ZDR4F", ())


def test_two_spellings_that_disagree_are_a_problem():
    assert TWO_VALUES in read(transamount="9000.00").problems
    assert read(transamount="5.00").problems == ()


@pytest.mark.parametrize("amount", [None, True, "", 0, "-5", "5.001", "1e3", "NaN", [5], "9" * 11])
def test_a_confirmation_without_a_proper_amount_has_a_problem(amount):
    assert read(TransAmount=amount).problems == (NO_AMOUNT,)


@pytest.mark.parametrize("receipt", [None, "", "RKL5 1ZDR", "x" * 31, True, ["RKL51ZDR4F"]])
def test_a_confirmation_without_a_proper_receipt_has_a_problem(receipt):
    assert read(TransID=receipt).problems == (NO_RECEIPT,)


def test_a_receipt_is_in_capitals():
    assert read(TransID="rkl51zdr4f").receipt == "RKL51ZDR4F"


@pytest.mark.parametrize("moment", [None, "", "20231321121325", "99991121121325", "yesterday"])
def test_an_impossible_date_does_not_lose_the_payment(moment):
    notice = read(TransTime=moment)
    assert (notice.paid_at, notice.problems, notice.remarks) == (None, (), (ODD_DATE,))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'"x"',
        b"7",
        b"null",
        b"{}",
        b'{"TransID": "A"} {}',
        b"\xef\xbb\xbf{}",
        b"\xff",
        b'{"TransAmount": NaN}',
        b'{"TransAmount": ' + b"9" * 5000 + b"}",
        b"[" * 60_000,
        b'{"TransID": "' + b"x" * 70_000 + b'"}',
        b'{"TransID": "A", "TransID": "B"}',
    ],
)
def test_what_is_no_confirmation_is_unreadable(raw):
    with pytest.raises(Unreadable):
        read_confirmation(raw)


@given(
    st.dictionaries(
        st.sampled_from([*json.loads(make_confirmation()), "transid", "x"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        ),
    )
)
def test_no_confirmation_breaks_the_reader(values):
    for reader in (read_confirmation, read_validation):
        with contextlib.suppress(Unreadable):
            reader(make_confirmation(**values))


# The question before


def test_a_validation_is_a_question_and_no_money():
    notice = read_validation(make_confirmation())
    assert (notice.kind, notice.state, notice.receipt) == (Kind.CHECK, State.PENDING, "")
    assert (notice.amount, notice.account, notice.billref) == (Decimal(5), "600966", "INV-1042")
    assert notice.reference == "RKL51ZDR4F"


def test_answers_are_those_that_safaricom_understands():
    assert json.loads(ACCEPTED) == {"ResultCode": "0", "ResultDesc": "Accepted"}
    assert json.loads(CONFIRMED)["ResultCode"] == 0
    assert json.loads(reject(Reason.ACCOUNT)) == {"ResultCode": "C2B00012", "ResultDesc": "Rejected"}
