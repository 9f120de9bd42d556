from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel


class CashDrawer(UUIDModel, BusinessOwned, TimeStamped):
    """A box in which cash is kept. Where a business has an active one, cash is taken in till sessions only.

    A count that differs by more than `second_person_above`, in the currency of the business, is closed by
    somebody else than the one who counted.
    """

    name = models.CharField(_("name"), max_length=60)
    second_person_above = models.DecimalField(
        _("second person above"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(500),
        help_text=_("A larger difference has to be accepted by somebody who did not count."),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("With an active drawer, cash is taken in till sessions only.")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("cash drawer")
        verbose_name_plural = _("cash drawers")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["business", "name"],
                name="drawer_name_unique",
                violation_error_message=_("There is already a drawer of this name."),
            ),
            models.CheckConstraint(condition=Q(second_person_above__gte=0), name="drawer_limit_not_negative"),
        ]

    def __str__(self):
        return self.name
