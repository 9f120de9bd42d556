from inventory.models.category import Category
from inventory.models.planned_price import PlannedPrice
from inventory.models.product import Product
from inventory.models.stock import MovementReason, StockLevel, StockMovement
from inventory.models.warehouse import Warehouse

__all__ = [
    "Category",
    "MovementReason",
    "PlannedPrice",
    "Product",
    "StockLevel",
    "StockMovement",
    "Warehouse",
]
