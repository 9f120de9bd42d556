"""Suggestions while an order is typed: products with price and what is available, customers with phone."""

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.choices import SuggestingSelect
from backoffice.money import format_money
from backoffice.people.backend import businesses_with
from inventory.models import StockLevel
from sales.models import Order, OrderItem


class Choices(AutocompleteJsonView):
    """What may be chosen for a field of an order, by those who may take or change orders."""

    field = None

    def process_request(self, request):
        model_admin = self.admin_site.get_model_admin(self.field.remote_field.model)
        return request.GET.get("term", "").replace("\x00", ""), model_admin, self.field, "pk"

    def has_perm(self, request, obj=None):
        may_order = businesses_with(request.user, "sales.add_order", "sales.change_order")
        return bool(may_order) and super().has_perm(request, obj)

    def get_queryset(self):
        return super().get_queryset().filter(is_active=True)

    def serialize_result(self, obj, to_field_name):
        return {"id": str(obj.pk), "text": self.describe(obj)}


class CustomerChoices(Choices):
    field = Order._meta.get_field("customer")

    def describe(self, customer):
        phone = customer.phone.as_international if customer.phone else ""
        return " · ".join(filter(None, [customer.name, phone]))


class ProductChoices(Choices):
    """Products of the business whose order it is, which the address names."""

    field = OrderItem._meta.get_field("product")

    def get_queryset(self):
        asked = self.request.GET.get("business", "")
        business = next((each for each in self.request.businesses if str(each.pk) == asked), None)
        levels = StockLevel.objects.select_related("warehouse").order_by("-warehouse__is_default", "pk")
        found = super().get_queryset().filter(business=business).select_related("business")
        return found.prefetch_related(Prefetch("levels", levels))

    def describe(self, product):
        price = format_money(product.price, product.business.currency)
        return " · ".join([product.name, product.sku, price, self.available(product)])

    def available(self, product):
        """What may still be promised; with several warehouses, how much in each."""
        levels = [level for level in product.levels.all() if level.available > 0]
        if not levels:
            return _("none available")
        if len(levels) == 1 and levels[0].warehouse.is_default:
            return _("%d available") % levels[0].available
        return ", ".join(f"{level.available} {level.warehouse}" for level in levels)


class CustomerSelect(SuggestingSelect):
    url_name = "%s:sales_order_customers"


class ProductSelect(SuggestingSelect):
    """`business` is the order's; `known` the line's product, which the page has read already."""

    business = None
    known = None

    def get_url(self):
        return f"{reverse('admin:sales_order_products')}?business={self.business.pk}"

    def optgroups(self, name, value, attrs=None):
        if self.known is None or value != [str(self.known.pk)]:
            return super().optgroups(name, value, attrs)
        return [(None, [self.create_option(name, self.known.pk, str(self.known), True, 0)], 0)]
