from inventory.admin import categories, levels, movements, planned_prices, products, warehouses  # noqa: F401
