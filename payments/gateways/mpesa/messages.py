"""What goes to Daraja and what comes back from an M-Pesa prompt, checked before it leaves."""

import re
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from payments.gateways.mpesa.callback_address import FORBIDDEN_WORDS, check_address
from payments.gateways.mpesa.config import LOOPBACK, MpesaConfig
from payments.gateways.mpesa.daraja import Refused, Unanswered

__all__ = [
    "FORBIDDEN_WORDS",
    "LOOPBACK",
    "MpesaConfig",
    "PushAccepted",
    "PushRefused",
    "PushRequest",
    "PushUnknown",
    "round_up_shillings",
]

LEAST_SHILLINGS = 1
MOST_SHILLINGS = 250_000
LONGEST_REFERENCE = 12
LONGEST_DESCRIPTION = 13


@dataclass(frozen=True, slots=True)
class PushRequest:
    """A prompt to show on a customer's phone.

    `amount` is in whole KES; `phone` is 2547XXXXXXXX or 2541XXXXXXXX; `reference` is printed on the prompt
    and in the customer's SMS, so it is no secret; `callback_url` is where the result is posted, once. Raises
    RuleBroken for what Daraja would refuse.
    """

    amount: int
    phone: str = field(repr=False)
    reference: str
    description: str
    callback_url: str = field(repr=False)  # holds the token that admits the callback

    def __post_init__(self) -> None:
        if type(self.amount) is not int or not LEAST_SHILLINGS <= self.amount <= MOST_SHILLINGS:
            raise RuleBroken(_("M-Pesa takes from KES 1 to KES 250,000 in one payment, in whole shillings."))
        if not re.fullmatch(r"254[17][0-9]{8}", self.phone):
            raise RuleBroken(_("This is not a Kenyan mobile number. Write it like 0712 345 678."))
        if not 1 <= len(self.reference.strip()) <= len(self.reference) <= LONGEST_REFERENCE:
            raise RuleBroken(_("M-Pesa shows a reference of 1 to 12 characters."))
        if len(self.description) > LONGEST_DESCRIPTION:
            raise RuleBroken(_("M-Pesa shows a description of at most 13 characters."))
        check_address(self.callback_url, allow_http=True)


@dataclass(frozen=True, slots=True)
class PushAccepted:
    """Daraja took the prompt for processing. That is not a payment: the callback or a query tells."""

    merchant_request_id: str
    checkout_request_id: str = field(repr=False)  # ends in the payer's phone number
    customer_message: str


# Of a prompt: certainly nothing on any phone; and: perhaps on the phone, so never to be sent again by itself.
PushRefused = Refused
PushUnknown = Unanswered


def round_up_shillings(amount: Decimal) -> int:
    """Return the next whole shilling at or above `amount` (KES): 249.97 and 250.00 are both 250.

    M-Pesa prompts are in whole shillings, and rounding up keeps an order from staying unpaid by some cents.
    The difference is the caller's to record. Raises ValueError for anything but a positive, finite Decimal.
    """
    if not isinstance(amount, Decimal) or not amount.is_finite() or not 0 < amount <= 10**12:
        raise ValueError("an amount in KES is a positive Decimal")
    return int(amount.to_integral_value(rounding=ROUND_CEILING))
