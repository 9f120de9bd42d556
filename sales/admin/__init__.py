from sales.admin.orders import OrderAdmin

__all__ = ["OrderAdmin"]
