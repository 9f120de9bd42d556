from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.admin import BackOfficeInline
from backoffice.money import money_cell
from sales.admin.choices import ProductSelect
from sales.admin.forms import ItemForm, ItemFormSet
from sales.models import OrderItem


class ItemInline(BackOfficeInline):
    """The lines of an order: prices are shown, never typed; nothing changes once the order is not pending."""

    model = OrderItem
    form = ItemForm
    formset = ItemFormSet
    fields = ["product", "quantity", "price", "amount"]
    readonly_fields = ["price", "amount"]
    hide_title = True
    max_num = 100

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("product", "order")

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else 1

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.absolute_max = self.max_num + 1  # what is forged beyond is not even drawn
        formset.form.business = obj.business if obj else request.business
        formset.refused_parts = getattr(request, "refused_parts", {})
        return formset

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "product":
            # Without the links to add or change a product: a line is for choosing one.
            field.widget = ProductSelect(db_field, self.admin_site)
            field.widget.is_required = True
        if db_field.name in ("product", "quantity"):
            # Who cannot see the head of the column hears it.
            field.widget.attrs["aria-label"] = field.label
        return field

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and is_open(obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and is_open(obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and is_open(obj)

    @display(description=_("unit price"))
    def price(self, item):
        return None if item._state.adding else money_cell(item.unit_price, item.order.currency)

    @display(description=_("subtotal"))
    def amount(self, item):
        return None if item._state.adding else money_cell(item.subtotal, item.order.currency)


def is_open(order):
    return order is None or order.is_editable
