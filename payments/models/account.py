from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.encryption import EncryptedJSONField
from backoffice.models import BusinessOwned, TimeStamped, UUIDModel


class Provider(models.TextChoices):
    MPESA = "mpesa", _("M-Pesa")
    STRIPE = "stripe", _("Stripe")
    PAYPAL = "paypal", _("PayPal")


class ProviderAccount(UUIDModel, BusinessOwned, TimeStamped):
    """A business's own account at a provider: a paybill or till of M-Pesa, an account of Stripe or PayPal.

    `secrets` is a mapping, sealed in the database; its names are those of the gateway's config. `hook_hash`
    is the SHA-256 of the token in the address to which the provider delivers. Claims of money up to
    `trusted_up_to` (in the account's currency) are believed without asking the provider again; 0 asks always.
    Orders in a currency that the provider does not take are asked for in `quote_currency`, at `quote_rate`.
    """

    provider = models.CharField(_("provider"), max_length=20, choices=Provider)
    name = models.CharField(_("name"), max_length=100)
    identifier = models.CharField(
        _("number"), max_length=100, help_text=_("Paybill or store number, or the id of the account.")
    )
    till = models.CharField(
        _("till number"), max_length=10, blank=True, help_text=_("For a till; empty for a paybill.")
    )
    is_live = models.BooleanField(_("live"), default=True, help_text=_("Off for the provider's sandbox."))
    is_active = models.BooleanField(_("active"), default=True)
    trusted_up_to = models.DecimalField(
        _("trusted up to"), max_digits=12, decimal_places=2, default=Decimal(0)
    )
    quote_currency = models.CharField(
        _("asks in"),
        max_length=3,
        blank=True,
        help_text=_("Another currency, such as USD, where the provider does not take the order's."),
    )
    quote_rate = models.DecimalField(
        _("rate"),
        max_digits=18,
        decimal_places=8,
        null=True,
        blank=True,
        help_text=_("How much of the order's currency one unit of that currency costs; staff keep it."),
    )
    secrets = EncryptedJSONField(_("secrets"), default=dict, blank=True)
    hook_token = EncryptedJSONField(_("token of the address"), null=True, editable=False)
    hook_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)

    history = HistoricalRecords(excluded_fields=["secrets", "hook_token", "hook_hash"])

    class Meta:
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")
        ordering = ["provider", "name"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "identifier", "till"], name="account_once"),
            models.UniqueConstraint(
                fields=["business", "provider"],
                condition=Q(is_active=True),
                name="one_active_account_per_provider",
            ),
            models.CheckConstraint(
                condition=Q(quote_currency="") | Q(quote_rate__isnull=False, quote_rate__gt=0),
                name="account_quotes_at_a_rate",
            ),
        ]

    def __str__(self):
        return f"{self.get_provider_display()} {self.till or self.identifier}"

    @property
    def numbers(self):
        """The numbers at M-Pesa under which money comes to this account."""
        return self.identifier, self.till or self.identifier
