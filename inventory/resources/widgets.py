"""What a cell of a product may say, beside text, money, yes and no."""

import re
from functools import lru_cache

from django.utils.translation import gettext as _

from backoffice.spreadsheets.numbers import shortened
from backoffice.spreadsheets.widgets import CellWidget, NumberWidget
from inventory.models import Category
from inventory.services.categories import split_path
from inventory.services.stock import MOST_PIECES

SHORTENED = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
ORDINARY_DIGITS = 6
# To one supplier 1.000 is a thousand, to another it is one; with a decimal comma that is so of 1,000.
DOUBTFUL = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}").fullmatch


class PiecesWidget(NumberWidget):
    """A whole number of pieces."""

    most = MOST_PIECES

    def clean(self, value, row=None, **kwargs):
        if value.isdigit() and value.isascii() and len(value) <= ORDINARY_DIGITS:
            return int(value)
        return super().clean(value, row, **kwargs)

    def read(self, text):
        number = super().read(text)
        doubtful = DOUBTFUL(text)
        if doubtful and doubtful[1] == ("," if self.decimal_comma else "."):
            raise ValueError(
                _("“%s” can be read in two ways. Write the pieces without a point or comma.")
                % shortened(text)
            )
        if number != number.to_integral_value():
            raise ValueError(_("“%s” is not a whole number.") % shortened(text))
        return int(number)


class BarcodeWidget(CellWidget):
    as_is = staticmethod(str.isdigit)

    def clean(self, value, row=None, **kwargs):
        return value if value.isdigit() else super().clean(value, row, **kwargs)

    def read(self, text):
        if SHORTENED.fullmatch(text):
            raise ValueError(
                _("Excel has shortened this barcode to %s. Format the column as text and type it again.")
                % text
            )
        return text


class CategoryPathWidget(CellWidget):
    """A path such as `Drinks > Water`, as the tuple of its names."""

    def read(self, text):
        return read_path(text)


@lru_cache(maxsize=4096)
def read_path(text):
    """Return the names of a path; a file repeats a few of them over and over. Raises ValueError."""
    names = tuple(split_path(text))
    if not names:
        raise ValueError(_("“%s” is not a category.") % shortened(text))
    longest = Category._meta.get_field("name").max_length
    if max(map(len, names)) > longest:
        raise ValueError(_("The name of a category has at most %d characters.") % longest)
    if len(Category.SEPARATOR.join(names)) > Category._meta.get_field("path").max_length:
        raise ValueError(_("This category lies too deep in the tree."))
    return names
