"""What the books say after a drill."""

from time import monotonic

from django.db import connection
from django.utils import timezone

from backoffice.invariants import check_all
from backoffice.scoping import every_business
from inventory.models import StockMovement
from payments.models import Allocation, EventOutcome, Payment, WebhookEvent
from payments.services.sweeping import apply_events
from sales.models import Order

UNDONE = (EventOutcome.WAITING, EventOutcome.ERROR)


def breaches():
    """Return the invariants that do not hold, each with an example."""
    with every_business():
        return [f"{each.name}: {each.examples[0]}" for each in check_all() if not each.holds]


def money():
    """Everything that money moves, to be compared."""
    return (
        list(Order._base_manager.order_by("pk").values_list("pk", "status", "paid_at")),
        list(Payment._base_manager.order_by("pk").values_list("pk", "status", "amount", "free", "order")),
        list(Allocation._base_manager.order_by("pk").values_list("pk", "amount", "refunded")),
        StockMovement._base_manager.count(),
    )


def times_paid():
    """Return how often each order was moved to paid, by its number; orders never paid are left out."""
    found = {}
    for number in Order.history.filter(history_change_reason__isnull=False, status="paid").values_list(
        "number", flat=True
    ):
        found[number] = found.get(number, 0) + 1
    return found


def undone_events():
    return WebhookEvent._base_manager.filter(outcome__in=UNDONE).count()


def take_up_the_rest(patience=180):
    """Have what is left taken up, as the job of `manage.py sweep_payments` does once its pause is over.

    Returns how many deliveries were left, and the seconds it took.
    """
    start = monotonic()
    connection.close()  # the database may have been killed since this one was opened
    left = undone_events()
    while undone_events() and monotonic() - start < patience:
        WebhookEvent._base_manager.filter(outcome__in=UNDONE).update(next_try_at=timezone.now())
        apply_events(limit=500)
    return left, round(monotonic() - start, 1)
