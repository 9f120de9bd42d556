from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel


class ColumnMapping(UUIDModel, BusinessOwned, TimeStamped):
    """What the columns of a supplier's files mean, as somebody chose it once.

    `columns` is {heading, as headings are compared: name of our column, or "" to leave it out}.
    """

    resource = models.CharField(_("what"), max_length=40)
    supplier = models.CharField(_("supplier"), max_length=100)
    columns = models.JSONField(_("columns"), default=dict)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("supplier's columns")
        verbose_name_plural = _("suppliers' columns")
        ordering = ["supplier"]
        constraints = [
            models.UniqueConstraint(
                fields=["business", "resource", "supplier"], name="one_mapping_per_supplier"
            )
        ]

    def __str__(self):
        return self.supplier
