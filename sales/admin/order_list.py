from django.db.models import Prefetch, prefetch_related_objects
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter, MultipleChoicesDropdownFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from backoffice.admin import BackOfficeAdmin
from backoffice.admin.lists import LONGEST_SEARCH
from backoffice.filters import InclusiveDateFilter
from backoffice.money import money_cell
from backoffice.spreadsheets.export import SpreadsheetExport
from sales.exports import OrderLineListing, OrderListing
from sales.models import OrderItem, OrderStatus
from sales.queries import open_counts, search_orders

S = OrderStatus
STATUS_LABELS = {
    S.PENDING: "warning",
    S.CONFIRMED: "info",
    S.PAID: "success",
    S.SHIPPED: "primary",
    S.CANCELLED: "danger",
}
TABS = [
    (gettext_lazy("All"), []),
    (gettext_lazy("Pending"), [S.PENDING]),
    (gettext_lazy("To ship"), [S.CONFIRMED, S.PAID]),
    (gettext_lazy("On the way"), [S.SHIPPED]),
    (gettext_lazy("Delivered"), [S.DELIVERED]),
    (gettext_lazy("Cancelled"), [S.CANCELLED]),
]
MOST_ITEMS = 2


class OrderList(SpreadsheetExport, BackOfficeAdmin):
    """The list of orders: what waits for whom, found by number, customer, phone or SKU."""

    listings = [OrderListing, OrderLineListing]
    list_display = ["order_number", "buyer", "status_pill", "total", "what", "created_at"]
    list_select_related = ["customer"]
    list_filter = [
        ("status", MultipleChoicesDropdownFilter),
        ("created_at", InclusiveDateFilter),
        ("customer", AutocompleteSelectFilter),
    ]
    search_fields = ["number"]
    search_help_text = gettext_lazy("Number, customer, phone or SKU")
    # Counting all orders on every look at the list costs more than it tells.
    paginator = InfinitePaginator
    list_disable_select_all = True
    preview_related = ["items__product", "warehouse"]
    empty_title = gettext_lazy("No orders here")
    empty_text = gettext_lazy("A new order begins with a customer and at least one product.")

    def get_search_results(self, request, queryset, search_term):
        return search_orders(queryset, search_term[:LONGEST_SEARCH]), False

    def get_changelist_instance(self, request):
        """Read the items of all rows of the page at once."""
        changelist = super().get_changelist_instance(request)
        changelist.result_list = list(changelist.result_list)
        items = Prefetch("items", OrderItem.objects.select_related("product"))
        prefetch_related_objects(changelist.result_list, items)
        return changelist

    def changelist_view(self, request, extra_context=None):
        tabs = {"tab_list": [{"models": ["sales.order"], "items": self.tabs(request)}]}
        return super().changelist_view(request, {**tabs, **(extra_context or {})})

    def tabs(self, request):
        """One tab per kind of work, with how many wait; nobody waits for the finished ones."""
        counts = open_counts(self.get_queryset(request))
        chosen = request.GET.getlist("status__exact")
        tabs = []
        for label, statuses in TABS:
            count = sum(counts.get(status, 0) for status in statuses)
            title = format_html('{} <span class="tab-count">{}</span>', label, count) if count else label
            link = "?" + "&".join(f"status__exact={status}" for status in statuses)
            tabs.append({"title": title, "link": link, "active": chosen == statuses, "has_permission": True})
        return tabs

    @display(description=gettext_lazy("number"), ordering="sequence")
    def order_number(self, order):
        return order.number

    @display(description=gettext_lazy("customer"), ordering="customer__name")
    def buyer(self, order):
        return order.customer.name

    @display(description=gettext_lazy("status"), ordering="status", label=STATUS_LABELS)
    def status_pill(self, order):
        return order.status, order.get_status_display()

    @display(description=gettext_lazy("total"), ordering="total_amount")
    def total(self, order):
        return money_cell(order.total_amount, order.currency)

    @display(description=gettext_lazy("items"))
    def what(self, order):
        items = order.items.all()
        words = ", ".join(f"{item.quantity} × {item.product.name}" for item in items[:MOST_ITEMS])
        more = len(items) - MOST_ITEMS
        return _("%(words)s and %(more)d more") % {"words": words, "more": more} if more > 0 else words
