"""The numbers of orders, and what customers type of them when they pay."""

import re
from dataclasses import dataclass

from django.db.models import Max

from backoffice.transitions import lock
from sales.models import Order

# Without I, O and U, which people take for 1, 0 and V.
CHECK_LETTERS = "ABCDEFGHJKLMNPQRSTVWXYZ"
ALIKE = str.maketrans("OI", "01")
# What no sloppiness puts into a number.
STRANGE = re.compile(r"[^\w\s/.#\u2010-\u2015-]")


def next_order_number(business):
    """Return (sequence, number) for the business's next order, such as (42, "R-0042").

    Call inside transaction.atomic(): the business row stays locked, so two orders never share a number.
    """
    lock(business)
    last = Order._base_manager.filter(business=business).aggregate(last=Max("sequence"))["last"] or 0
    return last + 1, f"{business.code}-{last + 1:04d}"


def plain(text):
    """Return a number or reference without what people vary: case, spaces, dashes, O for 0 and I for 1."""
    return re.sub(r"[^0-9A-Z]", "", text.upper()).translate(ALIKE)


def check_character(number):
    """Return the letter that shows whether a number was mistyped: one wrong digit or two exchanged change it.

    The rest of a division by the prime 23, as in Spanish identity numbers. A letter is never taken for a
    digit of the number.
    """
    return CHECK_LETTERS[int(plain(number), 36) % len(CHECK_LETTERS)]


def order_reference(order, longest=40):
    """Return what customers are told to write when they pay: the number and its check letter, R-0042-S.

    Where only `longest` characters are allowed and the letter finds no room, it is the number alone.
    """
    reference = f"{order.number}-{check_character(order.number)}"
    return reference if len(reference) <= longest else order.number[:longest]


@dataclass(frozen=True)
class TypedNumber:
    """An order's number as one typed it: `is_checked` with the right letter, `is_mistyped` a wrong one."""

    sequence: int
    is_checked: bool = False
    is_mistyped: bool = False
    is_bare: bool = False


def read_reference(text, code):
    """Return the TypedNumber in what a payer typed, for a business with this code, or None.

    `is_bare` when the code is missing, so that any business's number could be meant.
    """
    if STRANGE.search(text):
        return None
    found = re.fullmatch(rf"({re.escape(plain(code))})?([0-9]{{1,9}})([A-Z])?", plain(text))
    if not found or not int(found[2]):
        return None
    sequence, letter = int(found[2]), found[3]
    right = check_character(f"{code}{sequence:04d}")
    return TypedNumber(
        sequence,
        is_checked=letter == right,
        is_mistyped=bool(letter) and letter != right,
        is_bare=not found[1],
    )
