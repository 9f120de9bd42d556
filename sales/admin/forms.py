"""The forms of an order's page: the order, its lines, its cancellation."""

from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from backoffice.dialogs import MoveDialog
from sales.models import OrderStatus
from sales.services.reservations import short_lines


class OrderForm(forms.ModelForm):
    """Who buys, and from where it is sent. OrderAdmin sets `business` on the class it makes."""

    business = None
    # When the page was read; somebody else's save in between must not be overwritten unseen.
    version = forms.CharField(required=False, widget=forms.HiddenInput)
    # The order's own key, made when the empty form was read: sent twice, it is still one order.
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.instance.business = self.business
            self.initial["key"] = self.instance.pk
        else:
            self.initial["version"] = version_of(self.instance)
        if "warehouse" in self.fields:
            self.limit_warehouses(self.fields["warehouse"])
        if "customer" in self.fields:
            current = Q(is_active=True) | Q(pk=self.instance.customer_id)
            self.fields["customer"].queryset = self.fields["customer"].queryset.filter(current)

    def limit_warehouses(self, field):
        field.queryset = field.queryset.filter(business=self.business, is_active=True).order_by("-is_default")
        self.initial.setdefault("warehouse", field.queryset.first())
        # Without any, the service says what to do; the field could only say that it is empty.
        field.required, field.empty_label = False, None

    def clean(self):
        super().clean()
        if self.instance._state.adding:
            self.instance.pk = self.cleaned_data.get("key") or self.instance.pk
        sent = self.data.get("version")
        if sent and not self.instance._state.adding and sent != version_of(self.instance):
            raise ValidationError(
                _("%s was changed by somebody else meanwhile. Open it again and repeat your change.")
                % self.instance
            )


def version_of(order):
    return order.updated_at.isoformat()


class ItemForm(forms.ModelForm):
    """A line. ItemInline sets `business` on the class it makes."""

    business = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "product" not in self.fields:
            return
        field, line = self.fields["product"], self.instance
        field.queryset = field.queryset.filter(
            Q(is_active=True) | Q(pk=line.product_id), business=self.business
        )
        field.widget.business = self.business
        field.widget.known = line.product if line.product_id else None


class ItemFormSet(PaginationInlineFormSet):
    """The lines of an order. ItemInline sets `refused_parts`: {product id: why the service refused it}."""

    refused_parts = {}

    def clean(self):
        super().clean()
        lines = [form for form in self.forms if form.cleaned_data and not self._should_delete_form(form)]
        if not lines and not any(self.errors):
            raise ValidationError(_("Add at least one item."))
        if not any(self.errors):
            self.add_refusals(lines)

    def add_refusals(self, lines):
        """Say beside each line why it was refused, or would be because stock is short."""
        refused = dict(self.refused_parts)
        order = self.instance
        if order._state.adding and order.warehouse_id:
            wanted = [(form.cleaned_data["product"], form.cleaned_data["quantity"]) for form in lines]
            refused |= short_lines(wanted, order.warehouse)
        for form in lines:
            product = form.cleaned_data.get("product")
            if why := refused.get(getattr(product, "pk", None)):
                form.add_error("quantity", why)

    def get_unique_error_message(self, unique_check):
        return _("A product stands on two lines; put the whole quantity on one of them.")

    def get_form_error(self):
        return _("This product is already on the order; change its quantity instead.")


class CancelOrderForm(MoveDialog):
    """Cancelling: why, and for goods that have left, which of them are back on the shelf."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=100, widget=UnfoldAdminTextInputWidget)
    restock = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Back on the shelf"),
        required=False,
        coerce=UUID,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("Untick what did not come back; it stays out of the stock."),
    )
    # What the dialog was about when it was read: the question about the shelf comes only after shipping.
    status = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["status"].initial = self.row.status
        if self.row.status != OrderStatus.SHIPPED:
            del self.fields["restock"]
            return
        items = self.row.items.select_related("product")
        self.fields["restock"].choices = [(str(item.pk), str(item)) for item in items]
        self.fields["restock"].initial = [str(item.pk) for item in items]

    def clean(self):
        super().clean()
        if self.cleaned_data.pop("status", "") != self.row.status and "restock" in self.fields:
            self.data = {**self.data.dict(), "status": self.row.status}
            raise ValidationError(_("%s was shipped meanwhile. Say below which goods came back.") % self.row)
