"""How customers of the demo pay: prompts answered and not, cash, and money that somebody has to look at."""

import string

from django.utils import timezone

from backoffice.demo import DAY
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.demo.bank import pay_by_cheque, pay_by_transfer
from payments.demo.cash import pay_cash
from payments.demo.orders import call_off, fresh, order_goods, order_the_same
from payments.gateways.mpesa import NAIROBI
from payments.models import EventOutcome, Payment
from payments.services.attempts import mark_submitted, request_payment
from payments.services.events import process_event, record_event
from payments.services.payments import match_payment
from payments.services.settlement import can_take_money
from payments.simulator.callback import callback_body
from payments.simulator.prompt import ENDINGS, LETTERS, Prompt, new_receipt
from sales.models import Order

NOT_PAID = ["cancel", "cancel", "ignore", "wrong_pin", "no_money"]


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
        ways = [pay_by_transfer, pay_by_cheque, pay_cash] + [pay_at_once] * 3 * has_mpesa(order)
        habit = story.random.choice(ways)
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


def leave_orders_to_ship(story):
    """Somebody in each business has just ordered and paid; the courier leaves in the afternoon."""
    for business in story.businesses:
        people = [each for each in story.customers["person"] if str(each.phone).startswith("+254")]
        pay_at_once(story, order_goods(story, business, story.random.choice(people)))


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
    # Nobody is left with the phone in his hand when the story ends.
    answered = min(story.minute + story.random.uniform(0.2, 1.5), story.end)
    story.at(answered, answer, story, attempt, ending)
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
