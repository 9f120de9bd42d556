"""What the money tells on the index page."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.dashboard import Shortcut, amounts_by_currency, todo_card
from payments.models import (
    AttemptStatus,
    Channel,
    EventOutcome,
    Payment,
    PaymentMethod,
    PaymentStatus,
    RefundStatus,
)
from payments.services.dealt_with import STUCK
from payments.services.refund_ways import PROVIDERS
from sales.models import OrderStatus

FAILED_DAYS = 7
DELIVERY_PATIENCE = timedelta(minutes=5)
RESULT_PATIENCE = timedelta(hours=1)


def is_unmatched(request, payments):
    """Money that came and waits for somebody to say what it is for."""
    free = payments.filter(status=PaymentStatus.SUCCESSFUL, free__gt=0)
    return free.filter(parked_at=None, credit_at=None)


def is_parked(request, payments):
    """Free money that somebody put aside."""
    return payments.filter(status=PaymentStatus.SUCCESSFUL, free__gt=0, parked_at__isnull=False)


def is_credit(request, payments):
    """Free money that is kept for its customer's next order."""
    kept = payments.filter(status=PaymentStatus.SUCCESSFUL, free__gt=0, parked_at=None)
    return kept.filter(credit_at__isnull=False)


def is_in_doubt(request, attempts):
    """Asked for, and nobody knows whether it was paid: without an answer, or with one that contradicts."""
    asked = Q(status=AttemptStatus.EXPIRED, next_look_at__isnull=False)
    return attempts.filter(asked | Q(status__in=(AttemptStatus.UNKNOWN, AttemptStatus.REVIEW)))


def is_to_look_at(request, events):
    """Deliveries that could not be applied, or wait longer than they should."""
    stuck = Q(outcome=EventOutcome.WAITING, received_at__lt=timezone.now() - DELIVERY_PATIENCE)
    return events.filter(stuck | Q(outcome__in=STUCK))


def is_unconfirmed(request, events):
    """Money at the till that is reported, and is not booked before Safaricom confirms it.

    What Safaricom does not confirm is to be looked at.
    """
    return events.filter(channel=Channel.C2B, outcome=EventOutcome.WAITING, next_look_at__isnull=False)


def is_failed(request, payments):
    """Not paid in the last days, for an order that still waits for its money."""
    live = Payment._base_manager.filter(order=OuterRef("order"), status=PaymentStatus.PENDING)
    return payments.filter(
        ~Exists(live),
        status=PaymentStatus.FAILED,
        updated_at__gte=timezone.now() - timedelta(days=FAILED_DAYS),
        order__status__in=(OrderStatus.PENDING, OrderStatus.CONFIRMED),
        order__paid_at=None,
    )


def is_waiting(request, refunds):
    """Refunds that a person has to do something about: approve, hand out, or find out how they ended.

    M-Pesa tells once, within minutes, how one ended; a card or an account may take days.
    """
    by_hand = Q(status=RefundStatus.APPROVED) & ~Q(payment__method__in=PROVIDERS)
    silent = Q(status=RefundStatus.SENT, payment__method=PaymentMethod.MPESA)
    silent &= Q(sent_at__lt=timezone.now() - RESULT_PATIENCE)
    return refunds.filter(by_hand | silent | Q(status__in=(RefundStatus.REQUESTED, RefundStatus.UNKNOWN)))


INBOX = "payments.UnmatchedMoney"
UNMATCHED = Shortcut(INBOX, "unmatched", gettext_lazy("Waiting"), is_unmatched, "free", since="created_at")
PARKED = Shortcut(INBOX, "parked", gettext_lazy("Parked"), is_parked, "free")
CREDIT = Shortcut(INBOX, "credit", gettext_lazy("Kept as credit"), is_credit, "free")
DOUBTFUL = Shortcut(
    "payments.PaymentAttempt", "doubt", gettext_lazy("In doubt"), is_in_doubt, "worth", since="created_at"
)
DELIVERIES = Shortcut(
    "payments.WebhookEvent",
    "look",
    gettext_lazy("Deliveries to look at"),
    is_to_look_at,
    since="received_at",
)
UNCONFIRMED = Shortcut(
    "payments.WebhookEvent",
    "unconfirmed",
    gettext_lazy("Not yet confirmed"),
    is_unconfirmed,
    since="received_at",
)
FAILED = Shortcut(
    "payments.Payment", "failed", gettext_lazy("Failed, order still unpaid"), is_failed, "amount"
)
REFUNDS = Shortcut("payments.Refund", "waiting", gettext_lazy("Waits for somebody"), is_waiting, "amount")
SHELVES = [UNMATCHED, PARKED, CREDIT, UNCONFIRMED, DELIVERIES]
SHORTCUTS = [*SHELVES, DOUBTFUL, FAILED, REFUNDS]


def unmatched_money_badge(request):
    """For the sidebar: how much money waits, without cents; empty when none does."""
    totals = {pk: total for pk, (_n, total, _oldest) in UNMATCHED.totals(request).items()}
    return ", ".join(amount.rsplit(".", 1)[0] for amount in amounts_by_currency(request, totals))


def unmatched_money(request):
    """Money that came and fits no order: somebody paid, and nobody knows for what."""
    calm = _("Every payment has its order.")
    return todo_card(request, UNMATCHED, title=_("Unmatched money"), icon="question_mark", calm=calm)


def attempts_in_doubt(request):
    """Requests for money that may or may not have been paid."""
    calm = _("Every request has its answer.")
    return todo_card(request, DOUBTFUL, title=_("Payments in doubt"), icon="contact_support", calm=calm)


def deliveries_to_look_at(request):
    """Messages of providers that a person has to look at."""
    calm = _("Every message of a provider is applied.")
    return todo_card(request, DELIVERIES, title=_("Deliveries to look at"), icon="move_to_inbox", calm=calm)


def failed_payments(request):
    """Payments of the last seven days that failed, while the order still waits for its money."""
    calm = _("No payment failed this week.")
    return todo_card(request, FAILED, title=_("Failed payments"), icon="credit_card_off", calm=calm)


def refunds_waiting_count(request):
    """For the sidebar: how many refunds wait for somebody."""
    return REFUNDS.count(request)


def refunds_waiting(request):
    """Refunds that wait for an approval, for a hand or for somebody to find out how they ended."""
    calm = _("No refund waits for anybody.")
    return todo_card(request, REFUNDS, title=_("Refunds waiting"), icon="undo", calm=calm)
