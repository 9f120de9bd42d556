from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from backoffice.money import format_money
from backoffice.transitions import Move


class RefundStatus(models.TextChoices):
    REQUESTED = "requested", _("Waits for approval")
    APPROVED = "approved", _("Being sent")
    SENT = "sent", _("Sent, not confirmed")
    SUCCEEDED = "succeeded", _("Given back")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("In doubt")
    REJECTED = "rejected", _("Rejected")


S = RefundStatus
# The money is set aside for the customer, or gone.
HELD = (S.REQUESTED, S.APPROVED, S.SENT, S.UNKNOWN, S.SUCCEEDED)
RUNNING = (S.APPROVED, S.SENT, S.UNKNOWN)


class Refund(UUIDModel, BusinessOwned, TimeStamped):
    """Money given back to a customer, in the payment's currency: a part of a payment, or all of it.

    It comes out of the payment's free money or, with `allocation`, out of what an order was paid with. It is
    set aside when the refund is asked for, and free again when it is rejected or fails. The key is the
    idempotency key towards the provider. `sent_at` is when it was first taken up to be sent, `phone` where
    M-Pesa pays a part out to; since `looked_up_at` answers to our question may come as well as the result.
    """

    payment = models.ForeignKey(
        "payments.Payment", models.PROTECT, related_name="refunds", verbose_name=_("payment")
    )
    allocation = models.ForeignKey(
        "payments.Allocation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="refunds",
        verbose_name=_("out of"),
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=255)
    status = models.CharField(
        _("status"), max_length=20, choices=RefundStatus, default=RefundStatus.REQUESTED, editable=False
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    phone = models.CharField(_("phone"), max_length=15, blank=True, help_text=_("254 and nine digits."))
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    looked_up_at = models.DateTimeField(_("looked up"), null=True, editable=False)
    done_at = models.DateTimeField(_("given back"), null=True, editable=False)
    reference = models.CharField(_("provider's reference"), max_length=100, null=True, editable=False)
    receipt = models.CharField(_("receipt"), max_length=100, null=True, editable=False)
    message = models.CharField(_("what happened"), max_length=255, blank=True)
    # Names the opened form that asked for it, so that one form asks once.
    entry_key = models.CharField(max_length=64, null=True, unique=True, editable=False)

    history = HistoricalRecords()

    MOVES = (
        Move("approve", sources=(S.REQUESTED,), target=S.APPROVED),
        Move("reject", sources=(S.REQUESTED, S.APPROVED), target=S.REJECTED),
        Move("send", sources=(S.APPROVED, S.UNKNOWN), target=S.SENT),
        Move("doubt", sources=(S.APPROVED, S.SENT), target=S.UNKNOWN),
        Move("succeed", sources=(S.APPROVED, S.SENT, S.UNKNOWN, S.FAILED), target=S.SUCCEEDED),
        Move("fail", sources=(S.APPROVED, S.SENT, S.UNKNOWN, S.SUCCEEDED), target=S.FAILED),
    )

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-created_at", "-pk"]
        permissions = [
            ("request_refund", _("Can ask for refunds")),
            ("approve_refund", _("Can approve refunds")),
            ("export_refund", _("Can export refunds")),
        ]
        indexes = [models.Index(fields=["business", "status", "-created_at"])]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            models.UniqueConstraint(fields=["reference"], name="refund_reference_once"),
            models.UniqueConstraint(fields=["receipt"], name="refund_receipt_once"),
        ]

    def __str__(self):
        return _("Refund of %s") % format_money(self.amount, self.payment.currency)
