from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from backoffice.money import CURRENCIES, format_money
from backoffice.transitions import Move

# Written down later than this after its day, a claim is worth a second look.
LATE = timedelta(days=7)


class TransferStatus(models.TextChoices):
    CLAIMED = "claimed", _("Claimed")
    CONFIRMED = "confirmed", _("Confirmed")
    REJECTED = "rejected", _("Rejected")


S = TransferStatus


class BankTransfer(UUIDModel, BusinessOwned, TimeStamped):
    """A transfer that somebody says was made for an order. It is a payment once it is seen on the statement.

    A claim holds nothing back: until it is confirmed the order can be paid in any other way.
    """

    order = models.ForeignKey(
        "sales.Order", models.PROTECT, related_name="bank_transfers", verbose_name=_("order")
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCIES)
    bank_account = models.CharField(_("to our account"), max_length=60)
    reference = models.CharField(_("bank's reference"), max_length=60)
    value_date = models.DateField(_("value date"))
    note = models.CharField(_("note"), max_length=255, blank=True)
    status = models.CharField(
        _("status"), max_length=20, choices=TransferStatus, default=TransferStatus.CLAIMED
    )
    payment = models.OneToOneField(
        "payments.Payment", models.PROTECT, null=True, related_name="bank_transfer", verbose_name=_("payment")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    key = models.CharField(max_length=64, null=True, unique=True, editable=False)

    history = HistoricalRecords()

    SERVICES = "payments.services.transfers."
    MOVES = (
        Move(
            name="confirm",
            sources=(S.CLAIMED,),
            target=S.CONFIRMED,
            permission="payments.confirm_payment",
            service=SERVICES + "confirm_transfer",
            preview=SERVICES + "preview_confirm",
            label=_("Confirm: seen on the statement"),
            icon="task_alt",
        ),
        Move(
            name="reject",
            sources=(S.CLAIMED,),
            target=S.REJECTED,
            permission="payments.confirm_payment",
            service=SERVICES + "reject_transfer",
            preview=SERVICES + "preview_reject",
            label=_("Reject: never arrived"),
            icon="block",
            harmful=True,
        ),
    )

    class Meta:
        verbose_name = _("bank transfer")
        verbose_name_plural = _("bank transfers")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["business", "status", "-created_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["business", "bank_account", "reference", "amount"],
                condition=~Q(status="rejected"),
                name="transfer_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_positive"),
            models.CheckConstraint(condition=~Q(reference=""), name="transfer_has_a_reference"),
            models.CheckConstraint(
                condition=Q(status="confirmed", payment__isnull=False)
                | (~Q(status="confirmed") & Q(payment=None)),
                name="transfer_paid_iff_confirmed",
            ),
        ]

    def __str__(self):
        return _("Transfer %(reference)s, %(amount)s") % {
            "reference": self.reference,
            "amount": format_money(self.amount, self.currency),
        }

    @property
    def is_late(self):
        """Whether it was written down long after its day."""
        return timezone.localdate(self.created_at) - self.value_date > LATE
