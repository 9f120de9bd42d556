from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped


class BusinessAccess(BusinessOwned, TimeStamped):
    """The role one person has in one business: his only source of rights there."""

    user = models.ForeignKey("people.User", models.PROTECT, related_name="accesses", verbose_name=_("person"))
    role = models.ForeignKey("auth.Group", models.PROTECT, related_name="+", verbose_name=_("role"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("accesses")
        constraints = [
            models.UniqueConstraint(fields=["user", "business"], name="one_role_per_person_and_business")
        ]

    def __str__(self):
        return f"{self.user}: {self.role} ({self.business})"
