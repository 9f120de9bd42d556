"""A thousand orders at once for the last ten pieces, by the form that staff fill in: ten are taken."""

from urllib.parse import urlencode

from benchmarks.drills.client import Delivery, send_all, warm
from benchmarks.drills.programs import WebServer
from benchmarks.drills.told import Told, counted

ENGINES = ["postgresql", "sqlite"]
SIZES = {
    "small": {"count": 40, "connections": 8},
    "full": {"count": 1_000, "connections": 50},
    "control": {"count": 200, "connections": 50},
}
PIECES = 10
CSRF = "d" * 32


def run(stage, random, *, count, connections):
    from backoffice.scoping import every_business
    from benchmarks.drills.books import breaches
    from inventory.models import StockLevel, StockMovement
    from sales.models import Order

    with every_business():
        form = order_form(*set_shop())
    # Pages of the demo need no collected files and no https.
    application = "benchmarks.drills.from_memory:application" if stage.control else "backoffice.wsgi"
    web = stage.keep(WebServer(application, stage.log, environment={"DEMO": "1"}))
    warm(web.port)
    answers = send_all(web.port, [form] * count, connections)
    statuses = [each.status for each in answers]
    numbers = sorted(Order._base_manager.values_list("sequence", flat=True))
    promised = sum(StockMovement._base_manager.values_list("reserved", flat=True))
    level, broken = StockLevel._base_manager.get(), breaches()
    return Told(
        f"{count:,} orders over {connections} connections for the last {PIECES} pieces",
        {
            f"{PIECES} orders are taken": statuses.count(302) == PIECES,
            "all others are shown why not": statuses.count(200) == count - PIECES,
            "they are numbered without a gap": numbers == list(range(1, PIECES + 1)),
            "each piece is promised once": (promised, level.reserved, level.quantity) == (PIECES,) * 3,
            "all invariants hold": not broken,
        },
        {"answers": counted(answers), "orders": len(numbers), "promised": promised}
        | {"slowest s": round(max(each.seconds for each in answers), 1), "breaches": broken[:2]},
    )


def set_shop():
    """Return the product of which there are so many, a customer, and the session of somebody who sells."""
    from django.contrib.auth.models import Group
    from django.test import Client

    from backoffice.people.models import Business, BusinessAccess, Customer, User
    from backoffice.roles import STAFF
    from benchmarks.drills.prompts import PHONE, first_product

    business = Business.objects.create(name="Drill", code="DRILL")
    product = first_product(business, PIECES)
    customer = Customer.objects.create(name="Customer", phone=f"+{PHONE}")
    clerk = User.objects.create(email="clerk@example.com", username="clerk", is_staff=True)
    BusinessAccess.objects.create(user=clerk, business=business, role=Group.objects.get(name=STAFF))
    browser = Client()
    browser.force_login(clerk)
    return product, customer, browser.session.session_key


def order_form(product, customer, session):
    """One piece, ordered on the page for new orders."""
    sheet = {
        "customer": customer.pk,
        "items-TOTAL_FORMS": 1,
        "items-INITIAL_FORMS": 0,
        "items-0-product": product.pk,
        "items-0-quantity": 1,
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={session}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
    }
    return Delivery("/admin/sales/order/add/", urlencode(sheet).encode(), tuple(headers.items()))
