"""The money of the demo: prompts answered and not, cash, and money that needs somebody to look at it."""

import string
from decimal import Decimal

from django.utils import timezone

from backoffice.demo import DAY
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.gateways.mpesa import NAIROBI
from payments.models import EventOutcome, Payment, PaymentAttempt, Provider, ProviderAccount
from payments.services.accounts import save_account
from payments.services.attempts import mark_submitted, request_payment
from payments.services.events import process_event, record_event
from payments.services.payments import match_payment, record_cash
from payments.services.settlement import can_take_money
from payments.simulator import SIMULATOR_CREDENTIALS
from payments.simulator.callback import callback_body
from payments.simulator.prompt import ENDINGS, LETTERS, Prompt, new_receipt
from sales.models import Order
from sales.services.orders import cancel_order, order_items, place_order

NOT_PAID = ["cancel", "cancel", "ignore", "wrong_pin", "no_money"]


def take_money(story):
    """Hear of orders: people pay when they order, firms days after the goods came."""
    scenes = {days_left: list(habits) for days_left, habits in SCENES.items()}
    story.when("placed", lambda order: plan_payment(story, order, scenes))
    story.when("delivered", lambda order: plan_credit(story, order))
    # So late that the rest of the story is the same with and without it.
    story.at(story.end - 50, leave_money_waiting, story)
    story.at(story.end, open_accounts, story)


def open_accounts(story):
    """Give each business accounts of its own at the pretend providers, which are asked before money counts.

    Last of all: the past was told without anybody to ask.
    """
    for n, business in enumerate(story.businesses):
        if business.currency == "KES":
            owner = story.people[business, OWNER][0]
            for values in ACCOUNTS:
                numbers = {"identifier": f"demo-{business.code}"}
                if values["provider"] == Provider.MPESA:
                    numbers = {"identifier": SIMULATOR_CREDENTIALS["shortcode"], "till": f"{520110 + n}"}
                account = ProviderAccount(business=business, is_live=False, **values, **numbers)
                save_account(account, by=owner)
    # The pretend Safaricom began with nothing: it knows none of the prompts of the story.
    PaymentAttempt.objects.update(next_look_at=None)


def plan_payment(story, order, scenes):
    """Choose how the customer will pay, in a few minutes."""
    habit = story.random.choices(list(HABITS), HABITS.values())[0]
    if not has_mpesa(order):
        habit = pay_cash
    elif scenes.get(story.days_left):
        habit = scenes[story.days_left].pop(0)
    story.later(story.random.randint(3, 14), habit, story, order)


def plan_credit(story, order):
    if can_take_money(fresh(order)):
        habit = story.random.choice([pay_at_once, pay_at_once, pay_cash]) if has_mpesa(order) else pay_cash
        story.later(story.random.randint(2, 11) * DAY + story.random.randint(-90, 90), habit, story, order)


def has_mpesa(order):
    return str(order.customer.phone).startswith("+254")


def pay_at_once(story, order):
    ask(story, order, "pin")


def pay_at_second_try(story, order):
    ask(story, order, story.random.choice(NOT_PAID))
    story.later(story.random.randint(4, 20), pay_at_once, story, order)


def give_up(story, order):
    ask(story, order, story.random.choice(NOT_PAID))


def pay_wrong_amount(story, order):
    ask(story, order, "wrong_amount")


def stay_away(story, order):
    """Order and never pay."""


def pay_cash(story, order):
    order = fresh(order)
    if can_take_money(order):
        record_cash(order, amount=order.total_amount, by=story.somebody(order.business, STAFF))
        story.happened("paid", order)


def pay_twice(story, order):
    """The prompt seems dead, cash is taken, and then M-Pesa's money arrives after all."""
    attempt = ask(story, order, "ignore")
    story.later(6, pay_cash, story, order)
    story.later(25, answer, story, attempt, "pin")


def pay_for_cancelled_order(story, order):
    """The money of a cancelled order arrives late; the accountant uses it for the next one."""
    attempt = ask(story, order, "ignore")
    story.later(30, call_off, story, order)
    story.later(50, answer, story, attempt, "pin")
    story.later(90, order_again, story, order, attempt)


