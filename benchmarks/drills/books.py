"""What the books say after a drill."""

from time import monotonic, sleep
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from backoffice.invariants import check_all
from backoffice.scoping import every_business
from inventory.models import StockMovement
from payments.models import Allocation, EventOutcome, Payment, Refund, RefundStatus, WebhookEvent
from payments.services.sweeping import apply_events
from sales.models import Order

UNDONE = (EventOutcome.WAITING, EventOutcome.ERROR)
DECIDED = (RefundStatus.SUCCEEDED, RefundStatus.FAILED)


def breaches():
    """Return the invariants that do not hold, each with an example."""
    with every_business():
        return [f"{each.name}: {each.examples[0]}" for each in check_all() if not each.holds]


class Money(NamedTuple):
    """Everything that money moves, to be compared: what it does for orders, and what came and went."""

    orders: tuple
    payments: list


def money():
    payments = Payment._base_manager.order_by("pk").values_list("pk", "status", "amount", "free", "order")
    orders = Order._base_manager.order_by("pk").values_list("pk", "status", "paid_at")
    uses = Allocation._base_manager.order_by("pk").values_list("pk", "amount", "refunded")
    refunds = Refund._base_manager.filter(status__in=DECIDED).order_by("pk")
    given_back = refunds.values_list("pk", "status", "done_at")
    pieces = StockMovement._base_manager.count()
    return Money((list(orders), list(uses), list(given_back), pieces), list(payments))


def times_paid():
    """Return how often each order was moved to paid, by its number; orders never paid are left out."""
    found = {}
    for number in Order.history.filter(history_change_reason__isnull=False, status="paid").values_list(
        "number", flat=True
    ):
        found[number] = found.get(number, 0) + 1
    return found


def undone_events():
    """Count the deliveries that wait for the office; one with a next look waits for Safaricom."""
    return WebhookEvent._base_manager.filter(outcome__in=UNDONE, next_look_at=None).count()


def decide_all(patience=180):
    """Return once every delivery is decided: by the office itself, or else as its worker's sweep does it.

    Returns how many the office had left, and the seconds that they took.
    """
    connection.close()  # the database may have been killed since this one was opened
    left = undone_events()
    while left and left > (left := wait_a_moment()):
        pass
    start = monotonic()
    while undone_events() and monotonic() - start < patience:
        WebhookEvent._base_manager.filter(outcome__in=UNDONE).update(next_try_at=timezone.now())
        apply_events(limit=500)
    return left, round(monotonic() - start, 1)


def wait_a_moment(seconds=0.5):
    sleep(seconds)
    return undone_events()
