from decimal import Decimal
from zoneinfo import ZoneInfo

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField
from simple_history.models import HistoricalRecords

from backoffice.models import TimeStamped, UUIDModel
from backoffice.money import CURRENCIES


class BusinessKind(models.TextChoices):
    SHOP = "shop", _("Shop")
    WATER = "water", _("Water refill")
    LAUNDRY = "laundry", _("Laundry")
    LPG = "lpg", _("LPG dealer")
    EXCHANGE = "exchange", _("Exchange desk")
    SERVICE = "service", _("Other service")


class Business(UUIDModel, TimeStamped):
    """One business of the group, with its settings. A further business is a further row: no code."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    code = models.CharField(
        _("code"),
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]+$", _("Use capital letters and digits only."))],
        help_text=_("Short name on documents; order numbers begin with it: R-0042."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=BusinessKind, default=BusinessKind.SHOP)
    colour = models.CharField(
        _("colour"), max_length=7, default="#0f766e", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$")]
    )
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCIES, default="KES")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Africa/Nairobi")
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("email"), blank=True)
    address = models.TextField(_("address"), blank=True)
    mpesa_till_number = models.CharField(
        _("M-Pesa till number"), max_length=10, blank=True, validators=[RegexValidator(r"^\d{5,7}$")]
    )
    default_reorder_level = models.PositiveIntegerField(
        _("usual reorder level"), default=5, help_text=_("Used for new stock levels; each can differ.")
    )
    second_person_above = models.DecimalField(
        _("second person above"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0)],
        help_text=_("Money above this leaves only when a second person approves; 0 for always."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("business")
        verbose_name_plural = _("businesses")
        ordering = ["name"]
        permissions = [("export_many", _("Can export more than 10,000 rows"))]

    def __str__(self):
        return self.name

    @property
    def clock(self):
        """The time zone in which its days begin and end."""
        return ZoneInfo(self.time_zone)
