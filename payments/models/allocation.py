from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from backoffice.money import format_money


class Allocation(UUIDModel, BusinessOwned, TimeStamped):
    """So much of a payment is used for an order, in the payment's currency.

    An order is paid when its allocations reach its total. When the order is cancelled the money is free
    again: `amount` falls to what was given back to the customer, `refunded`. Before it is paid in full,
    `amount` falls by what is given back, which is due again.
    """

    payment = models.ForeignKey(
        "payments.Payment", models.PROTECT, related_name="allocations", verbose_name=_("payment")
    )
    order = models.ForeignKey(
        "sales.Order", models.PROTECT, related_name="allocations", verbose_name=_("order")
    )
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    refunded = models.DecimalField(_("refunded"), max_digits=12, decimal_places=2, default=Decimal(0))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("use of a payment")
        verbose_name_plural = _("uses of payments")
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "order"], name="allocation_once_per_order"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, amount__gte=F("refunded")), name="allocation_covers_refunds"
            ),
        ]

    def __str__(self):
        return f"{format_money(self.amount, self.payment.currency)} → {self.order}"

    @property
    def kept(self):
        """What the order still holds of it."""
        return self.amount - self.refunded
