from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from inventory.models.product import MONEY


class PlannedPrice(UUIDModel, BusinessOwned, TimeStamped):
    """A price that a product gets at the start of a day, in the time zone and currency of the business.

    Until then it can be cancelled, which deletes it; `applied_at` says when it became the price.
    """

    product = models.ForeignKey(
        "inventory.Product", models.CASCADE, related_name="planned_prices", verbose_name=_("product")
    )
    price = models.DecimalField(_("price"), **MONEY)
    starts_on = models.DateField(_("from"))
    price_list = models.CharField(_("price list"), max_length=100, blank=True)
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("planned price")
        verbose_name_plural = _("planned prices")
        ordering = ["starts_on", "product__name", "pk"]
        permissions = [("export_plannedprice", _("Can export planned prices"))]
        indexes = [
            models.Index(fields=["starts_on"], condition=models.Q(applied_at=None), name="planned_price_due")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "starts_on"],
                name="one_planned_price_per_day",
                violation_error_message=_("There is already a price planned for this product and day."),
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="planned_price_not_negative"),
        ]

    def __str__(self):
        return f"{self.product} · {self.starts_on}"
