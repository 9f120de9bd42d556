"""Where an order's money stands, in words for staff."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from backoffice.money import format_money
from backoffice.people.models import Customer
from backoffice.people.queries import phone_query
from payments.models import (
    Allocation,
    AttemptStatus,
    Payment,
    PaymentAttempt,
    PaymentStatus,
    Provider,
    Refund,
)
from payments.models.attempt import UNDECIDED
from payments.models.refund import RUNNING
from payments.services.settlement import PAYABLE, amount_due, uses_of
from payments.services.till_money import claims_for
from payments.services.verdicts import waiting
from sales.models import Order, OrderStatus

A = AttemptStatus
# A prompt that the worker has not taken up by then points at a worker that does not run.
WORKER_PATIENCE = timedelta(seconds=20)
# Money comes at times after its request was reported as failed; so long the page looks for it.
LATE_MONEY = timedelta(minutes=15)


@dataclass
class OrderMoney:
    """What an order's money panel shows. `state` changes whenever the page has to be brought up to date."""

    order: Order
    attempts: list[PaymentAttempt]
    payment: Payment | None
    due: Decimal
    used: list[Allocation]
    unmatched: list[Payment]
    claims: list[str]
    refunds: list[Refund]
    is_due: bool
    headline: str = ""
    advice: str = ""
    tone: str = ""

    @property
    def latest(self):
        return self.attempts[0] if self.attempts else None

    @property
    def is_awaited(self):
        """Whether an answer may come at any moment."""
        return any(attempt.is_awaited or attempt.has_claim for attempt in self.attempts)

    @property
    def may_change(self):
        """Whether the page asks for news: while an answer may come, and a while for money that comes late.

        An order that was read just before it was paid, and its money just after, are behind: once more, too.
        """
        if self.payment and self.order.status in PAYABLE and not self.order.paid_at:
            return True
        if self.is_awaited or self.claims or any(refund.status in RUNNING for refund in self.refunds):
            return True
        since = timezone.now() - LATE_MONEY
        return bool(self.is_due and self.latest and self.latest.created_at > since)

    @property
    def seconds(self):
        """How often the page asks for news; a link takes the customer longer than a prompt."""
        is_soon = any(attempt.is_prompt or not attempt.link for attempt in self.attempts)
        return 2 if self.is_awaited and is_soon else 5

    @property
    def state(self):
        told = [self.order.status, self.headline, self.is_awaited, str(self.due)]
        told += [
            (each.pk, each.status, each.message, each.link, each.has_claim, each.claimed_receipt)
            for each in self.attempts
        ]
        told += [(each.pk, each.status, each.message) for each in self.refunds]
        told += self.claims
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def order_money(order):
    """Return the money panel's content for an order, by seven queries."""
    attempts = list(attempts_of(order))
    used = list(uses_of(order))
    due = amount_due(order)
    came = Payment._base_manager.filter(status=PaymentStatus.SUCCESSFUL, free__gt=0)
    credit = Q(customer=order.customer_id, business=order.business_id, credit_at__isnull=False)
    credit &= Q(currency=order.currency) if due else Q(pk=None)
    money = OrderMoney(
        order=order,
        attempts=attempts,
        payment=used[0].payment if used and not due else None,
        due=due,
        used=used,
        unmatched=list(came.filter(Q(order=order) | Q(attempts__order=order) | credit).distinct()),
        claims=claims_for(order),
        refunds=list(refunds_of(order)),
        is_due=due > 0,
    )
    money.tone, money.headline, money.advice = describe(money)
    return money


def refunds_of(order):
    """Return what was or is to be given back of an order's money, newest first."""
    of_order = Q(allocation__order=order) | Q(allocation=None, payment__order=order)
    refunds = Refund._base_manager.filter(of_order)
    return refunds.select_related("payment__business", "requested_by").order_by("-created_at", "-pk")


def is_awaited(order):
    """Whether the customer may still answer a request for an order, or is said to have paid it."""
    return any(attempt.is_awaited or attempt.has_claim for attempt in attempts_of(order))


def attempts_of(order):
    """Return the requests for an order's money, newest first; `has_claim` while a delivery is not decided."""
    attempts = PaymentAttempt._base_manager.filter(order=order).select_related("by", "payment", "account")
    attempts = attempts.annotate(has_claim=Exists(waiting(OuterRef("pk"))))
    return attempts.order_by("-created_at", "-pk")


