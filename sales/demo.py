"""The orders of the demo: placed, changed, shipped with the courier, delivered, sometimes cancelled."""

from backoffice.demo import CLOSE, DAY, OPEN
from backoffice.roles import STAFF
from inventory.models import Product, StockLevel, Warehouse
from sales.models import Order, OrderItem, OrderStatus
from sales.services.items import change_items, order_items
from sales.services.orders import cancel_order, confirm_order, deliver_order, place_order, ship_order

# Orders a day, from and to; one more after each month. The courier leaves twice a day.
PER_DAY = {"water": (2, 4), "laundry": (1, 2), "shop": (3, 6)}
ROUNDS = [11 * 60, 16 * 60 + 30]
NOTES = [
    "",
    "",
    "",
    "",
    "",
    "Call before you come",
    "Leave with the guard",
    "After 5 pm, please",
    "Second gate",
]


def take_orders(story):
    """Plan the customers of every day; what becomes of an order depends on what is heard of its money."""
    story.when("paid", lambda order: plan_shipping(story, order))
    for day in range(1, story.days + 1):
        for business in story.businesses:
            for _customer in range(story.random.randint(*PER_DAY[business.kind]) + day // 30):
                story.at(day * DAY + story.random.randint(OPEN, CLOSE), take_order, story, business)


def take_order(story, business):
    """Place one order. Firms buy on credit; a few people change their mind, or the order, at once."""
    chance = story.random.random()
    on_credit = chance < 0.1
    customer = story.random.choice(story.customers["firm" if on_credit else "person"])
    warehouse, lines = choose_goods(story, business, most=8 if on_credit else 3)
    if not lines:
        return
    clerk = story.somebody(business, STAFF)
    note = story.random.choice(NOTES)
    order = place_order(business, customer=customer, warehouse=warehouse, lines=lines, note=note, by=clerk)
    if on_credit:
        story.later(12, confirm, story, order, clerk)
        return
    if chance > 0.97:
        story.later(45, cancel, order, clerk, "Customer changed his mind")
        return
    if chance > 0.9:
        story.later(1, add_a_piece, story, order, clerk)
    story.later(2 * DAY, cancel, order, clerk, "Not paid within two days")
    story.happened("placed", order)


def choose_goods(story, business, most):
    """Return a warehouse and up to five (product, quantity) from it; much bought goods come up more often."""
    levels = list(
        StockLevel.objects.filter(business=business, product__is_active=True)
        .order_by("product__sku", "pk")
        .values_list("product", "warehouse", "reorder_level", "quantity", "reserved")
    )
    picked = story.random.choices(levels, [reorder + 1 for _, _, reorder, _, _ in levels], k=5)
    warehouse = picked[0][1]
    picked = picked[: story.random.choice([1, 1, 2, 2, 3, 3, 4, 5])]
    available = {
        product: on_hand - reserved for product, place, _, on_hand, reserved in picked if place == warehouse
    }
    lines = []
    for product in Product.objects.filter(pk__in=available).order_by("sku"):
        wanted = 1 if product.price > 1000 else story.random.randint(1, most)
        if available[product.pk] > 0:
            lines.append((product, min(wanted, available[product.pk])))
    return Warehouse.objects.get(pk=warehouse), lines


def add_a_piece(story, order, clerk):
    """Add a piece to the first line, as far as there is one."""
    item = order_items(order)[0]
    level = StockLevel.objects.get(product=item.product, warehouse=order.warehouse_id)
    if level.available:
        item = OrderItem.objects.get(pk=item.pk)
        item.quantity += 1
        change_items(order, by=clerk, save=[item])


def confirm(story, order, clerk):
    confirm_order(order, by=clerk, reason="On credit, pays by the end of the month")
    plan_shipping(story, order)


def plan_shipping(story, order):
    """Send the order with the next courier, unless it is on its way already."""
    if status_of(order) in (OrderStatus.PAID, OrderStatus.CONFIRMED):
        story.at(next_round(story.minute) + story.random.randint(0, 25), ship, story, order)


def next_round(minute):
    today = minute // DAY * DAY
    return next(today + each for each in (*ROUNDS, DAY + ROUNDS[0]) if today + each > minute + 15)


def ship(story, order):
    """Hand the goods to the courier; now and then nobody is at home and they come back."""
    clerk = story.somebody(order.business, STAFF)
    if status_of(order) not in (OrderStatus.PAID, OrderStatus.CONFIRMED):
        return
    ship_order(order, by=clerk, reason=story.random.choice(["", "With the boda", "With the handcart"]))
    if story.random.random() < 0.012:
        story.later(150, cancel, order, clerk, "Nobody at home, goods came back")
    else:
        minutes = story.random.choice([40, 90, 150, 280, 1150, 1300])
        story.later(minutes, deliver, story, order)


def deliver(story, order):
    deliver_order(order, by=story.somebody(order.business, STAFF))
    story.happened("delivered", order)


def cancel(order, clerk, reason):
    """Cancel the order if it has not been paid, or not arrived, in the meantime."""
    if status_of(order) in (OrderStatus.PENDING, OrderStatus.SHIPPED):
        everything = [item.pk for item in order_items(order)]
        cancel_order(order, by=clerk, reason=reason, restock=everything)


def status_of(order):
    return Order.objects.values_list("status", flat=True).get(pk=order.pk)
