"""What the bank brings in the demo: transfers that somebody claims and somebody confirms, and cheques."""

from datetime import timedelta

from django.utils import timezone

from backoffice.demo import DAY
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.demo.orders import fresh, order_goods
from payments.models import BankTransfer, Cheque
from payments.services.cheques import bounce_cheque, clear_cheque, deposit_cheque, record_cheque
from payments.services.settlement import amount_due, can_take_money
from payments.services.transfers import confirm_transfer, record_transfer
from sales.services.orders import confirm_order

BANKS = ["KCB", "Equity", "Co-op Bank", "Absa"]
OUR_ACCOUNT = "KCB 0110"
BOUNCE_CHANCE = 0.15


def pay_by_transfer(story, order):
    """Say that a transfer was made; the accountant sees it on the statement a day later."""
    transfer = claim_transfer(story, order)
    if transfer:
        story.later(DAY + story.random.randint(-200, 200), confirm, story, transfer)


def claim_transfer(story, order):
    order = fresh(order)
    if can_take_money(order):
        return record_transfer(
            order,
            amount=amount_due(order),
            bank_account=OUR_ACCOUNT,
            reference=f"FT{story.random.randrange(10**8):08}",
            value_date=today(order),
            by=story.somebody(order.business, STAFF),
        )


def confirm(story, transfer):
    transfer = BankTransfer.objects.select_related("order", "business").get(pk=transfer.pk)
    if can_take_money(transfer.order):
        confirm_transfer(transfer, by=keeper_of_books(story, transfer.business))
        story.happened("paid", transfer.order)


def pay_by_cheque(story, order):
    """Hand over a cheque: the bank has it the next day, and credits it two days later, or returns it."""
    cheque = take_cheque(story, order)
    if cheque:
        decide = bounce if story.random.random() < BOUNCE_CHANCE else clear
        story.later(DAY, deposit, story, cheque)
        story.later(3 * DAY, decide, story, cheque)


def take_cheque(story, order, days=0):
    """Take a cheque that is dated so many days ahead."""
    order = fresh(order)
    if can_take_money(order):
        return record_cheque(
            order,
            amount=amount_due(order),
            bank=story.random.choice(BANKS),
            number=f"{story.random.randrange(10**6):06}",
            drawn_by=order.customer.name,
            due_on=today(order) + timedelta(days=days),
            by=story.somebody(order.business, STAFF),
        )


def deposit(story, cheque):
    deposit_cheque(reread(cheque), by=story.somebody(cheque.business, STAFF))


def clear(story, cheque):
    cheque = clear_cheque(reread(cheque), by=keeper_of_books(story, cheque.business))
    story.happened("paid", cheque.order)


def bounce(story, cheque):
    by = keeper_of_books(story, cheque.business)
    bounce_cheque(reread(cheque), by=by, reason="Refer to drawer", bank_fee=500)


def visit_the_bank(story):
    """Four days ago: transfers, confirmed since, and three cheques: one cleared, one bounced, one waits."""
    for business, decide in zip(story.businesses, (clear, bounce, None), strict=True):
        pay_by_transfer(story, order_on_credit(story, business))
        cheque = take_cheque(story, order_on_credit(story, business))
        story.later(DAY, deposit, story, cheque)
        if decide:
            story.later(3 * DAY, decide, story, cheque)


def leave_claims_waiting(story):
    """Firms order on credit and pay at once: a transfer to confirm, a cheque to deposit, one dated ahead."""
    for business in story.businesses:
        claim_transfer(story, order_on_credit(story, business))
        take_cheque(story, order_on_credit(story, business))
        take_cheque(story, order_on_credit(story, business), days=14)


def order_on_credit(story, business):
    """Let a firm order something that is there. Returns the confirmed order."""
    order = order_goods(story, business, story.random.choice(story.customers["firm"]))
    clerk = story.somebody(business, STAFF)
    return confirm_order(order, by=clerk, reason="On credit, pays by the end of the month")


def keeper_of_books(story, business):
    """Return who confirms money: the accountant, or the owner where there is none."""
    role = ACCOUNTANT if story.people[business, ACCOUNTANT] else OWNER
    return story.somebody(business, role)


def today(order):
    return timezone.localdate(timezone=order.business.clock)


def reread(cheque):
    return Cheque.objects.select_related("order", "business", "payment").get(pk=cheque.pk)
