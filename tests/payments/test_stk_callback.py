from datetime import UTC, datetime
from decimal import Decimal

import pytest

from payments.gateways.mpesa import Unreadable, read_callback
from payments.gateways.mpesa.stk_callback import (
    FAILED_WITH_DETAILS,
    NO_AMOUNT,
    NO_RECEIPT,
    ODD_DATE,
    TWO_VALUES,
)
from tests.payments.daraja import DETAILS, make_callback, sample, with_item


def test_a_paid_callback_is_read_whole():
    result = read_callback(sample("stk_success"))
    assert result.succeeded
    assert result.result_code == "0"
    assert result.merchant_request_id == "29115-34620561-1"
    assert result.checkout_request_id == "ws_CO_191220191020363925708374149"
    assert result.amount == Decimal("250.00")
    assert result.receipt == "NLJ7RT61SV"
    assert result.paid_at == datetime(2019, 12, 19, 7, 21, 15, tzinfo=UTC)  # 10:21 in Nairobi
    assert result.phone == "254708374149"
    assert (result.problems, result.remarks) == ((), ())


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("stk_cancelled", "1032"),
        ("stk_timeout", "1037"),
        ("stk_wrong_pin", "2001"),
        ("stk_insufficient", "1"),
    ],
)
def test_a_failure_has_a_code_and_no_money(name, code):
    result = read_callback(sample(name))
    assert (result.succeeded, result.result_code) == (False, code)
    assert (result.amount, result.receipt, result.paid_at, result.phone) == (None, "", None, "")
    assert (result.problems, result.remarks) == ((), ())


def test_a_late_success_is_about_the_prompt_that_timed_out():
    late, gone = read_callback(sample("stk_late_success")), read_callback(sample("stk_timeout"))
    assert late.succeeded
    assert late.checkout_request_id == gone.checkout_request_id


@pytest.mark.parametrize(("code", "succeeded"), [(0, True), ("0", True), ("00", False), (1032, False)])
def test_only_exactly_zero_succeeds(code, succeeded):
    assert read_callback(make_callback(ResultCode=code)).succeeded is succeeded


@pytest.mark.parametrize("code", [False, True, 0.0, None, [], {}, "", " 0", "0\x00", "\ud800", ..., 10**50])
def test_a_code_of_another_type_is_unreadable(code):
    with pytest.raises(Unreadable, match="ResultCode"):
        read_callback(make_callback(ResultCode=code))


@pytest.mark.parametrize("name", ["MerchantRequestID", "CheckoutRequestID"])
@pytest.mark.parametrize("value", [..., None, 7, "", "a\x00b", "\ud800", "x" * 101, "two words", ["a"]])
def test_a_prompt_without_a_proper_id_is_unreadable(name, value):
    with pytest.raises(Unreadable, match=name):
        read_callback(make_callback(**{name: value}))


@pytest.mark.parametrize("value", [250, 250.0, "250", "250.0", "250.00"])
def test_an_amount_is_the_same_in_every_spelling(value):
    assert read_callback(with_item("Amount", value)).amount == Decimal(250)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        0,
        "0.00",
        -250,
        "-1",
        "250.001",
        "1e3",
        1e300,
        "²",
        "2 50",
        [250],
        {"a": 1},
        "\ud800",
        "9" * 11,
    ],
)
def test_paid_without_a_proper_amount_has_a_problem(value):
    result = read_callback(with_item("Amount", value))
    assert (result.succeeded, result.amount, result.problems) == (True, None, (NO_AMOUNT,))


@pytest.mark.parametrize(
    "value", [None, "", "NLJ7 RT61", "x" * 31, "NLJ7RT61S\x00", "é" * 10, True, ["NLJ7RT61SV"]]
)
def test_paid_without_a_proper_receipt_has_a_problem(value):
    result = read_callback(with_item("MpesaReceiptNumber", value))
    assert (result.succeeded, result.receipt, result.problems) == (True, "", (NO_RECEIPT,))


@pytest.mark.parametrize("metadata", [..., None, [], "x", {}, {"Item": None}, {"Item": ["Amount", 7, None]}])
def test_paid_without_details_has_problems_and_does_not_crash(metadata):
    assert read_callback(make_callback(CallbackMetadata=metadata)).problems == (NO_AMOUNT, NO_RECEIPT)


@pytest.mark.parametrize(
    "balance",
    [
        {},
        {"Value": None},
        {"Value": 12.5},
        {"Value": "{Amount={CurrencyCode=KES, MinimumAmount=618683, BasicAmount=6186.83}}"},
    ],
)
def test_the_balance_is_never_needed(balance):
    items = [{"Name": "Balance"} | balance] + [{"Name": n, "Value": v} for n, v in DETAILS.items()]
    result = read_callback(make_callback(items[::-1]))
    assert (result.amount, result.receipt, result.problems) == (Decimal(250), "NLJ7RT61SV", ())


def test_a_single_item_may_come_without_its_list():
    result = read_callback(make_callback({"Name": "Amount", "Value": 250}))
    assert (result.amount, result.problems) == (Decimal(250), (NO_RECEIPT,))


def test_two_values_for_one_detail_are_a_problem_and_twice_the_same_is_not():
    items = [{"Name": n, "Value": v} for n, v in DETAILS.items()]
    assert read_callback(make_callback([*items, items[0]])).problems == ()
    assert read_callback(make_callback([*items, {"Name": "Amount", "Value": 9000}])).problems == (TWO_VALUES,)


def test_extra_names_are_ignored():
    assert read_callback(make_callback(TinyPesaID=7, ExternalReference=["x"])).problems == ()


@pytest.mark.parametrize(
    "value", [None, "", 20191399102115, "20190230102115", 99991219102115, "00010101000000", 2019, "x" * 14]
)
def test_an_impossible_date_is_remarked_and_does_not_lose_the_payment(value):
    result = read_callback(with_item("TransactionDate", value))
    assert (result.paid_at, result.problems, result.remarks) == (None, (), (ODD_DATE,))


def test_a_date_after_the_arrival_is_not_believed():
    arrival = datetime(2019, 12, 19, 6, 0, tzinfo=UTC)
    assert read_callback(sample("stk_success"), received_at=arrival).paid_at is None


@pytest.mark.parametrize("value", [None, "2547 ***** 126", "25470****149", "ec59" * 16, 600966, True])
def test_a_hidden_phone_is_no_problem(value):
    result = read_callback(with_item("PhoneNumber", value))
    assert (result.phone, result.problems) == ("", ())


def test_a_failure_that_carries_money_is_remarked():
    result = read_callback(make_callback(ResultCode=1032))
    assert (result.succeeded, result.remarks) == (False, (FAILED_WITH_DETAILS,))


def test_words_are_made_fit_for_any_database():
    words = read_callback(make_callback(ResultDesc="a\x00b\ud800c\n" + "d" * 900)).result_desc
    assert words.startswith("a b c d")
    assert len(words) <= 500
    assert words.encode()