def describe(money):
    """Return the tone, the headline and what to do next."""
    if money.payment:
        return describe_paid(money)
    if money.order.status == OrderStatus.CANCELLED:
        advice = _("Return the money that came, or use it for another order.") if money.unmatched else ""
        return "calm", _("The order is cancelled; nothing is to be paid."), advice
    if not money.is_due:
        return "calm", _("There is nothing to pay yet."), _("Add items first.")
    if money.claims and not money.is_awaited:
        advice = _("It shows up here as soon as that is confirmed; better wait before you ask the customer.")
        return "wait", told_of_claim(Provider.MPESA), advice
    if money.latest:
        return describe_attempt(money)
    if money.used:
        return describe_part(money)
    return "calm", _("Not paid yet."), how_to_ask(money.order)


def how_to_ask(order):
    if order.currency != "KES":
        return _("M-Pesa takes Kenya shillings only: send a link, or record cash.")
    return _("Ask the customer's phone for the money, send a link, or record cash.")


def describe_paid(money):
    ways = dict.fromkeys(each.payment.get_method_display() for each in money.used)
    total = sum(each.amount + each.payment.rounding for each in money.used)
    total = format_money(total, money.order.currency)
    headline = _("Paid: %(amount)s by %(method)s.") % {"amount": total, "method": " + ".join(ways)}
    if money.is_awaited:
        advice = _("Another request is still open. Tell the customer not to answer it.")
        return "good", headline, advice
    if money.unmatched:
        return "warn", headline, _("More money came than the order costs; it waits as unmatched money.")
    return "good", headline, ""


def describe_part(money):
    came = format_money(sum(each.amount for each in money.used), money.order.currency)
    return "warn", _("%s of it is paid.") % came, _("Ask for the rest, or take it in cash.")


def describe_attempt(money):
    attempt = money.latest
    if attempt.has_claim and attempt.status != A.REVIEW:
        return describe_claim(attempt)
    if attempt.status in UNDECIDED and attempt.is_awaited:
        return describe_awaited(attempt) if attempt.is_prompt else describe_link(attempt)
    if attempt.status == A.UNKNOWN:
        advice = _("Ask the customer what the phone shows before you ask again, or enter the receipt.")
        return "warn", attempt.message, advice
    if attempt.status in (*UNDECIDED, A.EXPIRED):
        return describe_silent(attempt)
    if attempt.status == A.REVIEW:
        advice = _("See the customer's M-Pesa message before you ask again; an owner can check deliveries.")
        return "warn", attempt.message, advice
    if attempt.status == A.SUCCEEDED:
        advice = _("The money waits as unmatched money. Ask again for the full amount, or return it.")
        return "warn", attempt.message, advice
    return "bad", attempt.message, _("Ask again when the customer is ready, or take cash.")


def describe_awaited(attempt):
    if attempt.status == A.SUBMITTED:
        headline = _("The prompt is on the customer's phone.")
        return "wait", headline, _("Wait for the PIN; this page shows the answer by itself.")
    if attempt.status == A.UNKNOWN:
        return "warn", attempt.message, _("You can ask again when this prompt is certainly gone.")
    if not attempt.sent_at and timezone.now() > attempt.created_at + WORKER_PATIENCE:
        advice = _("Is the background worker running? It sends the prompts.")
        return "warn", _("The prompt has not left yet."), advice
    return "wait", _("The prompt is on its way to the phone."), _("It takes a few seconds.")


def describe_claim(attempt):
    return "wait", told_of_claim(attempt.provider), _("The order becomes paid as soon as that is confirmed.")


def told_of_claim(provider):
    who = Provider(provider).label
    return _("Somebody reports this payment; %s is being asked whether it came.") % who


def describe_link(attempt):
    if attempt.status == A.UNKNOWN:
        return "warn", attempt.message, _("Wait a moment, or withdraw the link.")
    if not attempt.link:
        return "wait", _("The link is being made."), _("It takes a few seconds.")
    until = date_format(timezone.localtime(attempt.ends_at), "DATETIME_FORMAT")
    advice = _("Send it to the customer; this page shows the payment by itself. It can be used until %s.")
    return "wait", _("The link waits for the customer."), advice % until


def describe_silent(attempt):
    advice = _("Ask again, or take cash. Should the customer still pay, the money arrives here.")
    if not attempt.is_prompt:
        return "warn", attempt.message or _("The link was not used in time."), advice
    return "warn", _("No answer came within three minutes."), advice


def customers_who_paid(payment, term="", chosen=None, limit=8):
    """Return the customers whose money this may be, `chosen` first; or those that a search finds."""
    active = Customer.objects.filter(is_active=True).order_by("name", "pk")
    likely = Q(pk=chosen)
    if term:
        likely |= phone_query(term) or Q(name__icontains=term)
    else:
        likely |= Q(phone=f"+{payment.payer_phone}") if payment.payer_phone.isdecimal() else Q()
        likely |= Q(name__iexact=payment.payer_name) if payment.payer_name else Q()
    found = list(active.filter(likely)[:limit])
    return sorted(found, key=lambda each: each.pk != chosen)
