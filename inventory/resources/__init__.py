from inventory.resources.category_rows import CategoryResource
from inventory.resources.opening_stock import OpeningStockResource
from inventory.resources.prices import PriceResource
from inventory.resources.product import ProductResource
from inventory.resources.stock_counts import StockCountResource

__all__ = [
    "CategoryResource",
    "OpeningStockResource",
    "PriceResource",
    "ProductResource",
    "StockCountResource",
]
