from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from backoffice.money import CURRENCIES, format_money
from backoffice.transitions import Move


class OrderStatus(models.TextChoices):
    PENDING = "pending", _("Pending")
    CONFIRMED = "confirmed", _("Confirmed")
    PAID = "paid", _("Paid")
    SHIPPED = "shipped", _("Shipped")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")


S = OrderStatus


class Order(UUIDModel, BusinessOwned, TimeStamped):
    """What a customer wants to buy. Amounts are in `currency`; `total_amount` is the sum of the items.

    Pending reserves the stock, shipping issues it, cancelling gives it back.
    """

    number = models.CharField(_("number"), max_length=20, editable=False)
    sequence = models.PositiveIntegerField(editable=False)
    customer = models.ForeignKey(
        "people.Customer", models.PROTECT, related_name="orders", verbose_name=_("customer")
    )
    warehouse = models.ForeignKey(
        "inventory.Warehouse",
        models.PROTECT,
        related_name="orders",
        verbose_name=_("sent from"),
    )
    status = models.CharField(
        _("status"), max_length=20, choices=OrderStatus, default=OrderStatus.PENDING, editable=False
    )
    currency = models.CharField(
        _("currency"), max_length=3, choices=CURRENCIES, default="KES", editable=False
    )
    total_amount = models.DecimalField(
        _("total"), max_digits=12, decimal_places=2, default=Decimal(0), editable=False
    )
    note = models.TextField(_("note"), blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    paid_at = models.DateTimeField(_("paid"), null=True, editable=False)
    shipped_at = models.DateTimeField(_("shipped"), null=True, editable=False)
    delivered_at = models.DateTimeField(_("delivered"), null=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, editable=False)

    history = HistoricalRecords()

    SERVICES = "sales.services.orders."
    PREVIEWS = "sales.services.previews."
    MOVES = (
        Move(
            name="confirm",
            sources=(S.PENDING,),
            target=S.CONFIRMED,
            permission="sales.confirm_order",
            service=SERVICES + "confirm_order",
            preview=PREVIEWS + "preview_confirm",
            label=_("Confirm"),
            icon="task_alt",
            usual=False,  # most customers pay first
        ),
        # Payments pay an order; there is no button that only says so.
        Move(name="pay", sources=(S.PENDING, S.CONFIRMED), target=S.PAID, service=SERVICES + "pay_order"),
        # A cheque bounced, or money was recorded by mistake: sold on credit after all.
        Move(name="unpay", sources=(S.PAID,), target=S.CONFIRMED, service=SERVICES + "unpay_order"),
        Move(
            name="ship",
            sources=(S.CONFIRMED, S.PAID),
            target=S.SHIPPED,
            permission="sales.ship_order",
            service=SERVICES + "ship_order",
            preview=PREVIEWS + "preview_ship",
            label=_("Mark as shipped"),
            icon="local_shipping",
        ),
        Move(
            name="deliver",
            sources=(S.SHIPPED,),
            target=S.DELIVERED,
            permission="sales.deliver_order",
            service=SERVICES + "deliver_order",
            preview=PREVIEWS + "preview_deliver",
            label=_("Mark as delivered"),
            icon="where_to_vote",
        ),
        Move(
            name="cancel",
            sources=(S.PENDING, S.CONFIRMED, S.PAID, S.SHIPPED),
            target=S.CANCELLED,
            permission="sales.cancel_order",
            service=SERVICES + "cancel_order",
            preview=PREVIEWS + "preview_cancel",
            form="sales.admin.forms.CancelOrderForm",
            # Only the person at the shelf knows which of the goods came back.
            one_by_one=(S.SHIPPED,),
            label=_("Cancel order"),
            icon="cancel",
            harmful=True,
        ),
    )

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-created_at", "-pk"]
        permissions = [
            ("confirm_order", _("Can confirm orders")),
            ("ship_order", _("Can ship orders")),
            ("deliver_order", _("Can deliver orders")),
            ("cancel_order", _("Can cancel orders")),
            ("export_order", _("Can export orders")),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"]),
            models.Index(fields=["business", "status", "-created_at"]),
            models.Index(fields=["business", "paid_at"]),
            models.Index(fields=["customer", "-created_at"]),
            models.Index(fields=["number"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["business", "sequence"], name="order_sequence_unique"),
            models.UniqueConstraint(fields=["business", "number"], name="order_number_unique"),
            models.CheckConstraint(condition=Q(total_amount__gte=0), name="order_total_not_negative"),
            models.CheckConstraint(condition=Q(status__in=OrderStatus.values), name="order_status_known"),
        ]

    def __str__(self):
        return _("Order %s") % self.number if self.number else _("New order")

    @property
    def money(self):
        """The total as staff read it."""
        return format_money(self.total_amount, self.currency)

    @property
    def is_editable(self):
        """Items may change only while the order is pending."""
        return self.status == OrderStatus.PENDING


class OrderItem(UUIDModel, BusinessOwned):
    """One line of an order; `unit_price` is the product's price when the line was written."""

    order = models.ForeignKey("sales.Order", models.CASCADE, related_name="items", verbose_name=_("order"))
    product = models.ForeignKey(
        "inventory.Product", models.PROTECT, related_name="order_items", verbose_name=_("product")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1, validators=[MinValueValidator(1)])
    unit_price = models.DecimalField(_("unit price"), max_digits=12, decimal_places=2, editable=False)
    subtotal = models.GeneratedField(
        expression=F("quantity") * F("unit_price"),
        output_field=models.DecimalField(_("subtotal"), max_digits=12, decimal_places=2),
        db_persist=True,
    )

    history = HistoricalRecords(excluded_fields=["subtotal"])

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "product"],
                name="order_item_product_once",
                violation_error_message=_(
                    "This product is already on the order; change its quantity instead."
                ),
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_item_quantity_positive"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="order_item_price_not_negative"),
        ]

    def __str__(self):
        return f"{self.quantity} × {self.product}"
