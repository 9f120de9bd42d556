"""Products in a spreadsheet: its columns and their names, how rows are told apart, what a cell may say."""

from django.utils.translation import gettext_lazy

from backoffice.spreadsheets.columns import Column
from backoffice.spreadsheets.widgets import CellWidget, MoneyWidget, TextWidget, YesNoWidget
from inventory.models import Product
from inventory.resources.aliases import ALIASES
from inventory.resources.product_import import ProductImport
from inventory.resources.widgets import BarcodeWidget, CategoryPathWidget, PiecesWidget

KEPT = gettext_lazy("Stays as it is.")
CLEARED = gettext_lazy("Cleared.")


class ProductResource(ProductImport):
    """Products of one business, keyed by SKU; category by path, stock as a count.

    `stock` is what lies in all warehouses together, as in the list of products; a difference is booked
    in the default warehouse, whose reorder level the file carries too. Prices and costs are in the
    currency of the business.
    """

    sku = Column(
        "sku",
        "SKU",
        TextWidget(),
        aliases=ALIASES["sku"],
        needed="always",
        examples=["WAT-BOT-20L", "WAT-BOT-500"],
        when_empty=gettext_lazy("Refused. The SKU says which product the row is about."),
    )
    name = Column(
        "name",
        "Name",
        TextWidget(),
        aliases=ALIASES["name"],
        needed="new",
        examples=["Water bottle, 20 L", "Water bottle, 500 ml"],
    )
    category = Column(
        "category",
        "Category",
        CategoryPathWidget(),
        aliases=ALIASES["category"],
        needed="new",
        examples=["Drinks > Water", "Drinks > Water"],
    )
    price = Column(
        "price",
        "Price",
        MoneyWidget(),
        aliases=ALIASES["price"],
        needed="new",
        examples=["350.00", "40.00"],
    )
    cost = Column(
        "cost",
        "Cost",
        MoneyWidget(),
        aliases=ALIASES["cost"],
        examples=["210.00", "26.50"],
        when_empty=CLEARED,
    )
    barcode = Column(
        "barcode",
        "Barcode",
        BarcodeWidget(),
        aliases=ALIASES["barcode"],
        examples=["6161100420018", ""],
        when_empty=CLEARED,
    )
    reorder_level = Column(
        "reorder_level",
        "Reorder level",
        PiecesWidget(),
        aliases=ALIASES["reorder_level"],
        keeps=True,
        examples=["10", "48"],
        when_empty=KEPT,
    )
    stock = Column(
        "stock",
        "Stock",
        PiecesWidget(),
        aliases=ALIASES["stock"],
        keeps=True,
        examples=["25", ""],
        when_empty=gettext_lazy("Nothing was counted, the stock stays."),
    )
    is_active = Column(
        "is_active",
        "Active",
        YesNoWidget(),
        aliases=ALIASES["is_active"],
        keeps=True,
        examples=["TRUE", "TRUE"],
        when_empty=gettext_lazy("Stays as it is; a new product is active."),
    )
    description = Column(
        "description",
        "Description",
        TextWidget(),
        aliases=ALIASES["description"],
        examples=["", ""],
        when_empty=CLEARED,
    )
    slug = Column("slug", "Slug", CellWidget(), aliases=["url_key"], keeps=True, when_empty=KEPT)
    business = Column("business", "Business", CellWidget(), aliases=["business_name"], keeps=True)

    class Meta:
        model = Product
        import_id_fields = ["sku"]
        fields = [
            "sku",
            "name",
            "category",
            "price",
            "cost",
            "barcode",
            "reorder_level",
            "stock",
            "is_active",
            "description",
            "slug",
            "business",
        ]
