"""What a cell may say: text in, value out, or a ValueError with a sentence for staff."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from import_export.widgets import Widget

from backoffice.money import CENT
from backoffice.spreadsheets.numbers import read_number, shortened, split_currency

EXCEL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!"}
MOST_MONEY = Decimal("9999999999.99")
# Ordinary cells are recognised at once: an import asks a million times.
ORDINARY = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,2})?").fullmatch
WITH_CENTS = re.compile(r"[0-9]{1,10}\.[0-9]{2}").fullmatch
# Day first, as people here write it; years in full, and as Excel shortens them.
DATES = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%Y/%m/%d")
# A date in a cell that is not formatted as one: the days since then. Five digits are 1927 to 2173.
EXCEL_BEGINS = date(1899, 12, 30)
EXCEL_DAYS = re.compile(r"[1-9][0-9]{4}").fullmatch


class CellWidget(Widget):
    """A cell with text in it; an error of Excel is no text.

    `as_is` is a function that tells texts which read() leaves as they are, or None.
    """

    as_is: Callable | None = None

    def clean(self, value, row=None, **kwargs):
        if not value:
            return self.empty()
        if value[0] == "#" and value in EXCEL_ERRORS:
            raise ValueError(_("This cell holds an Excel error (%s). Type the value itself.") % value)
        return self.read(value)

    def read(self, text):
        return text

    def empty(self):
        return ""

    def render(self, value, obj=None, **kwargs):
        return value


class TextWidget(CellWidget):
    """A cell whose text is the value."""

    as_is = re.compile("[^#].*", re.DOTALL).fullmatch


class NumberWidget(CellWidget):
    """A number; with `decimal_comma` the file writes 1.234,50 for it."""

    most: Decimal | int = MOST_MONEY
    decimal_comma = False

    def read(self, text):
        return self.check(read_number(text, decimal_comma=self.decimal_comma), text)

    def check(self, number, text):
        if number < 0:
            raise ValueError(_("“%s” is negative.") % shortened(text))
        if number > self.most:
            raise ValueError(_("“%s” is too large.") % shortened(text))
        return number

    def empty(self):
        return None


class MoneyWidget(NumberWidget):
    """An amount with two decimals at most, with or without a currency beside it.

    A mark of another currency than `currency` is refused; without one every mark will do.
    """

    currency = ""

    @property
    def as_is(self):
        return None if self.decimal_comma else WITH_CENTS

    def clean(self, value, row=None, **kwargs):
        if not value:
            return None
        plain = value
        if self.decimal_comma:
            plain = "" if "." in value else value.replace(",", ".")
        if ORDINARY(plain):
            return Decimal(plain) if plain[-3:-2] == "." else Decimal(plain).quantize(CENT)
        return super().clean(value, row, **kwargs)

    def read(self, text):
        is_bare = text[0].isdigit() and text[-1].isdigit()
        digits, currency = (text, "") if is_bare else split_currency(text)
        number = read_number(digits, decimal_comma=self.decimal_comma, quote=text)
        if currency and self.currency and currency != self.currency:
            raise ValueError(
                _("“%(text)s” is in %(theirs)s, and amounts here are in %(ours)s.")
                % {"text": shortened(text), "theirs": currency, "ours": self.currency}
            )
        amount = self.check(number, text)
        if amount != amount.quantize(CENT):
            raise ValueError(_("“%s” has more than two decimals.") % shortened(text))
        return amount.quantize(CENT)


class YesNoWidget(CellWidget):
    words = {
        **dict.fromkeys(["true", "yes", "y", "1"], True),
        **dict.fromkeys(["false", "no", "n", "0"], False),
    }

    def clean(self, value, row=None, **kwargs):
        answer = self.words.get(value.casefold())
        return super().clean(value, row, **kwargs) if answer is None else answer

    def read(self, text):
        raise ValueError(_("“%s” is neither yes nor no.") % shortened(text))

    def empty(self):
        return None


class DateWidget(CellWidget):
    """A day: 2026-12-31, 31/12/2026, or the number that Excel keeps for it."""

    def empty(self):
        return None

    def read(self, text):
        try:
            return datetime.fromisoformat(text).date()
        except ValueError:
            pass
        if EXCEL_DAYS(text):
            return EXCEL_BEGINS + timedelta(days=int(text))
        for form in DATES:
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no time zone)
            except ValueError:
                pass
        raise ValueError(_("“%s” is no date. Write it as 2026-12-31 or 31/12/2026.") % shortened(text))
