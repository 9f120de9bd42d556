"""The money of the demo: how it came, where it lies, and what of it somebody has to look at."""

from backoffice.demo import DAY
from payments.demo.accounts import open_accounts
from payments.demo.bank import leave_claims_waiting, visit_the_bank
from payments.demo.cash import keep_drawers
from payments.demo.prompts import (
    SCENES,
    leave_money_waiting,
    leave_orders_to_ship,
    plan_credit,
    plan_payment,
)
from payments.demo.refunds import ask_for_refunds, give_cash_back
from payments.demo.statement import load_statement
from payments.demo.strays import pay_unasked

# So many days ago the bank was visited last.
VISIT = 4


def take_money(story):
    """Hear of orders: people pay when they order, firms days after the goods came."""
    scenes = {days_left: list(habits) for days_left, habits in SCENES.items()}
    story.when("placed", lambda order: plan_payment(story, order, scenes))
    story.when("delivered", lambda order: plan_credit(story, order))
    keep_drawers(story)
    if story.days > VISIT:
        story.at(story.end - VISIT * DAY, visit_the_bank, story)
    story.at(story.end - 2 * DAY, give_cash_back, story)
    # So late that the rest of the story is the same with and without it.
    story.at(story.end - 180, leave_claims_waiting, story)
    story.at(story.end - 60, ask_for_refunds, story)
    story.at(story.end - 50, leave_money_waiting, story)
    story.at(story.end - 30, leave_orders_to_ship, story)
    # In this order: what is paid to a till, and stands in a statement, belongs to an account.
    for scene in (open_accounts, pay_unasked, load_statement):
        story.at(story.end, scene, story)
