from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.gateways.stripe.amounts import THREE_DECIMAL, ZERO_DECIMAL, from_units, to_units

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("249.97", "KES", 24997),
        ("19.99", "USD", 1999),
        ("250", "GHS", 25000),
        ("500", "JPY", 500),
        ("500.00", "RWF", 500),
        ("5.12", "KWD", 5120),
        ("5", "ISK", 500),
    ],
)
def test_amounts_are_in_the_smallest_unit_of_their_currency(amount, currency, units):
    assert to_units(Decimal(amount), currency) == units
    assert from_units(units, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0", "KES"),
        ("-1", "KES"),
        ("0.001", "KES"),
        ("1.5", "JPY"),
        ("5.124", "KWD"),
        ("5.50", "ISK"),
        ("1000000", "KES"),
        ("NaN", "KES"),
        ("Infinity", "KES"),
        ("1E+400", "KES"),
        ("5", "UGX"),
        ("5", "kes"),
        ("5", ""),
    ],
)
def test_nothing_is_rounded_or_guessed(amount, currency):
    with pytest.raises(ValueError, match="."):
        to_units(Decimal(amount), currency)


def test_a_float_is_no_amount():
    with pytest.raises(ValueError, match="limit"):
        to_units(2.5, "KES")


@pytest.mark.parametrize("units", [None, True, "1", 1.5, Decimal(1), -1, 10**12, [], {}])
def test_only_integers_are_units(units):
    assert from_units(units, "KES") is None


@pytest.mark.parametrize("currency", ["", "kes", "KESH", "UGX", "٣٣٣"])
def test_units_of_no_known_currency_are_no_amount(currency):
    assert from_units(100, currency) is None


@given(st.integers(1, 9_999_999), st.sampled_from(["KES", "USD", *ZERO_DECIMAL, *THREE_DECIMAL]))
def test_there_and_back_again(units, currency):
    units *= 10 if currency in THREE_DECIMAL else 1
    assert to_units(from_units(units, currency), currency) == units
