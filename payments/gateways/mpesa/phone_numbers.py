"""Kenyan mobile numbers as M-Pesa wants them."""

import re

from django.utils.translation import gettext_lazy as _

SPACING = re.compile(r"[\s()\-\u2010-\u2015]")
MOBILE = re.compile(r"(?:\+254|00254|254|0)?([17][0-9]{8})")


def normalise_phone(text: object) -> str:
    """Return a Kenyan mobile number as `2547XXXXXXXX` or `2541XXXXXXXX`.

    Accepts 07…, 01…, 7…, 1…, +254…, 254… and 00254… with spaces, dashes and brackets. Raises ValueError for
    anything else, landlines and foreign numbers included: the last nine digits of a wrong number are a
    stranger's.
    """
    match = MOBILE.fullmatch(SPACING.sub("", str(text)))
    if not match:
        raise ValueError(_("This is not a Kenyan mobile number. Write it like 0712 345 678."))
    return f"254{match[1]}"


def mask_phone(phone: object) -> str:
    """Return a phone number fit for logs: `254712345678` becomes `2547*****678`."""
    text = str(phone)
    if len(text) < 10:
        return "*" * len(text)
    return f"{text[:4]}{'*' * (len(text) - 7)}{text[-3:]}"
