from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from backoffice.money import format_money
from backoffice.transitions import Move
from payments.models.account import Provider
from payments.models.looks import LookedAfter


class AttemptStatus(models.TextChoices):
    CREATED = "created", _("Being sent")
    SUBMITTED = "submitted", _("On the phone")
    SUCCEEDED = "succeeded", _("Paid")
    FAILED = "failed", _("Not paid")
    EXPIRED = "expired", _("No answer")
    UNKNOWN = "unknown", _("In doubt")
    REVIEW = "review", _("To be looked at")


S = AttemptStatus
OPEN = (S.CREATED, S.SUBMITTED)
UNDECIDED = (S.CREATED, S.SUBMITTED, S.UNKNOWN)
UNPAID = (*UNDECIDED, S.FAILED, S.EXPIRED, S.REVIEW)
# A prompt ends on the phone after about a minute; after three nobody will answer it any more.
PROMPT_LIFETIME = timedelta(minutes=3)
# How long the customer may still pay: a prompt, a payment page of Stripe, an order that PayPal keeps open.
LIFETIMES = {
    Provider.MPESA: PROMPT_LIFETIME,
    Provider.STRIPE: timedelta(hours=24),
    Provider.PAYPAL: timedelta(hours=3),
}


class PaymentAttempt(UUIDModel, BusinessOwned, TimeStamped, LookedAfter):
    """One request for money at a provider, committed before the provider is called.

    The callback carries nothing of ours, so a secret token in its address says which attempt it
    answers; only the token's SHA-256 is kept. `amount_requested` is what the provider was asked for, in
    `currency`; `worth` is what that counts for in the order's currency, at `rate` where the two differ.
    `checkout_request_id` and `merchant_request_id` are the provider's own names of the request.
    `claimed_receipt` is what staff read in the customer's own message; nobody has verified it.

    Paid means that money came by this prompt: `payment` is that money, which may be unmatched. To be
    looked at means that a delivery says so, but in a way that cannot be booked; a person ends it.
    """

    payment = models.ForeignKey(
        "payments.Payment", models.PROTECT, related_name="attempts", verbose_name=_("payment")
    )
    order = models.ForeignKey(
        "sales.Order", models.PROTECT, related_name="payment_attempts", verbose_name=_("order")
    )
    provider = models.CharField(
        _("provider"), max_length=20, choices=Provider, default=Provider.MPESA, editable=False
    )
    account = models.ForeignKey(
        "payments.ProviderAccount",
        models.PROTECT,
        null=True,
        related_name="attempts",
        verbose_name=_("asked by way of"),
    )
    amount_requested = models.DecimalField(_("amount asked for"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="KES")
    worth = models.DecimalField(_("worth"), max_digits=12, decimal_places=2, default=Decimal(0))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8, null=True, editable=False)
    phone = models.CharField(_("phone"), max_length=15, blank=True, help_text=_("254 and nine digits."))
    link = models.CharField(_("link for the customer"), max_length=2000, blank=True, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    merchant_request_id = models.CharField(max_length=100, blank=True, editable=False)
    checkout_request_id = models.CharField(max_length=100, null=True, unique=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    status = models.CharField(
        _("status"), max_length=20, choices=AttemptStatus, default=AttemptStatus.CREATED
    )
    result_code = models.CharField(_("result"), max_length=20, blank=True)
    message = models.CharField(_("what happened"), max_length=255, blank=True)
    claimed_receipt = models.CharField(
        _("receipt the customer showed"), max_length=20, blank=True, help_text=_("Not verified.")
    )
    is_late = models.BooleanField(_("paid late"), default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )

    history = HistoricalRecords(
        excluded_fields=["token_hash", "sent_at", "next_look_at", "looks", "looked_at"]
    )

    # Success may follow anything; nothing follows success.
    MOVES = (
        Move("submit", sources=(S.CREATED, S.UNKNOWN), target=S.SUBMITTED),
        Move("succeed", sources=UNPAID, target=S.SUCCEEDED),
        Move("fail", sources=UNDECIDED + (S.EXPIRED,), target=S.FAILED),
        # Somebody found out that no money came, or that it is booked by another road.
        Move("deal_with", sources=(S.UNKNOWN, S.EXPIRED, S.REVIEW), target=S.FAILED),
        Move("expire", sources=UNDECIDED, target=S.EXPIRED),
        Move("doubt", sources=(S.CREATED,), target=S.UNKNOWN),
        Move("review", sources=(*UNDECIDED, S.FAILED, S.EXPIRED), target=S.REVIEW),
    )

    class Meta:
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        ordering = ["-created_at", "-pk"]
        permissions = [("export_paymentattempt", _("Can export payment attempts"))]
        indexes = [
            models.Index(fields=["business", "status", "-created_at"]),
            models.Index(
                fields=["next_look_at"], condition=Q(next_look_at__isnull=False), name="attempt_to_look_at"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount_requested__gt=0), name="attempt_amount_positive"),
            # Two prompts on one order invite two payments.
            models.UniqueConstraint(
                fields=["order"], condition=Q(status__in=OPEN), name="one_open_attempt_per_order"
            ),
        ]

    def __str__(self):
        return _("Request for %s") % format_money(self.amount_requested, self.currency)

    @property
    def is_open(self):
        return self.status in OPEN

    @property
    def ends_at(self):
        """When the customer certainly cannot pay by it any more."""
        return (self.sent_at or self.created_at) + LIFETIMES[Provider(self.provider)]

    @property
    def is_prompt(self):
        """Whether a phone was asked; otherwise the customer was sent a link."""
        return self.provider == Provider.MPESA

    @property
    def is_awaited(self):
        """Whether the customer may still answer."""
        return self.status in UNDECIDED and timezone.now() < self.ends_at
