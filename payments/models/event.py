from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from backoffice.encryption import EncryptedBytesField
from backoffice.models import BusinessOwned, Frozen
from payments.models.looks import LookedAfter


class EventOutcome(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    APPLIED = "applied", _("Applied")
    IGNORED = "ignored", _("Nothing to do")
    REVIEW = "review", _("To be looked at")
    UNREADABLE = "unreadable", _("Unreadable")
    ERROR = "error", _("Error")


class Channel(models.TextChoices):
    """By which road a delivery came; it says which shape the body has."""

    STK = "stk", _("Answer to a prompt")
    C2B = "c2b", _("Payment to the till")
    CHECK = "check", _("Question whether we take a payment")
    RESULT = "result", _("Result of a request")
    TIMEOUT = "timeout", _("Request that timed out")
    WEBHOOK = "webhook", _("Webhook")


class WebhookEvent(BusinessOwned, Frozen, LookedAfter):
    """One delivery from a payment provider, stored as it came before anything is decided.

    The bytes never change, and are sealed because they say who paid; only what became of them may be written.
    `dedupe_key` makes a repeated delivery one row. What was sent to the address of an attempt or of a refund
    belongs to it from the start; anything else came to the address of an account, and finds its attempt when
    it is read. While it waits, `next_try_at` is when it is applied (again). Money at the till waits until
    Safaricom, asked about it, confirms it: its answers are deliveries `about` the one that claims the money.
    """

    mutable_fields = (
        "outcome",
        "reason",
        "processed_at",
        "payment",
        "attempt",
        "refund",
        "tries",
        "next_try_at",
        "next_look_at",
        "looks",
        "looked_at",
        "confirmed_at",
    )

    account = models.ForeignKey(
        "payments.ProviderAccount",
        models.PROTECT,
        null=True,
        related_name="events",
        verbose_name=_("account"),
    )
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.STK)
    attempt = models.ForeignKey(
        "payments.PaymentAttempt",
        models.PROTECT,
        null=True,
        related_name="events",
        verbose_name=_("attempt"),
    )
    refund = models.ForeignKey(
        "payments.Refund", models.PROTECT, null=True, related_name="events", verbose_name=_("refund")
    )
    about = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("answer about"),
    )
    provider = models.CharField(_("provider"), max_length=20)
    dedupe_key = models.CharField(max_length=64, unique=True, editable=False)
    body = EncryptedBytesField(_("body"))
    content_type = models.CharField(max_length=100, blank=True)
    source_ip = models.GenericIPAddressField(_("from address"), null=True)
    is_from_elsewhere = models.BooleanField(_("not from the provider's known addresses"), default=False)
    received_at = models.DateTimeField(_("received"), db_index=True)
    outcome = models.CharField(
        _("outcome"), max_length=20, choices=EventOutcome, default=EventOutcome.WAITING
    )
    reason = models.CharField(_("why"), max_length=255, blank=True)
    processed_at = models.DateTimeField(_("processed"), null=True)
    payment = models.ForeignKey(
        "payments.Payment", models.PROTECT, null=True, related_name="events", verbose_name=_("payment")
    )

    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True, editable=False)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [("replay_webhookevent", _("Can apply deliveries again"))]
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="event_to_apply"
            ),
            models.Index(
                fields=["next_look_at"], condition=Q(next_look_at__isnull=False), name="event_to_ask_about"
            ),
        ]

    def __str__(self):
        return _("Delivery of %s") % date_format(timezone.localtime(self.received_at), "DATETIME_FORMAT")
