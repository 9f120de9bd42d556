"""Which orders free money could be for, with points and reasons; a person decides, nothing here writes.

Candidates are orders that something of the money points at, and the latest ones of its business; a page of
payments is proposed for together, in a fixed number of queries.
"""

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.people.models import Business
from backoffice.people.queries import phone_query
from payments.models import Allocation, Payment, PaymentAttempt, PaymentMethod
from payments.services.settlement import PAYABLE, WHOLE_SHILLING
from sales.models import Order
from sales.services.numbers import TypedNumber, read_reference

LATEST = 200  # orders of a business that are looked at although nothing points at them
MOST_POINTED_AT = 500
ENOUGH_POINTS = 15
MOST_POINTS = 100
RECENTLY = timedelta(hours=6)


@dataclass(frozen=True)
class Proposal:
    """An order that money could be for: how much of what is due, how likely (0 to 100), why, for staff."""

    order: Order
    due: Decimal
    amount: Decimal
    score: int
    reasons: tuple[str, ...]


@dataclass
class Money:
    """A payment and what it tells of its purpose; `asked_for` are the orders of its own prompts."""

    payment: Payment
    typed: TypedNumber | None
    asked_for: set


@dataclass
class Candidate:
    """An order that waits for money, what is due, and what its customer was asked for: (amount, when)."""

    order: Order
    due: Decimal
    asked: list = field(default_factory=list)


def propose(payment, limit=5):
    """Return the proposals for one payment, the best first."""
    return propose_for([payment], limit)[payment.pk]


def propose_for(payments, limit=5):
    """Return {payment's key: its proposals, the best first}."""
    moneys = read_money([each for each in payments if each.is_unmatched])
    candidates = find_candidates(moneys) if moneys else []
    found: dict[UUID, list[Proposal]] = {each.pk: [] for each in payments}
    for money in moneys:
        fitting = [proposal for each in candidates if (proposal := weigh(money, each))]
        found[money.payment.pk] = sorted(fitting, key=best_first)[:limit]
    return found


def read_money(payments):
    """Return what each payment tells of its purpose."""
    businesses = Business.objects.in_bulk({each.business_id for each in payments})
    asked = defaultdict(set)
    attempts = PaymentAttempt._base_manager.filter(payment__in=[each.pk for each in payments])
    for payment, order in attempts.values_list("payment", "order"):
        asked[payment].add(order)
    return [
        Money(
            each,
            read_reference(each.payer_reference, businesses[each.business_id].code),
            asked[each.pk] | ({each.order_id} if each.order_id else set()),
        )
        for each in payments
    ]


def search_orders(payment, term, limit=12):
    """Return proposals for the waiting orders that a person looks for by number, customer or phone."""
    named = Q(number__icontains=term) | Q(customer__name__icontains=term)
    typed = read_reference(term, payment.business.code)
    named |= Q(sequence=typed.sequence) if typed else Q()
    named |= phone_query(term, "customer__") or Q()
    found = waiting_orders().filter(named, business=payment.business_id, currency=payment.currency)[:limit]
    return offer(payment, found)


def offer(payment, orders):
    """Return a proposal for each of these orders that money is due for, however little speaks for it."""
    [money] = read_money([payment])
    weighed = [weigh(money, each, enough=0) for each in read_candidates(orders)]
    return sorted(filter(None, weighed), key=best_first)


def waiting_orders():
    """Return the orders that are not paid in full, the newest first."""
    waiting = Order._base_manager.filter(status__in=PAYABLE, paid_at=None, total_amount__gt=0)
    return waiting.select_related("customer").order_by("-created_at", "-pk")


def find_candidates(moneys):
    """Return the orders that wait for money and could be meant by any of the payments."""
    waiting = waiting_orders()
    pointed = waiting.filter(reduce(or_, map(pointed_at, moneys)))[:MOST_POINTED_AT]
    latest = waiting.filter(business__in={each.payment.business_id for each in moneys})[:LATEST]
    return read_candidates({order.pk: order for order in [*latest, *pointed]}.values())


def read_candidates(orders):
    """Return the orders with what is due and what was asked for them."""
    orders = {order.pk: order for order in orders}
    used: dict[UUID, Decimal] = defaultdict(Decimal)
    asked: dict[UUID, list] = defaultdict(list)
    for order, amount in Allocation._base_manager.filter(order__in=orders).values_list("order", "amount"):
        used[order] += amount
    attempts = PaymentAttempt._base_manager.filter(order__in=orders)
    for order, *request in attempts.values_list("order", "amount_requested", "created_at"):
        asked[order].append(request)
    return [Candidate(each, each.total_amount - used[each.pk], asked[each.pk]) for each in orders.values()]


