from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords
from uuid_utils.compat import uuid7

from backoffice.models import BusinessOwned, TimeStamped, UUIDModel
from inventory.models.kept import Kept
from inventory.models.slug import free_slug

MONEY = {"max_digits": 12, "decimal_places": 2, "validators": [MinValueValidator(Decimal(0))]}


def picture_path(product, filename):
    """Return a name nobody can guess, in a folder of the business."""
    return f"products/{product.business_id}/{uuid7().hex}.{filename.rsplit('.', 1)[-1].lower()[:5]}"


class Product(Kept, UUIDModel, BusinessOwned, TimeStamped):
    """Something a business sells. Prices are in the currency of the business; `stock` counts pieces.

    `stock` is the sum over warehouses, kept by inventory.services.stock; `price` changes through
    inventory.services.prices, so that history says why.
    """

    sku = models.CharField(
        _("SKU"),
        max_length=64,
        validators=[RegexValidator(r"^[\w][\w ./-]*$", _("Use letters, digits, spaces and . / - _ only."))],
    )
    name = models.CharField(_("name"), max_length=255)
    # Nobody looks for a slug but in one business, and each index costs whoever writes.
    slug = models.SlugField(_("slug"), max_length=255, blank=True, db_index=False)
    barcode = models.CharField(
        _("barcode"),
        max_length=32,
        blank=True,
        validators=[RegexValidator(r"^\d{6,32}$", _("A barcode has 6 to 32 digits."))],
    )
    description = models.TextField(_("description"), blank=True)
    category = models.ForeignKey(
        "inventory.Category", models.CASCADE, related_name="products", verbose_name=_("category")
    )
    price = models.DecimalField(_("price"), **MONEY)
    cost = models.DecimalField(_("cost"), null=True, blank=True, **MONEY)
    image = models.ImageField(_("picture"), upload_to=picture_path, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    stock = models.IntegerField(_("stock"), default=0, editable=False, db_index=True)
    in_stock = models.GeneratedField(
        expression=models.Case(
            models.When(stock__gt=0, then=models.Value(True)), default=models.Value(False)
        ),
        output_field=models.BooleanField(_("in stock")),
        db_persist=True,
    )

    kept_fields = ("stock",)
    # The movements are the history of stock.
    history = HistoricalRecords(excluded_fields=["stock", "in_stock"])

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["name", "pk"]
        permissions = [
            ("change_price", _("Can change prices")),
            ("import_product", _("Can import products")),
            ("export_product", _("Can export products")),
            ("move_stock", _("Can receive, issue, count and adjust stock")),
        ]
        # The history takes over what a field says of an index, not what stands here.
        indexes = [
            models.Index(fields=["business", "name"]),
            models.Index(fields=["business", "barcode"]),
            models.Index(fields=["price"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["business", "sku"],
                name="product_sku_unique",
                violation_error_message=_("There is already a product with this SKU."),
            ),
            models.UniqueConstraint(
                fields=["business", "slug"],
                name="product_slug_unique",
                violation_error_message=_("There is already a product with this slug."),
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(
                condition=models.Q(cost=None) | models.Q(cost__gte=0), name="product_cost_not_negative"
            ),
            models.CheckConstraint(condition=models.Q(stock__gte=0), name="product_stock_not_negative"),
        ]

    def __str__(self):
        return f"{self.name} ({self.sku})"

    def save(self, *args, **kwargs):
        if not self.slug:
            self.slug = free_slug(self, f"{self.name} {self.sku}")
        super().save(*args, **kwargs)

    @property
    def margin(self):
        """What is left of the price after the cost, in the currency of the business; None without a cost."""
        return None if self.cost is None else self.price - self.cost

    @property
    def image_url(self):
        return self.image.url if self.image else ""
