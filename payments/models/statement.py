from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, Frozen, TimeStamped, UUIDModel
from backoffice.money import format_money


class LineKind(models.TextChoices):
    CUSTOMER = "customer", _("Customer's money")
    REVERSAL = "reversal", _("Reversal")
    PAYOUT = "payout", _("Paid out")
    CHARGE = "charge", _("Charge")
    TRANSFER = "transfer", _("Own money moved")
    OTHER = "other", _("Other")


# What may be a customer's money when it came in; the others are told apart and never compared with payments.
COMPARED = (LineKind.CUSTOMER, LineKind.OTHER)


class StatementLine(UUIDModel, BusinessOwned, TimeStamped):
    """One line of a statement that a provider or a bank gave: its own word about money in and out.

    It is of M-Pesa (`bank` is empty, `account` is the business's own, if it has one) or of the bank account
    that `bank` names. Amounts are in the business's currency. `key` is what the line is known by, so that
    files that overlap bring it once. A line is never changed; staff say which payment it is, where no
    receipt says so, or put it aside with a note.
    """

    account = models.ForeignKey(
        "payments.ProviderAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statement_lines",
        verbose_name=_("account"),
    )
    bank = models.CharField(_("bank account"), max_length=100, blank=True)
    key = models.CharField(max_length=255, editable=False)
    receipt = models.CharField(_("receipt"), max_length=100, blank=True)
    happened_at = models.DateTimeField(_("when"))
    value_date = models.DateField(_("value date"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=LineKind)
    paid_in = models.DecimalField(_("paid in"), max_digits=12, decimal_places=2, default=Decimal(0))
    paid_out = models.DecimalField(_("paid out"), max_digits=12, decimal_places=2, default=Decimal(0))
    balance = models.DecimalField(_("balance"), max_digits=14, decimal_places=2, null=True, blank=True)
    details = models.CharField(_("details"), max_length=500, blank=True)
    reason_type = models.CharField(_("reason"), max_length=100, blank=True)
    counterparty = models.CharField(_("other party"), max_length=255, blank=True)
    payer_reference = models.CharField(_("reference given"), max_length=100, blank=True)
    linked_receipt = models.CharField(_("linked receipt"), max_length=100, blank=True)
    job = models.ForeignKey(
        "imports.ImportJob",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("import"),
    )
    payment = models.OneToOneField(
        "payments.Payment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statement_line",
        verbose_name=_("payment"),
        help_text=_("What staff said; a line whose receipt is a payment's needs no saying."),
    )
    parked_at = models.DateTimeField(_("put aside"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=255, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("statement line")
        verbose_name_plural = _("statement lines")
        ordering = ["-happened_at", "-pk"]
        permissions = [
            ("load_statement", _("Can load statements")),
            ("reconcile_statement", _("Can settle differences with statements")),
        ]
        indexes = [
            models.Index(fields=["business", "happened_at"]),
            models.Index(fields=["business", "receipt"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["business", "key"], name="statement_line_once"),
            models.CheckConstraint(
                condition=Q(paid_in__gt=0, paid_out=0) | Q(paid_in=0, paid_out__gt=0),
                name="statement_line_in_or_out",
            ),
            models.CheckConstraint(
                condition=Q(payment=None) | Q(paid_in__gt=0), name="statement_line_payment_came_in"
            ),
        ]

    def __str__(self):
        return (
            f"{self.receipt or self.details[:30]} {format_money(self.paid_in or self.paid_out, '')}".strip()
        )

    @property
    def is_compared(self):
        """Whether it may be a customer's money, which the books should have."""
        return self.paid_in > 0 and self.kind in COMPARED

    @property
    def is_reversal(self):
        """Whether it is money given back, which the books should have."""
        return self.paid_out > 0 and self.kind == LineKind.REVERSAL


class Explanation(BusinessOwned, Frozen):
    """Why a payment stands in no statement, or with another amount: what somebody found out and wrote."""

    payment = models.OneToOneField(
        "payments.Payment", models.PROTECT, related_name="explanation", verbose_name=_("payment")
    )
    text = models.CharField(_("explanation"), max_length=255)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("explanation")
        verbose_name_plural = _("explanations")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.text
