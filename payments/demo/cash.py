"""The cash of the demo: who took it, and the drawers of those who count theirs every evening."""

from decimal import Decimal

from backoffice.demo import CLOSE, DAY, OPEN
from backoffice.money import format_money
from backoffice.roles import OWNER, STAFF
from payments.demo.orders import fresh
from payments.models import CashDrawer, CashReason, TillStatus
from payments.models.till import DENOMINATIONS
from payments.services.counting import accept_difference, close_till
from payments.services.payments import record_cash
from payments.services.settlement import can_take_money
from payments.services.tills import (
    expected_cash,
    move_cash,
    needs_till,
    open_till,
    save_drawer,
    sessions_of,
)

# For two weeks these have counted; the laundry takes its cash without.
DRAWERS = {"water": "Refill counter", "shop": "Shop counter"}
DAYS = 13
FLOAT = {"500": 2, "200": 5, "100": 10, "50": 10, "20": 15, "10": 20}
MOST_IN_DRAWER = 6000
# So many days ago the count of the shop differed; the largest wait for, and had, a second person.
SLIPS = {
    11: (-700, "A customer was given change for 1,000 and had paid with 500"),
    6: (-50, "Change given twice"),
    3: (20, "Nobody knows; counted twice"),
    1: (-650, "The crate deposit was paid out of the drawer and not written down"),
}
ACCEPTED = 11


def keep_drawers(story):
    """Plan a drawer for each business that has one, and its sessions since."""
    begin = max(1, story.days - DAYS)
    for business in story.businesses:
        if business.kind in DRAWERS:
            story.at(begin * DAY + 5, set_up_drawer, story, business)
            for day in range(begin, story.days + 1):
                story.at(day * DAY + OPEN - 20, begin_day, story, business)
                story.at(day * DAY + CLOSE - 180, bank_cash, story, business)
                story.at(day * DAY + CLOSE + 30, end_day, story, business)


def set_up_drawer(story, business):
    drawer = CashDrawer(business=business, name=DRAWERS[business.kind])
    save_drawer(drawer, by=story.people[business, OWNER][0])


def begin_day(story, business):
    """Let the clerks of a business take turns; today it is the first of them."""
    staff = story.people[business, STAFF]
    drawer = CashDrawer.objects.get(business=business)
    open_till(drawer, counts=FLOAT, by=staff[story.days_left % len(staff)])


def bank_cash(story, business):
    """Bring to the bank what would be too much for a drawer, in thousands."""
    session = sessions_of(business=business).get()
    amount = (expected_cash(session) - MOST_IN_DRAWER) // 1000 * 1000
    if amount > 0:
        note = f"Slip {story.random.randrange(10**6):06}"
        move_cash(session, amount=amount, reason=CashReason.BANKED, by=session.opened_by, note=note)


def end_day(story, business):
    """Count the drawer: right but for a few evenings in the shop."""
    session = sessions_of(business=business).get()
    slip, why = SLIPS.get(story.days_left, (0, "")) if business.kind == "shop" else (0, "")
    counts = notes_for(expected_cash(session) + slip, session.currency)
    session = close_till(session, counts=counts, by=session.opened_by, reason=why)
    if session.status == TillStatus.REVIEW and story.days_left >= ACCEPTED:
        story.later(14 * 60, accept, story, session)


def accept(story, session):
    accept_difference(session, by=story.people[session.business, OWNER][0])


def notes_for(amount, currency):
    """Return {denomination: pieces} that make an amount, the largest first."""
    counts = {}
    for worth in DENOMINATIONS[currency]:
        counts[worth], amount = divmod(amount, Decimal(worth))
    if amount:
        raise RuntimeError(f"No coin makes the {format_money(amount, currency)} that are left.")
    return {worth: int(pieces) for worth, pieces in counts.items()}


def pay_cash(story, order):
    """Pay all in cash, with notes of five hundred; the next morning, when nobody keeps the till."""
    order = fresh(order)
    clerk = cashier(story, order.business)
    if clerk is None:
        day, minute = divmod(story.minute, DAY)
        story.at((day + (minute > OPEN)) * DAY + OPEN + 45, pay_cash, story, order)
    elif can_take_money(order):
        total = order.total_amount
        record_cash(order, amount=total, handed=(total // 500 + 1) * 500, by=clerk)
        story.happened("paid", order)


def cashier(story, business):
    """Return who takes cash now: who answers for the drawer, if there is one; nobody (None) at night."""
    if not needs_till(business):
        return story.somebody(business, STAFF)
    session = sessions_of(business=business).select_related("opened_by").first()
    return session and session.opened_by
