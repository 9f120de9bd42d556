"""The currencies that PayPal takes, and amounts as it writes them.

The list is PayPal's, without those that only accounts of one country may use. KES and GHS are not on it.
"""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken

WITH_CENTS = frozenset(
    [
        "AUD",
        "CAD",
        "CHF",
        "CZK",
        "DKK",
        "EUR",
        "GBP",
        "HKD",
        "ILS",
        "MXN",
        "NOK",
        "NZD",
        "PHP",
        "PLN",
        "SEK",
        "SGD",
        "THB",
        "USD",
    ]
)
WITHOUT_CENTS = frozenset(["HUF", "JPY", "TWD"])
CURRENCIES = WITH_CENTS | WITHOUT_CENTS

MOST = Decimal("9999999.99")
MONEY = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,2})?")
CURRENCY = re.compile(r"[A-Z]{3}")


def write_money(amount: Decimal, currency: str) -> dict[str, str]:
    """Return `amount` of `currency` as PayPal takes it; raise RuleBroken for what it refuses."""
    if currency not in CURRENCIES:
        raise RuleBroken(
            _("PayPal does not take %(currency)s. Ask for the amount in another currency, such as USD.")
            % {"currency": currency}
        )
    if not isinstance(amount, Decimal) or not amount.is_finite() or not 0 < amount <= MOST:
        raise RuleBroken(_("PayPal takes an amount above zero, of at most seven digits."))
    places = 0 if currency in WITHOUT_CENTS else 2
    exact = amount.quantize(Decimal(1).scaleb(-places))
    if exact != amount:
        raise RuleBroken(
            _("%(currency)s %(amount)s has more decimals than PayPal takes.")
            % {"currency": currency, "amount": amount}
        )
    return {"currency_code": currency, "value": f"{exact:f}"}


def read_money(money: Any) -> tuple[Decimal | None, str]:
    """Return amount and currency of a PayPal amount, None and "" for what is none.

    The sign is dropped: money that goes back is sometimes written with a minus.
    """
    value, currency = (
        (money.get("value"), money.get("currency_code")) if isinstance(money, dict) else ("", "")
    )
    if not isinstance(value, str) or not isinstance(currency, str):
        return None, ""
    if not MONEY.fullmatch(value) or not CURRENCY.fullmatch(currency):
        return None, ""
    return (abs(Decimal(value)) or None), currency
