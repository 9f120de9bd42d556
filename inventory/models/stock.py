import re

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, Frozen, TimeStamped
from inventory.models.kept import Kept

KEY = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class StockLevel(Kept, BusinessOwned, TimeStamped):
    """How many pieces of a product lie in a warehouse, and how many of them are promised to orders.

    Only inventory.services.stock writes quantity and reserved, together with a StockMovement.
    """

    # Found by the constraint, which begins with it.
    product = models.ForeignKey(
        "inventory.Product",
        models.CASCADE,
        related_name="levels",
        verbose_name=_("product"),
        db_index=False,
    )
    warehouse = models.ForeignKey(
        "inventory.Warehouse", models.PROTECT, related_name="levels", verbose_name=_("warehouse")
    )
    quantity = models.IntegerField(_("on hand"), default=0, editable=False)
    reserved = models.IntegerField(_("reserved"), default=0, editable=False)
    reorder_level = models.PositiveIntegerField(
        _("reorder level"), default=0, help_text=_("At or below this the product is on the low-stock list.")
    )
    last_counted = models.DateTimeField(_("last counted"), null=True, blank=True, editable=False)

    kept_fields = ("quantity", "reserved", "last_counted")
    # The movements are the history of the quantities.
    history = HistoricalRecords(excluded_fields=["quantity", "reserved", "last_counted", "updated_at"])

    class Meta:
        verbose_name = _("stock level")
        verbose_name_plural = _("stock levels")
        ordering = ["product__name", "warehouse__name", "pk"]
        permissions = [("export_stocklevel", _("Can export stock levels"))]
        indexes = [models.Index(fields=["business", "quantity"])]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "warehouse"], name="one_level_per_product_and_warehouse"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="stock_quantity_not_negative"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, reserved__lte=F("quantity")),
                name="stock_reserved_within_quantity",
            ),
        ]

    def __str__(self):
        return f"{self.product} · {self.warehouse}"

    @property
    def available(self):
        """Pieces that may still be promised: on hand less reserved."""
        return self.quantity - self.reserved

    @property
    def is_low(self):
        """Whether it is time to reorder."""
        return self.available <= self.reorder_level


class MovementReason(models.TextChoices):
    RECEIVE = "receive", _("Received")
    RESERVE = "reserve", _("Reserved")
    RELEASE = "release", _("Released")
    ISSUE = "issue", _("Issued")
    RETURN = "return", _("Returned")
    COUNT = "count", _("Counted")
    ADJUST = "adjust", _("Adjusted")
    TRANSFER = "transfer", _("Transferred")


# `order:` and a UUID.
CAUSE_LENGTH = 42


class StockMovement(BusinessOwned, Frozen):
    """One change of a stock level, for ever. The movements of a level add up to it."""

    product = models.ForeignKey(
        "inventory.Product", models.PROTECT, related_name="movements", verbose_name=_("product")
    )
    warehouse = models.ForeignKey(
        "inventory.Warehouse", models.PROTECT, related_name="movements", verbose_name=_("warehouse")
    )
    reason = models.CharField(_("reason"), max_length=20, choices=MovementReason)
    quantity = models.IntegerField(_("change on hand"), default=0)
    reserved = models.IntegerField(_("change reserved"), default=0)
    reference = models.CharField(
        _("reference"),
        max_length=150,
        help_text=_("What caused it, once only: an order line, a delivery note, a file."),
    )
    # The first part of the reference, such as `order:<id>`: a prefix search would read every movement.
    cause = models.GeneratedField(
        expression=Substr("reference", 1, CAUSE_LENGTH),
        output_field=models.CharField(max_length=CAUSE_LENGTH),
        db_persist=True,
    )
    note = models.CharField(_("note"), max_length=255, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("reverses")
    )
    created_at = models.DateTimeField(_("when"), db_index=True)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ["-id"]
        permissions = [("export_stockmovement", _("Can export stock movements"))]
        indexes = [models.Index(fields=["business", "cause"])]
        constraints = [
            models.UniqueConstraint(fields=["business", "reference"], name="movement_reference_unique"),
        ]

    def __str__(self):
        return f"{self.get_reason_display()} {self.quantity or self.reserved:+d} · {self.product}"

    @property
    def document(self):
        """The paper behind the movement as people know it, such as a delivery note; empty without one."""
        return paper_of(self.reference)


def paper_of(reference):
    """Return the paper that the reference of a movement names.

    A reference is `reason:paper:…`, or has a key in the second place that says nothing to people.
    """
    parts = reference.split(":")
    return "" if len(parts) < 3 or KEY.fullmatch(parts[1]) else parts[1]