def pointed_at(money):
    """Return a Q for the orders that something of the money points at."""
    payment = money.payment
    points = Q(pk__in=money.asked_for) | Q(
        total_amount__gt=lowest_due(payment), total_amount__lte=payment.free
    )
    if money.typed and not money.typed.is_mistyped:
        points |= Q(sequence=money.typed.sequence)
    if payment.customer_id:
        points |= Q(customer=payment.customer_id)
    if is_clear(payment.payer_phone):
        points |= Q(customer__phone=f"+{payment.payer_phone}")
    return points & Q(business=payment.business_id, currency=payment.currency)


def lowest_due(payment):
    """Return what must be due more than: money of M-Pesa is rounded up to whole shillings."""
    return payment.free - (WHOLE_SHILLING if payment.method == PaymentMethod.MPESA else Decimal("0.01"))


def best_first(proposal):
    return -proposal.score, proposal.order.created_at, proposal.order.pk


def weigh(money, candidate, enough=ENOUGH_POINTS):
    """Return the proposal to use the money for an order, or None when too little speaks for it."""
    order, payment = candidate.order, money.payment
    if (order.business_id, order.currency) != (payment.business_id, payment.currency) or candidate.due <= 0:
        return None
    told = [found for rule in RULES if (found := rule(money, candidate))]
    score = min(MOST_POINTS, sum(points for points, _reason in told))
    if score < enough:
        return None
    amount = min(payment.free, candidate.due)
    return Proposal(order, candidate.due, amount, score, tuple(reason for _points, reason in told))


# The rules: each returns (points, reason) or None.


def by_reference(money, candidate):
    typed = money.typed
    if not typed or typed.is_mistyped or typed.sequence != candidate.order.sequence:
        return None
    if typed.is_checked:
        return 60, _("The reference is the order's, with the right check letter.")
    if typed.is_bare:
        return 20, _("The reference is the order's number without its letters.")
    return 50, _("The reference is the order's number.")


def by_prompt(money, candidate):
    if candidate.order.pk in money.asked_for:
        return 40, _("The customer was asked for this money for this order.")
    return None


def by_phone(money, candidate):
    payment, customer = money.payment, candidate.order.customer
    phone = str(customer.phone or "").lstrip("+")
    if payment.customer_id == customer.pk:
        return 30, _("It is this customer's own money.")
    if not phone:
        return None
    if payment.payer_phone == phone:
        return 30, _("The payer's phone is the customer's.")
    if payment.payer_hash and payment.payer_hash.lower() == hashlib.sha256(phone.encode()).hexdigest():
        return 30, _("The payer's phone, which M-Pesa hides, is the customer's.")
    if fits_mask(payment.payer_phone, phone):
        return 15, _("What M-Pesa shows of the payer's phone fits the customer's.")
    return None


def by_name(money, candidate):
    payer = set(money.payment.payer_name.casefold().split())
    if payer and payer <= set(candidate.order.customer.name.casefold().split()):
        return 10, _("The payer's name fits the customer's.")
    return None


def by_amount(money, candidate):
    payment, due = money.payment, candidate.due
    if payment.free == due:
        return 25, _("The amount is exactly what is due.")
    if lowest_due(payment) < due < payment.free:
        return 25, _("The amount is what is due in whole shillings.")
    if payment.amount in [amount for amount, _when in candidate.asked]:
        return 15, _("The amount is what the customer was asked for.")
    return None


def by_time(money, candidate):
    came = money.payment.paid_at
    moments = [candidate.order.created_at, *(when for _amount, when in candidate.asked)]
    if came and any(timedelta() <= came - moment <= RECENTLY for moment in moments):
        return 10, _("The order was placed or asked for shortly before.")
    return None


RULES = (by_reference, by_prompt, by_phone, by_name, by_amount, by_time)


def is_clear(phone):
    """Whether a phone was told in full."""
    return bool(re.fullmatch(r"[0-9]{9,15}", phone))


def fits_mask(masked, phone):
    """Whether a phone begins and ends with the digits that 2547*****126 shows, five of them at least."""
    shown = re.fullmatch(r"([0-9]{3,})[*xX]+([0-9]{2,})", masked.replace(" ", ""))
    return shown is not None and phone.startswith(shown[1]) and phone.endswith(shown[2])
