"""What happened to an order, told for staff: edits and moves, stock, money; newest first.

Payments stand above sales, so they are read through the reverse names of the order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from phonenumber_field.phonenumber import to_python

from backoffice.money import format_money
from inventory.models import StockMovement
from sales.models import Order, OrderItem, OrderStatus

# What one click caused is told as one event.
TOGETHER = timedelta(seconds=5)

# A payment and the order that it pays say the same.
PAID = "paid"

STATUS_ICONS = {
    OrderStatus.PENDING: "undo",
    OrderStatus.CONFIRMED: "task_alt",
    OrderStatus.PAID: "paid",
    OrderStatus.SHIPPED: "local_shipping",
    OrderStatus.DELIVERED: "where_to_vote",
    OrderStatus.CANCELLED: "cancel",
}
STOCK_WORDS = {
    "reserve": ("bookmark_added", gettext_lazy("Stock reserved")),
    "release": ("bookmark_remove", gettext_lazy("Stock free to sell again")),
    "issue": ("outbox", gettext_lazy("Stock taken off the shelf")),
    "return": ("move_to_inbox", gettext_lazy("Stock back on the shelf")),
}
MONEY_WORDS = {
    "successful": ("paid", gettext_lazy("Paid")),
    "refunded": ("currency_exchange", gettext_lazy("Money returned")),
}


@dataclass
class Event:
    """Something that happened; without `by` no person did it. Events with one `key` may be told as one."""

    when: datetime
    by: Any
    icon: str
    title: str
    lines: list[str] = field(default_factory=list)
    key: str = ""


def timeline(order: Order) -> list[Event]:
    """Return the events of an order, newest first; five queries, however long the story is."""
    moves, edits = order_events(order)
    events = [
        *moves,
        *item_events(order),
        *edits,
        *stock_events(order),
        *payment_events(order),
        *attempt_events(order),
    ]
    return told_together(sorted(events, key=lambda event: event.when))[::-1]


def told_together(events: list[Event]) -> list[Event]:
    """Join the events that one person caused by one click; the first of them gives the title."""
    told: list[Event] = []
    latest: dict[tuple, Event] = {}
    for event in events:
        same = latest.get((event.key, event.by))
        if event.key and same and event.when - same.when < TOGETHER:
            same.lines += [line for line in event.lines if event.key != PAID or line not in same.lines]
        else:
            told.append(event)
            latest[event.key, event.by] = event
    return told


def order_events(order: Order) -> tuple[list[Event], list[Event]]:
    """The order placed and moved, and the order edited."""
    rows = order.history.select_related("history_user", "customer").order_by("history_date", "history_id")
    moves, edits = [], []
    for old, new in pairwise([None, *rows]):
        about = {"when": new.history_date, "by": new.history_user}
        if old is None:
            moves.append(Event(**about, icon="add_shopping_cart", title=_("Order placed"), key="edit"))
        elif old.status != new.status:
            icon, title = STATUS_ICONS[new.status], new.get_status_display()
            key = PAID if new.status == OrderStatus.PAID else ""
            moves.append(Event(**about, icon=icon, title=title, lines=reasons(new), key=key))
        elif new.paid_at and not old.paid_at:
            moves.append(Event(**about, icon="paid", title=_("Paid"), lines=reasons(new), key=PAID))
        elif lines := list(edit_words(old, new)):
            edits.append(Event(**about, icon="edit", title=_("Changed"), lines=lines, key="edit"))
    return moves, edits


def reasons(row):
    """The reason somebody gave for a move, unless it only repeats the status."""
    given = row.history_change_reason or ""
    return [given] if given and given != _("became %s") % row.status else []


def edit_words(old, new) -> Iterator[str]:
    """What an edit changed, in words."""
    if old.total_amount != new.total_amount:
        before, after = (format_money(row.total_amount, row.currency) for row in (old, new))
        words = _("Total: %(before)s → %(after)s") if old.total_amount else _("Total: %(after)s")
        yield words % {"before": before, "after": after}
    if old.customer_id != new.customer_id:
        yield _("Customer: %(before)s → %(after)s") % {"before": old.customer, "after": new.customer}
    if old.note != new.note:
        yield _("Note: %s") % new.note if new.note else _("Note removed")


def item_events(order: Order) -> Iterator[Event]:
    """Lines added, changed and removed."""
    rows = OrderItem.history.filter(order=order).select_related("history_user", "product")
    known: dict = {}
    for row in rows.order_by("history_date", "history_id"):
        old, known[row.id] = known.get(row.id), row
        line = item_words(old, row, order.currency)
        if line:
            yield Event(row.history_date, row.history_user, "edit", _("Changed"), [line], key="edit")


def item_words(old, row, currency):
    words = {
        "quantity": row.quantity,
        "product": row.product.name,
        "price": format_money(row.unit_price, currency),
    }
    if row.history_type == "-":
        return _("%(quantity)d × %(product)s removed") % words
    if old is None or old.product_id != row.product_id:
        return _("%(quantity)d × %(product)s at %(price)s") % words
    if old.quantity != row.quantity:
        return _("%(product)s: %(before)d → %(quantity)d pieces") % {**words, "before": old.quantity}
    return ""


def stock_events(order: Order) -> Iterator[Event]:
    """Stock promised to the order, taken for it and given back."""
    rows = StockMovement.objects.filter(business=order.business_id, cause=f"order:{order.pk}").select_related(
        "product", "warehouse", "by"
    )
    for row in rows.order_by("pk"):
        icon, title = STOCK_WORDS.get(row.reason, ("inventory_2", row.get_reason_display()))
        line = _("%(quantity)d × %(product)s, %(warehouse)s") % {
            "quantity": abs(row.quantity or row.reserved),
            "product": row.product.name,
            "warehouse": row.warehouse,
        }
        yield Event(row.created_at, row.by, icon, title, [line], key=f"stock:{row.reason}")


def payment_events(order: Order) -> Iterator[Event]:
    """Money that came or went; what was only asked for is told by the attempts."""
    history = order.payments.model.history
    rows = history.filter(order=order).select_related("history_user").order_by("history_date", "history_id")
    known: dict = {}
    for row in rows:
        before, known[row.id] = known.get(row.id), row.status
        if row.status == before or row.status not in MONEY_WORDS:
            continue
        icon, title = MONEY_WORDS[row.status]
        amount = f"{row.get_method_display()} {format_money(row.amount, row.currency)}"
        lines = filter(None, [" ".join(filter(None, [amount, row.transaction_id])), row.note])
        key = PAID if row.status == "successful" else ""
        yield Event(row.history_date, row.history_user, icon, title, list(lines), key=key)


def attempt_events(order: Order) -> Iterator[Event]:
    """Prompts on the customer's phone, links to pages of providers, and how they ended."""
    for attempt in order.payment_attempts.select_related("by"):
        asked, provider = (
            format_money(attempt.amount_requested, attempt.currency),
            attempt.get_provider_display(),
        )
        if attempt.is_prompt:
            asked = f"{asked} · {to_python(f'+{attempt.phone}').as_international}"
            icons, titles = (
                ("send_to_mobile", "mobile_off"),
                (_("M-Pesa prompt sent"), _("M-Pesa prompt: %s")),
            )
        else:
            icons, titles = ("link", "link_off"), (_("%s link made") % provider, f"{provider}: %s")
        yield Event(attempt.created_at, attempt.by, icons[0], titles[0], [asked])
        if not attempt.is_open and attempt.status != "succeeded":
            title = titles[1] % attempt.get_status_display().lower()
            yield Event(attempt.updated_at, None, icons[1], title, [attempt.message])