def leave_money_waiting(story):
    """Money comes after its order was cancelled; the same order, placed again, waits for it."""
    (station,) = [each for each in story.businesses if each.kind == "water"]
    orders = Order.objects.filter(business=station, customer__phone__startswith="+254", status="delivered")
    usual = orders.select_related("business", "customer", "warehouse").order_by("-sequence").first()
    if usual is None:
        return
    order = order_the_same(story, usual)
    attempt = ask(story, order, "ignore")
    story.later(10, call_off, story, order)
    story.later(20, answer, story, attempt, "pin")
    story.later(40, order_the_same, story, order)


def call_off(story, order):
    cancel_order(order, by=story.somebody(order.business, STAFF), reason="Customer says he cannot pay")


def order_the_same(story, order):
    lines = [(item.product, item.quantity) for item in order_items(order)]
    clerk = story.somebody(order.business, STAFF)
    return place_order(
        order.business, customer=order.customer, warehouse=order.warehouse, lines=lines, by=clerk
    )


def order_again(story, order, attempt):
    """Place the same order again and use the waiting money for it."""
    again = order_the_same(story, order)
    attempt.refresh_from_db()
    role = ACCOUNTANT if story.people[order.business, ACCOUNTANT] else OWNER
    match_payment(attempt.payment, order=again, by=story.somebody(order.business, role))
    story.happened("paid", again)


def ask(story, order, ending):
    """Put a prompt on the customer's phone; what he does follows within a minute. Returns the attempt."""
    order = fresh(order)
    clerk = story.somebody(order.business, STAFF)
    attempt = request_payment(order, phone=str(order.customer.phone), by=clerk)
    number = f"{story.random.randrange(10**8):08}"
    stamp = f"{now():%d%m%Y%H%M%S}"
    attempt = mark_submitted(
        attempt,
        merchant_request_id=f"{number[:5]}-{number}-1",
        checkout_request_id=f"ws_CO_{stamp}{number[:3]}{attempt.phone}",
    )
    story.later(story.random.uniform(0.2, 1.5), answer, story, attempt, ending)
    return attempt


def answer(story, attempt, ending):
    """Deliver Safaricom's callback to an attempt."""
    body = callback_body(ended_prompt(story, attempt, ending))
    event = process_event(record_event(attempt, body=body, content_type="application/json"))
    if event.outcome != EventOutcome.APPLIED:
        raise RuntimeError(f"The delivery to {attempt} is {event.outcome}: {event.reason}")
    if Payment.objects.filter(pk=event.payment_id, order=attempt.order_id).exists():
        story.happened("paid", attempt.order)


def ended_prompt(story, attempt, ending):
    """Return the prompt of an attempt as the customer left it, a moment ago."""
    code, words = ENDINGS[ending]
    asked = int(attempt.amount_requested)
    less = 50 if asked > 50 else -1
    return Prompt(
        merchant_request_id=attempt.merchant_request_id,
        checkout_request_id=attempt.checkout_request_id,
        shortcode="",
        payee=str(attempt.business),
        phone=attempt.phone,
        amount=asked,
        reference=attempt.order.number,
        description="",
        callback_url="",
        asked_at=attempt.created_at,
        schedule=lambda prompt: None,
        choice=ending,
        result_code=code,
        result_desc=words,
        paid=asked - less if ending == "wrong_amount" else asked,
        receipt=new_receipt(now())[:3] + "".join(story.random.choices(LETTERS + string.digits, k=7)),
        ended_at=now(),
    )


def now():
    return timezone.now().astimezone(NAIROBI)


def fresh(order):
    return Order.objects.select_related("business", "customer").get(pk=order.pk)


# The customer pays with PayPal in dollars: it takes no shillings.
ACCOUNTS = [
    {"provider": Provider.MPESA, "name": "Till"},
    {"provider": Provider.STRIPE, "name": "Cards"},
    {"provider": Provider.PAYPAL, "name": "PayPal", "quote_currency": "USD", "quote_rate": Decimal("129.50")},
]
# How people pay, of a hundred.
HABITS = {pay_at_once: 68, pay_at_second_try: 9, give_up: 1, pay_cash: 19, stay_away: 3}
# What a clerk should find: so many days ago the first customers did this instead.
SCENES = {
    30: [pay_for_cancelled_order],
    5: [pay_wrong_amount],
    2: [pay_twice],
    1: [give_up],
    0: [give_up, pay_wrong_amount, give_up],
}
