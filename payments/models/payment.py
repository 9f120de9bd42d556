from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from backoffice.money import CURRENCIES, format_money
from backoffice.transitions import Move


class PaymentStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    SUCCESSFUL = "successful", _("Successful")
    FAILED = "failed", _("Failed")
    REFUNDED = "refunded", _("Refunded")


class PaymentMethod(models.TextChoices):
    MPESA = "mpesa", _("M-Pesa")
    CASH = "cash", _("Cash")
    CARD = "card", _("Card")
    PAYPAL = "paypal", _("PayPal")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    CHEQUE = "cheque", _("Cheque")


S = PaymentStatus
RECEIVED = (S.SUCCESSFUL, S.REFUNDED)


class Payment(UUIDModel, BusinessOwned, TimeStamped):
    """Money that came, or is awaited, from a customer; `order` is the one that it was asked for.

    All amounts are in `currency`. `free` is what is used for no order yet and not on its way back: unmatched
    money, the customer's credit. `rounding` is what the amount exceeds what was due by because M-Pesa takes
    whole shillings only. What a payment is used for, its allocations say. A stranger's money has no customer;
    what the provider tells of the payer is kept beside it. Free money waits for somebody to say what it is
    for, unless it was `parked_at` a moment or kept as its customer's credit, `credit_at`.
    """

    customer = models.ForeignKey(
        "people.Customer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("customer"),
    )
    order = models.ForeignKey(
        "sales.Order", models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("order")
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    rounding = models.DecimalField(_("rounding"), max_digits=12, decimal_places=2, default=Decimal(0))
    free = models.DecimalField(_("free"), max_digits=12, decimal_places=2, default=Decimal(0))
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCIES, default="KES")
    method = models.CharField(_("method"), max_length=20, choices=PaymentMethod)
    status = models.CharField(
        _("status"), max_length=20, choices=PaymentStatus, default=PaymentStatus.PENDING
    )
    transaction_id = models.CharField(
        _("receipt"), max_length=255, null=True, blank=True, help_text=_("The provider's own reference.")
    )
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    account = models.ForeignKey(
        "payments.ProviderAccount",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("received at"),
    )
    payer_name = models.CharField(_("payer"), max_length=200, blank=True)
    payer_phone = models.CharField(_("payer's phone"), max_length=15, blank=True)
    payer_hash = models.CharField(max_length=64, blank=True, editable=False)
    payer_reference = models.CharField(
        _("reference given"), max_length=100, blank=True, help_text=_("What the payer typed as account.")
    )
    parked_at = models.DateTimeField(_("parked"), null=True, blank=True)
    credit_at = models.DateTimeField(_("kept as credit"), null=True, blank=True, editable=False)
    note = models.CharField(_("note"), max_length=255, blank=True)
    # Names the opened form that recorded it, so that one form records once.
    entry_key = models.CharField(max_length=64, null=True, unique=True, editable=False)

    history = HistoricalRecords()

    # A failed payment may be tried again, and money may still arrive late. A refund may come back.
    MOVES = (
        Move("succeed", sources=(S.PENDING, S.FAILED), target=S.SUCCESSFUL),
        Move("fail", sources=(S.PENDING,), target=S.FAILED),
        Move("retry", sources=(S.FAILED,), target=S.PENDING),
        Move("refund", sources=(S.SUCCESSFUL,), target=S.REFUNDED),
        Move("restore", sources=(S.REFUNDED,), target=S.SUCCESSFUL),
    )

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-created_at", "-pk"]
        permissions = [
            ("request_payment", _("Can ask customers for M-Pesa payments")),
            ("record_payment", _("Can record cash, transfers and cheques")),
            ("confirm_payment", _("Can confirm money seen at the bank")),
            ("reverse_payment", _("Can reverse money recorded by mistake")),
            ("match_payment", _("Can use unmatched money for an order")),
            ("export_payment", _("Can export payments")),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"]),
            models.Index(fields=["business", "status", "-created_at"]),
            models.Index(fields=["business", "paid_at"]),
            models.Index(fields=["customer", "-created_at"]),
            models.Index(
                fields=["business", "created_at"],
                condition=Q(status="successful", free__gt=0),
                name="payment_unmatched",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(status="pending"), name="one_awaited_payment_per_order"
            ),
            models.UniqueConstraint(fields=["method", "transaction_id"], name="payment_receipt_used_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(free__gte=0, free__lte=F("amount")), name="payment_free_within_amount"
            ),
            models.CheckConstraint(
                condition=Q(status__in=RECEIVED, paid_at__isnull=False)
                | (~Q(status__in=RECEIVED) & Q(paid_at=None)),
                name="payment_paid_at_iff_received",
            ),
        ]

    def __str__(self):
        return f"{self.get_method_display()} {format_money(self.amount, self.currency)}"

    @property
    def is_unmatched(self):
        """Whether some of it waits for somebody to say what it is for."""
        return self.free > 0 and self.status == PaymentStatus.SUCCESSFUL


class UnmatchedMoney(Payment):
    """Received money of which some is free: the rows of the money inbox, which are payments."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("unmatched money")
        verbose_name_plural = _("money inbox")
        ordering = ["created_at", "pk"]
