from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel


class Warehouse(UUIDModel, BusinessOwned, TimeStamped):
    """A place where stock is kept: the shop floor, a store room, a container."""

    name = models.CharField(_("name"), max_length=100)
    location = models.CharField(_("location"), max_length=200, blank=True)
    capacity = models.PositiveIntegerField(_("capacity"), null=True, blank=True)
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("Orders are sent from here unless they say otherwise.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("warehouse")
        verbose_name_plural = _("warehouses")
        ordering = ["name"]
        permissions = [("export_warehouse", _("Can export warehouses"))]
        constraints = [
            models.UniqueConstraint(
                fields=["business", "name"],
                name="warehouse_name_unique",
                violation_error_message=_("There is already a warehouse of this name."),
            ),
            models.UniqueConstraint(
                fields=["business"],
                condition=models.Q(is_default=True),
                name="one_default_warehouse",
                violation_error_message=_("This business already has a default warehouse."),
            ),
        ]

    def __str__(self):
        return self.name
