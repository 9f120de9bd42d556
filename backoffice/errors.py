from django.db import IntegrityError, OperationalError
from django.utils.translation import gettext as _


class RuleBroken(Exception):
    """A business rule refused the change; the text is a sentence staff can read and act on.

    `parts` holds the sentences about single lines by what the line is about, such as {product id: sentence},
    so that a form can say each beside its line.
    """

    def __init__(self, text, parts=None):
        super().__init__(text)
        self.parts = parts or {}


# What a page answers with a sentence: a rule, a twin that was faster, a lock held too long.
REFUSALS = (RuleBroken, IntegrityError, OperationalError)


def refusal_text(error):
    """Return what staff read when one of the REFUSALS kept something from being saved."""
    if isinstance(error, RuleBroken):
        return str(error)
    if isinstance(error, OperationalError):
        return _("Too many people are saving at this moment. Nothing was saved; try again.")
    return _("Somebody saved something alike at the same moment. Look at the list, then try again.")
