from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, Frozen, TimeStamped, UUIDModel
from backoffice.money import CURRENCIES, format_money
from backoffice.transitions import Move

# Notes and coins in use, by currency; counts of them are kept under these names.
DENOMINATIONS = {
    "KES": ["1000", "500", "200", "100", "50", "40", "20", "10", "5", "1"],
    "GHS": ["200", "100", "50", "20", "10", "5", "2", "1", "0.50", "0.20", "0.10"],
    "USD": ["100", "50", "20", "10", "5", "2", "1", "0.50", "0.25", "0.10", "0.05", "0.01"],
}


def worth_of(counts):
    """Add up {denomination: pieces}."""
    return sum((Decimal(worth) * pieces for worth, pieces in counts.items()), Decimal(0))


class TillStatus(models.TextChoices):
    OPEN = "open", _("Open")
    REVIEW = "review", _("Waits for a second person")
    CLOSED = "closed", _("Closed")


S = TillStatus
COUNTED = (S.REVIEW, S.CLOSED)


class TillSession(UUIDModel, BusinessOwned, TimeStamped):
    """The time in which one person answers for the cash of a drawer, from a counted float to a count.

    Amounts are in `currency`. `expected` is the float and what came and went since; it stands still with the
    count, and `difference` is what was counted beyond it, negative when cash is missing. While it is open,
    `counts` is the last count that was refused for want of a reason; history has them all.
    """

    drawer = models.ForeignKey(
        "payments.CashDrawer", models.PROTECT, related_name="sessions", verbose_name=_("drawer")
    )
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCIES)
    status = models.CharField(_("status"), max_length=20, choices=TillStatus, default=TillStatus.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    float_counts = models.JSONField(_("float by denomination"), default=dict)
    opening_float = models.DecimalField(_("float"), max_digits=12, decimal_places=2)
    closed_at = models.DateTimeField(_("counted at"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("counted by")
    )
    counts = models.JSONField(_("count by denomination"), default=dict)
    expected = models.DecimalField(_("expected"), max_digits=12, decimal_places=2, null=True)
    counted = models.DecimalField(_("counted"), max_digits=12, decimal_places=2, null=True)
    difference = models.DecimalField(_("difference"), max_digits=12, decimal_places=2, null=True)
    explanation = models.CharField(_("reason of the difference"), max_length=255, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("accepted by")
    )

    history = HistoricalRecords()

    SERVICES = "payments.services.counting."
    MOVES = (
        Move("count", sources=(S.OPEN,), target=S.REVIEW),
        Move("close", sources=(S.OPEN,), target=S.CLOSED),
        Move(
            name="accept",
            sources=(S.REVIEW,),
            target=S.CLOSED,
            permission="payments.confirm_payment",
            service=SERVICES + "accept_difference",
            preview=SERVICES + "preview_difference",
            label=_("Accept the difference"),
            icon="done_all",
        ),
    )

    class Meta:
        verbose_name = _("till session")
        verbose_name_plural = _("till sessions")
        ordering = ["-opened_at", "-pk"]
        indexes = [models.Index(fields=["business", "status", "-opened_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["drawer"], condition=Q(status="open"), name="one_open_session_per_drawer"
            ),
            models.UniqueConstraint(
                fields=["business", "opened_by"],
                condition=Q(status="open"),
                name="one_open_session_per_person",
            ),
            models.CheckConstraint(condition=Q(opening_float__gte=0), name="till_float_not_negative"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None)
                | Q(
                    status__in=COUNTED,
                    closed_at__isnull=False,
                    expected__isnull=False,
                    counted__isnull=False,
                    difference__isnull=False,
                ),
                name="till_counted_iff_closed",
            ),
        ]

    def __str__(self):
        return _("%(drawer)s, %(person)s") % {"drawer": self.drawer, "person": self.opened_by}


class CashReason(models.TextChoices):
    TAKEN = "taken", _("Taken for an order")
    REFUND = "refund", _("Given back to a customer")
    MISTAKE = "mistake", _("Recorded by mistake")
    BANKED = "banked", _("Brought to the bank")
    OWNER = "owner", _("Handed to the owner")
    EXPENSE = "expense", _("Paid out for the business")
    ADDED = "added", _("Put in")


class CashMovement(BusinessOwned, Frozen):
    """Cash that came into a drawer, or with a minus went out of it, for ever.

    `handed` is what the customer gave; the change is what of it went back, and is no movement.
    """

    session = models.ForeignKey(
        "payments.TillSession", models.PROTECT, related_name="movements", verbose_name=_("till session")
    )
    reason = models.CharField(_("what"), max_length=20, choices=CashReason)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    handed = models.DecimalField(_("handed over"), max_digits=12, decimal_places=2, null=True)
    payment = models.ForeignKey(
        "payments.Payment",
        models.PROTECT,
        null=True,
        related_name="cash_movements",
        verbose_name=_("payment"),
    )
    note = models.CharField(_("note"), max_length=255, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    key = models.CharField(max_length=64, null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("cash movement")
        verbose_name_plural = _("cash movements")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="cash_movement_not_nothing"),
        ]

    def __str__(self):
        return f"{self.get_reason_display()} {format_money(self.amount, self.session.currency)}"
