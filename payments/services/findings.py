"""Why a statement and the books differ: one reason each, until somebody settles it."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.models import Payment, Refund, StatementLine
from payments.services.refund_ways import amount_back


class Kind(models.TextChoices):
    UNBOOKED = "unbooked", _("In the statement, not in the books")
    UNSEEN = "unseen", _("In the books, not in the statement")
    AMOUNT = "amount", _("The amounts differ")
    BACK_UNBOOKED = "back_unbooked", _("Given back in the statement, not in the books")
    BACK_UNSEEN = "back_unseen", _("Given back in the books, not in the statement")
    BACK_AMOUNT = "back_amount", _("Given back with different amounts")
    ELSEWHERE = "elsewhere", _("On another day or account")
    ASIDE = "aside", _("Put aside")


SETTLED = (Kind.ELSEWHERE, Kind.ASIDE)


@dataclass(frozen=True)
class Finding:
    """One reason why the two sides differ; `amount` is what it adds to the statement beyond the books.

    With a `refund`, or a line that took money out, it is about money given back.
    """

    kind: Kind
    line: StatementLine | None
    payment: Payment | None
    amount: Decimal
    refund: Refund | None = None

    @property
    def is_open(self):
        """Whether it waits for somebody."""
        return self.kind not in SETTLED

    @property
    def note(self):
        if self.line and self.line.note:
            return self.line.note
        explanation = getattr(self.payment, "explanation", None) if self.payment else None
        return explanation.text if explanation else ""

    @property
    def in_statement(self):
        """The amount there, or None."""
        return (self.line.paid_in or self.line.paid_out) if self.line else None

    @property
    def in_books(self):
        """The amount there, or None."""
        if self.refund:
            return amount_back(self.refund)
        return self.payment.amount if self.payment else None
