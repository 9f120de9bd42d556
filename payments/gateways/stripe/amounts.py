"""Amounts as Stripe writes them: integers of the currency's smallest unit, by Stripe's own lists."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

ZERO_DECIMAL = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
THREE_DECIMAL = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
# Stripe's pages list it among those without decimals, and as one to be sent with two: nobody can tell.
UNCLEAR = frozenset({"UGX"})
STEPS = {"ISK": 100, **dict.fromkeys(THREE_DECIMAL, 10)}
MOST_UNITS = 99_999_999
CURRENCY = re.compile(r"[A-Z]{3}")


def decimals_of(currency: str) -> int | None:
    """Return how many decimals Stripe gives to a currency (`KES`), None where that is not known."""
    if not CURRENCY.fullmatch(currency) or currency in UNCLEAR:
        return None
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def to_units(amount: Decimal, currency: str) -> int:
    """Return an amount in smallest units: KES 249.97 is 24997, JPY 500 is 500.

    Raises ValueError with a sentence for staff for what Stripe would not take, never rounding.
    """
    decimals = decimals_of(currency)
    if decimals is None:
        raise ValueError(
            _("Stripe cannot be asked for amounts in %(currency)s.") % {"currency": currency[:10]}
        )
    if not isinstance(amount, Decimal) or not amount.is_finite() or not 0 < amount < 10**9:
        raise ValueError(_("An amount for Stripe is more than nothing, and has a limit."))
    units = amount.scaleb(decimals)
    if units != units.to_integral_value() or int(units) % STEPS.get(currency, 1):
        raise ValueError(
            _("%(currency)s %(amount)s cannot be paid by card: it is finer than the currency.")
            % {"currency": currency, "amount": amount}
        )
    if units > MOST_UNITS:
        raise ValueError(_("Stripe takes no amount of more than eight digits."))
    return int(units)


def from_units(units: object, currency: str) -> Decimal | None:
    """Return the amount that an integer of smallest units stands for, None when it is no amount of money."""
    decimals = decimals_of(currency)
    # By exact type: True is an int in Python.
    if type(units) is not int or decimals is None or not 0 <= units < 10**12:
        return None
    return Decimal(units).scaleb(-decimals)
