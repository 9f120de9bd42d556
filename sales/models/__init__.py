from sales.models.order import Order, OrderItem, OrderStatus

__all__ = ["Order", "OrderItem", "OrderStatus"]
