from inventory.models import Product, StockLevel, StockMovement


def assert_sums_agree(product):
    """product.stock = sum of its levels = sum of its movements, and so for what is reserved."""
    levels, movements = (
        list(model._base_manager.filter(product=product)) for model in (StockLevel, StockMovement)
    )
    stock = Product._base_manager.get(pk=product.pk).stock
    assert stock == sum(each.quantity for each in levels) == sum(each.quantity for each in movements)
    assert sum(each.reserved for each in levels) == sum(each.reserved for each in movements)
