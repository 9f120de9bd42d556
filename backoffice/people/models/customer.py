from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField
from simple_history.models import HistoricalRecords

from backoffice.models import TimeStamped, UUIDModel


class Customer(UUIDModel, TimeStamped):
    """A person or firm that buys; the card is shared by the businesses, its documents are not."""

    name = models.CharField(_("name"), max_length=200, db_index=True)
    phone = PhoneNumberField(
        _("phone"), unique=True, null=True, blank=True, help_text=_("0712 345 678 or +254…")
    )
    email = models.EmailField(_("email"), blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="customer",
        verbose_name=_("login"),
    )
    note = models.TextField(_("note"), blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["name", "pk"]
        permissions = [
            ("export_customer", _("Can export customers")),
            ("import_customer", _("Can import customers")),
        ]

    def __str__(self):
        return self.name
