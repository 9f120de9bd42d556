"""What the order form sends and says."""

from django.urls import reverse

from sales.models import OrderItem

ADD = "/admin/sales/order/add/"


def page(order):
    return reverse("admin:sales_order_change", args=[order.pk])


def sheet(lines, **fields):
    """What the form sends: `lines` are dicts of the fields of each line."""
    data = {"items-TOTAL_FORMS": len(lines), "items-INITIAL_FORMS": sum("id" in line for line in lines)}
    for n, line in enumerate(lines):
        data |= {f"items-{n}-{name}": getattr(value, "pk", value) for name, value in line.items()}
    return data | {name: getattr(value, "pk", value) for name, value in fields.items()}


def errors_of(response):
    """All that the page says is wrong."""
    assert response.status_code == 200
    context = response.context_data
    said = [*context["adminform"].form.errors.values()]
    for inline in context["inline_admin_formsets"]:
        said += [inline.formset.non_form_errors()]
        said += [text for line in inline.formset.errors for text in line.values()]
    return " | ".join(str(text) for group in said for text in group)


def lines_of(order, **changes):
    """The lines as the page would send them back, in the order of the page."""
    items = OrderItem.objects.filter(order=order).order_by("pk")
    return [{"id": item, "product": item.product, "quantity": item.quantity, **changes} for item in items]
