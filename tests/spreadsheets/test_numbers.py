"""Numbers are read as people write them, or refused with a sentence."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.spreadsheets.widgets import MoneyWidget, YesNoWidget
from inventory.resources.widgets import BarcodeWidget, PiecesWidget

CENTS = st.decimals(0, "9999999999.99", places=2)


def money(decimal_comma=False, currency=""):
    widget = MoneyWidget()
    widget.decimal_comma, widget.currency = decimal_comma, currency
    return widget.clean


def refusal(clean, text):
    with pytest.raises(ValueError) as caught:
        clean(text)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "1234.5",
        "1234.50",
        "+1234.50",
        "1,234.50",
        "1 234.50",
        "1\u202f234.50",
        "1\xa0234.50",
        "1'234.50",
        "1’234.5",
    ]
    + [
        "KES 1,234.50",
        "KSh 1234.5",
        "Kshs.1,234.50",
        "1234.50 GHS",
        "GH₵1,234.50",
        "$1234.50",
        "US$ 1,234.5",
    ],
)
def test_an_amount_may_have_thousands_apart_and_a_currency_beside_it(text):
    assert str(money()(text)) == "1234.50"


@pytest.mark.parametrize("text", ["1,200/=", "1200/-", "KSh 1,200/=", "ksh. 1200/-", "1200"])
def test_kenyans_write_shillings_without_cents(text):
    assert str(money(currency="KES")(text)) == "1200.00"


@pytest.mark.parametrize("text", ["1.234,50", "1 234,50", "1234,5", "KES 1.234,50", "1'234,50"])
def test_a_file_may_have_decimal_commas(text):
    assert str(money(decimal_comma=True)(text)) == "1234.50"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("12.50", "“12.50” has a decimal point, and this file has decimal commas. Write 12,50."),
        ("1,234.50", "“1,234.50” has a decimal point, and this file has decimal commas. Write 1234,50."),
        ("1,234", "“1,234” has more than two decimals."),
    ],
)
def test_a_point_among_decimal_commas_is_refused(text, sentence):
    assert refusal(money(decimal_comma=True), text) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("16%", "“16%” is a percentage. Write the number itself."),
        ("$ 5", "“$ 5” is in USD, and amounts here are in KES."),
        ("KES 5 USD", "“KES 5 USD” is not a number."),
        ("KES -5", "“KES -5” is negative."),
        ("KES", "“KES” is not a number."),
        ("/=", "“/=” is not a number."),
        ("12 34", "“12 34” is not a number."),
        ("1,234 567", "“1,234 567” is not a number."),
        ("KES 1,5", "“KES 1,5” has a decimal comma. Write 1.5, with a point."),
    ],
)
def test_what_is_no_amount_is_refused_in_words(text, sentence):
    assert refusal(money(currency="KES"), text) == sentence


@given(CENTS)
def test_an_amount_comes_back_in_every_way_of_writing(amount):
    pointed = f"{amount:,.2f}"
    swapped = pointed.translate(str.maketrans(",.", ".,"))
    for clean, text in [
        (money(), str(amount)),
        (money(), pointed),
        (money(), pointed.replace(",", "\u202f")),
        (money(), f"KES {pointed}"),
        (money(decimal_comma=True), swapped),
        (money(decimal_comma=True), str(amount).replace(".", ",")),
    ]:
        assert clean(text) == amount
        assert str(clean(text)) == str(amount)


@given(st.text(alphabet="0123456789.,-+ 'eE%$/=KES#NA", max_size=12), st.booleans())
def test_every_text_is_an_amount_or_a_sentence(text, decimal_comma):
    try:
        amount = money(decimal_comma)(text)
    except ValueError as error:
        assert str(error).endswith((".", ","))
    else:
        assert amount is None or (amount >= 0 and amount == amount.quantize(Decimal("0.01")))


@pytest.mark.parametrize(
    ("text", "pieces"), [("25", 25), ("1,200", 1200), ("1 200", 1200), ("3.0", 3), ("", None)]
)
def test_pieces_are_whole_numbers(text, pieces):
    assert PiecesWidget().clean(text) == pieces


def test_pieces_have_no_currency():
    assert refusal(PiecesWidget().clean, "KES 5") == "“KES 5” is not a number."
    assert refusal(PiecesWidget().clean, "٣") == "“٣” is not a number."


def test_other_cells_are_what_they_were():
    assert BarcodeWidget().clean("6161100420018") == "6161100420018"
    assert YesNoWidget().clean("YES") is True and YesNoWidget().clean("0") is False
    assert YesNoWidget().clean("") is None
    assert "Excel error (#N/A)" in refusal(YesNoWidget().clean, "#N/A")
