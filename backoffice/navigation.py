"""What the sidebar says, in the words of staff, and the numbers beside it."""

from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from backoffice.scoping import active_businesses

BADGES_ARE_FRESH = 30  # seconds


def item(title, icon, url, *permissions, badge="", query=""):
    return {
        "title": title,
        "icon": icon,
        "url": url,
        "permissions": permissions,
        "badge": badge,
        "query": query,
    }


# What staff call it, the admin page behind it, the rights of which one is needed, the number beside it.
NAVIGATION = [
    (
        None,
        [
            item(_("Today"), "today", "index"),
            item(
                _("Orders"),
                "receipt_long",
                "sales_order_changelist",
                "sales.view_order",
                badge="sales.dashboard.orders_to_ship_count",
            ),
            item(_("Customers"), "group", "people_customer_changelist", "people.view_customer"),
        ],
    ),
    (
        _("Catalogue"),
        [
            item(_("Products"), "sell", "inventory_product_changelist", "inventory.view_product"),
            item(_("Categories"), "account_tree", "inventory_category_changelist", "inventory.view_category"),
            item(
                _("Planned prices"),
                "event_upcoming",
                "inventory_plannedprice_changelist",
                "inventory.view_plannedprice",
            ),
            item(
                _("Imports"),
                "upload_file",
                "imports_importjob_changelist",
                "imports.view_importjob",
                badge="backoffice.imports.queries.waiting_jobs_count",
            ),
        ],
    ),
    (
        _("Stock"),
        [
            item(_("Levels"), "inventory_2", "inventory_stocklevel_changelist", "inventory.view_stocklevel"),
            item(
                _("Low stock"),
                "production_quantity_limits",
                "inventory_stocklevel_changelist",
                "inventory.view_stocklevel",
                badge="inventory.dashboard.low_stock_count",
                query="shortcut=low",
            ),
            item(
                _("Movements"),
                "swap_vert",
                "inventory_stockmovement_changelist",
                "inventory.view_stockmovement",
            ),
            item(_("Warehouses"), "warehouse", "inventory_warehouse_changelist", "inventory.view_warehouse"),
        ],
    ),
    (
        _("Money"),
        [
            item(_("Payments"), "payments", "payments_payment_changelist", "payments.view_payment"),
            item(
                _("Money inbox"),
                "inbox",
                "payments_unmatchedmoney_changelist",
                "payments.view_payment",
                badge="payments.dashboard.unmatched_money_badge",
                query="shortcut=unmatched",
            ),
            item(
                _("Refunds"),
                "undo",
                "payments_refund_changelist",
                "payments.view_refund",
                badge="payments.dashboard.refunds_waiting_count",
            ),
            item(
                _("Reconciliation"),
                "balance",
                "payments_statementline_reconciliation",
                "payments.view_statementline",
            ),
            item(
                _("Bank transfers"),
                "account_balance",
                "payments_banktransfer_changelist",
                "payments.view_banktransfer",
                badge="payments.by_hand_dashboard.transfers_to_confirm_count",
            ),
            item(_("Cheques"), "request_quote", "payments_cheque_changelist", "payments.view_cheque"),
            item(
                _("Cash drawers"),
                "point_of_sale",
                "payments_cashdrawer_changelist",
                "payments.view_cashdrawer",
            ),
            item(
                _("Till sessions"),
                "calculate",
                "payments_tillsession_changelist",
                "payments.view_tillsession",
            ),
            item(
                _("Deliveries"),
                "move_to_inbox",
                "payments_webhookevent_changelist",
                "payments.view_webhookevent",
            ),
        ],
    ),
    (
        _("People"),
        [
            item(_("People"), "badge", "people_user_changelist", "people.view_user"),
            item(
                _("Provider accounts"),
                "account_balance",
                "payments_provideraccount_changelist",
                "payments.view_provideraccount",
            ),
            item(_("Businesses"), "storefront", "people_business_changelist", "people.view_business"),
        ],
    ),
]


def navigation(request):
    """Return the sidebar's groups: what this person may open, with numbers where something waits."""
    numbers = badges(request)
    groups = []
    for title, items in NAVIGATION:
        shown = [menu_item(request, each, numbers) for each in items if may_open(request, each)]
        if shown:
            groups.append({"title": title, "items": shown})
    return groups


def may_open(request, each):
    return not each["permissions"] or any(map(request.user.has_perm, each["permissions"]))


def menu_item(request, each, numbers):
    try:
        address = reverse(f"admin:{each['url']}")
    except NoReverseMatch:
        address = "#"
    return {
        "title": each["title"],
        "icon": each["icon"],
        "link": f"{address}?{each['query']}" if each["query"] else address,
        "active": is_active(request, each, address),
        "badge": numbers.get(each["badge"]) or None,
        "badge_variant": "primary",
    }


def is_active(request, each, address):
    """Whether this page is shown: the same list, and of two entries for it the one with the filter."""
    if each["url"] == "index":
        return request.path == address
    if not request.path.startswith(address):
        return False
    chosen = f"shortcut={request.GET.get('shortcut', '')}"
    filtered = any(
        other["url"] == each["url"] and other["query"] == chosen
        for _title, items in NAVIGATION
        for other in items
    )
    return each["query"] == chosen if filtered else not each["query"]


def badges(request):
    """Return {function name: number}, kept for half a minute per person and businesses shown."""
    shown = "-".join(sorted(business.hex for business in active_businesses()))
    key = f"badges:{request.user.pk}:{shown}"
    names = [each["badge"] for _title, items in NAVIGATION for each in items if each["badge"]]
    return cache.get_or_set(
        key, lambda: {name: import_string(name)(request) for name in names}, BADGES_ARE_FRESH
    )
