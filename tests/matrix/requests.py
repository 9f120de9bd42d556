"""The request that tries an address for a row of a business."""

from functools import cache

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from payments.models import PaymentAttempt
from sales.models import Order
from tests.matrix.rows import first_row

# Addresses that cannot be made from their name.
UNNAMED = {"admin:<path:object_id>/": "/admin/sales/order/{}/", "admin:(?P<url>.*)$": "/admin/nothing/here/"}
QUERY = {"admin:autocomplete": {"app_label": "inventory", "model_name": "product", "field_name": "category"}}
TOKEN = "0" * 64


@cache
def model_of(address):
    """The model whose admin an address belongs to, or None."""
    name = address.name.removeprefix("admin:")
    found = [m for m in apps.get_models() if name.startswith(f"{m._meta.app_label}_{m._meta.model_name}_")]
    return found[0] if found else None


def path_for(address, business):
    """The path of an address for the business's row."""
    if address.name in UNNAMED:
        return UNNAMED[address.name].format(first_row(Order, business).pk)
    return reverse(address.name, args=values_for(address, business)) if address.name else "/"


def values_for(address, business):
    if address.name == "media":
        return [f"products/{business.pk}/tap.png"]
    if address.name == "payments:came_back":
        return [first_row(PaymentAttempt, business).pk]
    if address.name.startswith("payments:"):  # where providers deliver
        return [TOKEN]
    if address.name == "admin:app_list":
        return ["inventory"]
    if address.name == "admin:view_on_site":
        return [ContentType.objects.get_for_model(Order).pk, first_row(Order, business).pk]
    if address.name == "admin:payments_payment_order_panel":
        return [first_row(Order, business).pk]
    if not address.arity:
        return []
    row = first_row(model_of(address), business)
    if address.arity == 1:
        return [row.pk]
    return [row.pk, row.history.first().pk if hasattr(row, "history") else 1]


def hostile_form(address, business):
    """What somebody would send who hopes that a form writes more than it shows."""
    model = model_of(address)
    row = first_row(model, business) if model else None
    return {
        "_save": "1",
        "post": "yes",
        "confirmed": "1",
        "action": "delete_selected",
        "_selected_action": [str(row.pk)] if row else [],
        "name": "Changed",
        "is_staff": "on",
        "is_superuser": "on",
        "is_active": "",
        "quantity": "1",
        "counted": "1",
        "change": "1",
        "price": "1",
        "amount": "100.00",
        "phone": "0712345678",
        "reason": "because",
        "note": "because",
        "business": str(business.pk),
    }
