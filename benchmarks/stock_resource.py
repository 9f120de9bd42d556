"""Yardstick: django-import-export as its manual shows it, with the history that simple-history keeps.

No bulk mode, which would lose the history, and nothing tuned. It runs on the same models, so a new
product gets its slug from Product.save() here, too. What is timed is import_data() alone, the step that
a person confirms: reading the file, and the preview that takes as long again, cost it nothing.
"""

from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import BooleanWidget, CharWidget, DecimalWidget, ForeignKeyWidget, IntegerWidget
from tablib import Dataset

from benchmarks.data import products
from inventory.models import Category, Product


class StockProductResource(ModelResource):
    sku = Field("sku", "SKU", CharWidget())
    name = Field("name", "Name", CharWidget())
    category = Field("category", "Category", ForeignKeyWidget(Category, "path"))
    price = Field("price", "Price", DecimalWidget())
    cost = Field("cost", "Cost", DecimalWidget())
    barcode = Field("barcode", "Barcode", CharWidget())
    is_active = Field("is_active", "Active", BooleanWidget())
    description = Field("description", "Description", CharWidget())

    class Meta:
        model = Product
        import_id_fields = ["sku"]
        fields = ["sku", "name", "category", "price", "cost", "barcode", "is_active", "description"]
        use_transactions = True

    def __init__(self, business=None):
        super().__init__()
        self.business = business

    def init_instance(self, row=None):
        return Product(business=self.business)


class SkipsUnchanged(StockProductResource):
    """The same with the setting that compares each row and leaves equal ones alone."""

    class Meta(StockProductResource.Meta):
        skip_unchanged = True


class WritesStock(StockProductResource):
    """The same with a column for the stock, which it overwrites: no movement, unlike the desk."""

    stock = Field("stock", "Stock", IntegerWidget())

    class Meta(StockProductResource.Meta):
        fields = [*StockProductResource.Meta.fields, "stock"]

    def do_instance_save(self, instance, is_create):
        # save() of a Product leaves `stock` alone unless it is named.
        instance.save(update_fields=[*self.Meta.fields, "updated_at"])


def dataset(rows, variant="as it is"):
    """Return the first products of benchmarks.data as the Dataset that a file of them gives: all text."""
    values = [{name: str(value) for name, value in row.items()} for row in products(rows, variant)]
    return Dataset(*[tuple(row.values()) for row in values], headers=list(values[0]))


def import_stock(resource, data):
    """Import the Dataset for good. Raises on the first bad row; returns the totals by kind of row."""
    return resource.import_data(data, dry_run=False, raise_errors=True).totals
