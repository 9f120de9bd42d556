"""Numbers as people write them: thousands apart, a decimal point or comma, a currency around them."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

SPACES = " \u00a0\u2009\u202f"
# What may stand between thousands besides the comma.
APART = SPACES + "'’"
NUMBER = re.compile(
    rf"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+|[0-9]{{1,3}}(?:([,{APART}])[0-9]{{3}})(?:\1[0-9]{{3}})*(?:\.[0-9]*)?)"
)
OTHER_DECIMALS = re.compile(rf"[+-]?[0-9][0-9.{APART}]*,[0-9]{{1,2}}")
POINT_DECIMALS = re.compile(rf"[+-]?[0-9][0-9,{APART}]*\.[0-9]{{1,2}}|[0-9]*\.[0-9]{{4,}}")
NOT_DIGITS = dict.fromkeys(map(ord, "," + APART))
SWAPPED = str.maketrans(".,", ",.")

# The mark in small letters, without a full stop: the code of its currency.
CURRENCY_MARKS = {
    **dict.fromkeys(["kes", "ksh", "kshs"], "KES"),
    **dict.fromkeys(["ghs", "gh₵", "gh¢", "₵"], "GHS"),
    **dict.fromkeys(["usd", "us$", "$"], "USD"),
}
MARK = r"(?:(KES|KShs?|GHS|USD)\.?|(GH₵|GH¢|₵|US\$|\$))"
# Kenyans write 1,200/= and 1,200/- for 1,200 shillings and no cents.
MARKED = re.compile(rf"{MARK}?([^A-Z$₵¢/]*){MARK}?[{SPACES}]*(?:/[=-])?", re.I)
# A longer text is no amount, and would only take long to look at.
LONGEST_AMOUNT = 60


def read_number(text, *, decimal_comma=False, quote=None):
    """Return the Decimal that a text says; raises ValueError with a sentence that quotes `quote` or the text.

    1,234.50, 1 234.50 and 1'234.50 are one number; with `decimal_comma` so are 1.234,50 and 1234,5.
    """
    said = shortened(text if quote is None else quote)
    if text.endswith("%"):
        raise ValueError(_("“%s” is a percentage. Write the number itself.") % said)
    pointed = text.translate(SWAPPED) if decimal_comma else text
    if OTHER_DECIMALS.fullmatch(pointed):
        raise ValueError(other_decimals(text, said, decimal_comma))
    if not NUMBER.fullmatch(pointed):
        raise ValueError(_("“%s” is not a number.") % said)
    return Decimal(pointed.translate(NOT_DIGITS))


def other_decimals(text, said, decimal_comma):
    """Return the sentence about a decimal comma where points are used, or the other way round."""
    if decimal_comma:
        better = text.translate({**NOT_DIGITS, ord("."): ","})
        sentence = _("“%(text)s” has a decimal point, and this file has decimal commas. Write %(better)s.")
    else:
        better = text.translate({**NOT_DIGITS, ord("."): None, ord(","): "."})
        sentence = _("“%(text)s” has a decimal comma. Write %(better)s, with a point.")
    return sentence % {"text": said, "better": better}


def split_currency(text):
    """Return (number as text, code of its currency or ""): `KSh 1,200/=` is ("1,200", "KES").

    A text that is no amount comes back as it is.
    """
    found = MARKED.fullmatch(text) if len(text) <= LONGEST_AMOUNT else None
    if not found:
        return text, ""
    marks = {CURRENCY_MARKS[mark.lower()] for mark in found.group(1, 2, 4, 5) if mark}
    return (text, "") if len(marks) > 1 else (found[3].strip(SPACES), next(iter(marks), ""))


def uses_decimal_comma(texts):
    """Whether amounts have a decimal comma and none has a decimal point; 1,234 and 1.234 prove nothing."""
    numbers = [split_currency(text)[0] for text in texts]
    return any(map(OTHER_DECIMALS.fullmatch, numbers)) and not any(map(POINT_DECIMALS.fullmatch, numbers))


def shortened(text):
    """Return a cell as a sentence quotes it."""
    return text if len(text) <= 40 else f"{text[:39]}…"
