"""The goods of the demo: a catalogue with pictures, deliveries, counts, breakages and new prices."""

import json
from decimal import Decimal

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F

from backoffice.demo import DAY, FIXTURES, OPEN, read_rows
from backoffice.people.demo import read_businesses
from backoffice.roles import OWNER, STAFF
from inventory.models import Category, Product, StockLevel, Warehouse
from inventory.models.product import picture_path
from inventory.services.categories import category_from_path
from inventory.services.levels import set_reorder_level
from inventory.services.prices import change_price
from inventory.services.products import save_product
from inventory.services.stock import adjust_stock, count_stock, receive_stock, transfer_stock
from inventory.services.warehouses import save_warehouse

# Where goods lie that are not in the first warehouse of the business.
ELSEWHERE = {"Gas": "Gas cage", "Dispensers": "Bottle store", "Bottles and jerrycans": "Bottle store"}
PRICE_REASONS = {
    Decimal("1.05"): ["Supplier raised his price", "Transport became dearer", "New excise duty"],
    Decimal("0.95"): ["Offer of the week", "Supplier lowered his price", "Same price as next door"],
}
BREAKAGES = ["Broken on the shelf", "Past its date", "Leaking, thrown away", "Given as a sample"]


def stock_shelves(story):
    """Open with a full catalogue, then plan what happens to it on each day."""
    for business in story.businesses:
        story.at(1, open_business, story, business)
        story.at(20 * DAY + OPEN - 10, fetch_from_store, story, business)
        for day in range(1, story.days + 1):
            story.at(day * DAY + OPEN - 30, restock, story, business)
            if day % 7 == 3:
                story.at(day * DAY + OPEN - 15, count_shelf, story, business)
            if day % 5 == 2:
                story.at(day * DAY + OPEN + 200, lose_piece, story, business)
            if day % 6 == 4:
                story.at(day * DAY + OPEN - 20, reprice, story, business)


def open_business(story, business):
    """Create the warehouses, categories, products and the first stock of a business."""
    owner = story.people[business, OWNER][0]
    row = next(each for each in read_businesses() if each["code"] == business.code)
    warehouses = {}
    for place in row["warehouses"]:
        warehouse = Warehouse(business=business, **place)
        warehouses[place["name"]] = save_warehouse(warehouse, by=owner, reason="opened")
    first = next(iter(warehouses.values()))
    pictures = Pictures(business)
    categories = {}
    for line in read_rows(f"products_{business.kind}.csv"):
        path = line["Category"]
        if path not in categories:
            categories[path] = category_from_path(business, path, by=owner)
        warehouse = warehouses.get(ELSEWHERE.get(path.split(Category.SEPARATOR)[0]), first)
        add_product(line, categories[path], warehouse, pictures, by=owner)


def add_product(line, category, warehouse, pictures, *, by):
    """Create a product with its picture, reorder level and opening stock from a line of the file."""
    product = Product(
        business=warehouse.business,
        category=category,
        sku=line["SKU"],
        name=line["Name"],
        barcode=line["Barcode"],
        description=line["Description"],
        price=Decimal(line["Price"]),
        cost=Decimal(line["Cost"]),
    )
    product.image = pictures.name_for(product, category.path)
    save_product(product, by=by, reason="opening catalogue")
    opening = {"reference": f"opening:{product.sku}", "note": "Opening stock", "by": by}
    receive_stock(product, quantity=int(line["Opening stock"]), warehouse=warehouse, **opening)
    level = StockLevel.objects.get(product=product)
    usual = int(line["Reorder level"])
    if level.reorder_level != usual:
        set_reorder_level(level, reorder_level=usual, by=by, reason="opening catalogue")


class Pictures:
    """The drawings of the demo, each stored once per business; the longest category that fits wins."""

    def __init__(self, business):
        self.business = business
        self.files = json.loads((FIXTURES / "images.json").read_text(encoding="utf-8"))
        self.stored = {}

    def name_for(self, product, path):
        fitting = [prefix for prefix in self.files if path.startswith(prefix)]
        file = self.files[max(fitting, key=len)]
        if file not in self.stored:
            content = ContentFile((FIXTURES / "images" / file).read_bytes())
            self.stored[file] = default_storage.save(picture_path(product, file), content)
        return self.stored[file]


def restock(story, business):
    """Receive a delivery of what runs low, except of what ran low from the start: that is left to order."""
    clerk = story.somebody(business, STAFF)
    low = StockLevel.objects.filter(
        business=business, quantity__lte=F("reorder_level") * 3 / 2 + F("reserved")
    )
    for level in low.select_related("product", "warehouse").order_by("product__sku"):
        opening = level.product.movements.get(reference=f"opening:{level.product.sku}")
        if opening.quantity > level.reorder_level:
            quantity = opening.quantity - level.quantity + level.reserved
            reference = f"delivery:{story.day:02}:{level.product.sku}"
            receive_stock(
                level.product,
                quantity=quantity,
                warehouse=level.warehouse,
                reference=reference,
                note=f"Delivery note {business.code}-D{story.day:03}",
                by=clerk,
            )


def fetch_from_store(story, business):
    """Bring a good part of a product from the second warehouse to the first."""
    store = Warehouse.objects.filter(business=business, is_default=False).first()
    if store:
        level = StockLevel.objects.filter(warehouse=store).select_related("product").order_by("-quantity")[0]
        transfer_stock(
            level.product,
            quantity=(level.quantity - level.reserved) // 3,
            source=store,
            target=Warehouse.objects.get(business=business, is_default=True),
            note="Fetched with the handcart",
            by=story.somebody(business, STAFF),
        )


def some_levels(story, business, number):
    levels = StockLevel.objects.filter(business=business, quantity__gt=F("reserved") + 2)
    return story.random.sample(
        list(levels.select_related("product", "warehouse").order_by("product__sku")), number
    )


def count_shelf(story, business):
    """Count some products; now and then a piece is missing or turns up."""
    clerk = story.somebody(business, STAFF)
    for level in some_levels(story, business, 6):
        found = level.quantity + story.random.choice([0, 0, 0, 0, -1, -2, 1])
        count_stock(level.product, counted=found, warehouse=level.warehouse, note="Weekly count", by=clerk)


def lose_piece(story, business):
    (level,) = some_levels(story, business, 1)
    clerk, note = story.somebody(business, STAFF), story.random.choice(BREAKAGES)
    adjust_stock(level.product, change=-1, warehouse=level.warehouse, note=note, by=clerk)


def reprice(story, business):
    """Change one price, rounded to 5, as the owner decides."""
    products = Product.objects.filter(business=business, price__gte=100).order_by("sku")
    product = story.random.choice(list(products))
    factor = story.random.choice(list(PRICE_REASONS))
    price = round(product.price * factor / 5) * 5
    if price != product.price:
        reason = story.random.choice(PRICE_REASONS[factor])
        change_price(product, price=price, by=story.people[business, OWNER][0], reason=reason)
