"""What must be true of money at every moment."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, DecimalField, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Round
from django.utils import timezone

from backoffice.invariants import EXAMPLES
from payments.models import (
    Allocation,
    AttemptStatus,
    BankTransfer,
    CashMovement,
    CashReason,
    Cheque,
    ChequeStatus,
    EventOutcome,
    Payment,
    PaymentAttempt,
    PaymentMethod,
    PaymentStatus,
    Refund,
    RefundStatus,
    TillSession,
    TillStatus,
    WebhookEvent,
)
from payments.models.payment import RECEIVED
from payments.models.refund import HELD
from sales.models import Order, OrderStatus

MONEY = DecimalField(max_digits=12, decimal_places=2)

# A delivery may wait this long before somebody should have noticed.
PATIENCE = timedelta(minutes=5)


def paid_orders_have_their_money():
    """An order is paid if and only if what is used for it reaches its total, and never exceeds it."""
    orders = Order._base_manager.order_by("pk").values("pk", "number", "status", "total_amount")
    # Rounded, because SQLite adds decimals as floating point numbers.
    orders = orders.annotate(
        used=Round(Coalesce(Sum("allocations__amount"), Decimal(0), output_field=MONEY), precision=2)
    )
    unpaid = Q(paid_at=None, used__lt=F("total_amount")) | Q(paid_at=None, total_amount=0, used=0)
    paid = Q(paid_at__isnull=False, used=F("total_amount")) & ~Q(status=OrderStatus.CANCELLED)
    kept = Round(Sum(F("allocations__amount") - F("allocations__refunded")), precision=2)
    cancelled = orders.filter(status=OrderStatus.CANCELLED).annotate(kept=kept).filter(kept__gt=0)
    wrong = orders.exclude(unpaid | paid).exclude(status=OrderStatus.CANCELLED)
    for row in [*wrong[: EXAMPLES + 1], *cancelled[: EXAMPLES + 1]]:
        yield "{number} is {status} and costs {total_amount}; {used} is used for it".format(**row)


def payments_are_used_once():
    """What is used, free, given back and rounded of a received payment is all of it; of another, nothing."""
    payments = Payment._base_manager.order_by("pk").annotate(
        used=total_of(Allocation, "amount", OuterRef("pk")),
        returned=total_of(Refund, "amount", OuterRef("pk"), allocation=None, status__in=HELD),
    )
    parts = Round(F("used") + F("returned") + F("free") + F("rounding"), precision=2)
    whole = Q(status__in=RECEIVED, parts=Round(F("amount"), precision=2))
    nothing = ~Q(status__in=RECEIVED) & Q(used=0, returned=0, free=0)
    wrong = payments.annotate(parts=parts).exclude(whole | nothing)
    for key, status, parts in wrong.values_list("pk", "status", "parts")[: EXAMPLES + 1]:
        yield f"payment {key} is {status}; its parts make {parts}"


def total_of(model, column, payment, **only):
    """The sum of a column over a payment's rows, as an expression."""
    rows = model._base_manager.filter(payment=payment, **only).order_by().values("payment")
    total = Subquery(rows.annotate(total=Sum(column)).values("total"), output_field=MONEY)
    return Coalesce(total, Decimal(0), output_field=MONEY)


def refunds_stay_within_what_was_used():
    """What was given back out of an order's money is what its allocation says."""
    given = total_of_allocation()
    rows = Allocation._base_manager.order_by("pk").annotate(given=given)
    for key in rows.exclude(given=F("refunded")).values_list("pk", flat=True)[: EXAMPLES + 1]:
        yield f"allocation {key} says something else than its refunds"


def given_back_payments_are_refunded():
    """A payment is refunded if and only if all of it was given back."""
    given = total_of(Refund, "amount", OuterRef("pk"), status=RefundStatus.SUCCEEDED)
    payments = Payment._base_manager.order_by("pk").filter(status__in=RECEIVED).annotate(given=given)
    back = Q(given__gt=0, amount=Round(F("given") + F("rounding"), precision=2))
    refunded = Q(status=PaymentStatus.REFUNDED)
    wrong = payments.filter((refunded & ~back) | (~refunded & back))
    for key, status, given in wrong.values_list("pk", "status", "given")[: EXAMPLES + 1]:
        yield f"payment {key} is {status}; {given} of it was given back"


def total_of_allocation():
    rows = Refund._base_manager.filter(allocation=OuterRef("pk"), status__in=HELD).order_by()
    total = Subquery(
        rows.values("allocation").annotate(total=Sum("amount")).values("total"), output_field=MONEY
    )
    return Coalesce(total, Decimal(0), output_field=MONEY)


def payments_are_dated_when_received():
    """A payment has the time it was paid if and only if the money came; it is more than nothing."""
    came = Q(status__in=RECEIVED)
    wrong = (came & Q(paid_at=None)) | (~came & Q(paid_at__isnull=False)) | Q(amount__lte=0)
    for key, status in rows_of(Payment, wrong, "status"):
        yield f"payment {key} is {status}; its time or amount says otherwise"


def orders_await_one_payment():
    """No order waits for two payments at once."""
    awaited = Payment._base_manager.order_by().filter(status=PaymentStatus.PENDING, order__isnull=False)
    doubled = awaited.values("order__number").annotate(count=Count("pk")).filter(count__gt=1)
    for row in doubled[: EXAMPLES + 1]:
        yield "{order__number} has {count} payments pending".format(**row)


def answered_prompts_have_their_money():
    """A prompt that was paid has a received payment of its own; one that was not paid has none."""
    paid, came = Q(status=AttemptStatus.SUCCEEDED), Q(payment__status__in=RECEIVED)
    for key, status in rows_of(PaymentAttempt, paid & ~came, "status"):
        yield f"attempt {key} is {status}, its payment was not received"
    attempts = PaymentAttempt._base_manager.order_by().filter(paid)
    shared = attempts.values("payment").annotate(count=Count("pk")).filter(count__gt=1)
    for row in shared[: EXAMPLES + 1]:
        yield "payment {payment} was paid by {count} prompts".format(**row)


def prompts_agree_with_the_order():
    """A prompt asks for money of the order that its payment is for, or its money waits unmatched."""
    wrong = (
        Q(payment__order__isnull=False) & ~Q(status=AttemptStatus.SUCCEEDED) & ~Q(payment__order=F("order"))
    )
    for key, status in rows_of(PaymentAttempt, wrong, "status"):
        yield f"attempt {key} is {status} and belongs to a payment of another order"


def deliveries_are_dealt_with():
    """Every acknowledged delivery is applied, ignored or put aside with a reason, arrived just now or waits.

    It waits for its next try, or until the provider was asked about it or about its attempt.
    """
    now = timezone.now()
    undone = Q(outcome__in=[EventOutcome.WAITING, EventOutcome.ERROR])
    is_asked = Q(next_look_at__isnull=False) | Q(attempt__next_look_at__isnull=False)
    is_asked &= Q(outcome=EventOutcome.WAITING)
    late = undone & Q(received_at__lt=now - PATIENCE) & ~(is_asked | Q(next_try_at__gt=now))
    silent = Q(outcome__in=[EventOutcome.REVIEW, EventOutcome.UNREADABLE, EventOutcome.IGNORED], reason="")
    undated = ~Q(outcome=EventOutcome.WAITING) & Q(processed_at=None)
    for key, outcome in rows_of(WebhookEvent, late | silent | undated, "outcome"):
        yield f"delivery {key} is {outcome}, too long or without a reason"


def applied_deliveries_have_their_money():
    """The payment that a delivery became is received."""
    wrong = Q(payment__isnull=False) & ~Q(payment__status__in=RECEIVED)
    for key, outcome in rows_of(WebhookEvent, wrong, "outcome"):
        yield f"delivery {key} is {outcome}, its payment is not received"


def tills_add_up():
    """A counted till expected its float and what moved; the difference is what was counted beyond that."""
    moved = Coalesce(Sum("movements__amount"), Decimal(0), output_field=MONEY)
    sessions = TillSession._base_manager.order_by("pk").exclude(status=TillStatus.OPEN)
    # Rounded, because SQLite adds decimals as floating point numbers.
    sessions = sessions.annotate(
        parts=Round(F("opening_float") + moved, precision=2),
        over=Round(F("counted") - F("expected"), precision=2),
    )
    right = Q(parts=Round(F("expected"), precision=2), over=Round(F("difference"), precision=2))
    for key, parts in sessions.exclude(right).values_list("pk", "parts")[: EXAMPLES + 1]:
        yield f"till session {key} says something else than its movements, {parts}"


def cash_in_tills_is_that_of_payments():
    """What a till took for an order is a received cash payment, all of it and once."""
    taken = CashMovement._base_manager.order_by("pk").filter(reason=CashReason.TAKEN)
    right = Q(payment__method=PaymentMethod.CASH, payment__status__in=RECEIVED, payment__amount=F("amount"))
    for key in taken.exclude(right).values_list("pk", flat=True)[: EXAMPLES + 1]:
        yield f"cash movement {key} is not what its payment says"
    shared = taken.order_by().values("payment").annotate(count=Count("pk")).filter(count__gt=1)
    for row in shared[: EXAMPLES + 1]:
        yield "payment {payment} was taken into tills {count} times".format(**row)


def bank_money_has_its_payment():
    """A confirmed transfer or a cleared cheque is a received payment of its amount; a bounced one is none."""
    for model in (BankTransfer, Cheque):
        booked = model._base_manager.order_by("pk").filter(payment__isnull=False)
        right = Q(payment__status__in=RECEIVED, payment__amount=F("amount"))
        for key in booked.exclude(right).values_list("pk", flat=True)[: EXAMPLES + 1]:
            yield f"{model._meta.verbose_name} {key} is not what its payment says"
    kept = Q(status=ChequeStatus.BOUNCED, payment__status=PaymentStatus.SUCCESSFUL)
    for key, status in rows_of(Cheque, kept, "status"):
        yield f"cheque {key} is {status}, its payment still counts"


def rows_of(model, wrong, column):
    return model._base_manager.order_by("pk").filter(wrong).values_list("pk", column)[: EXAMPLES + 1]


INVARIANTS = [
    paid_orders_have_their_money,
    payments_are_dated_when_received,
    payments_are_used_once,
    refunds_stay_within_what_was_used,
    given_back_payments_are_refunded,
    orders_await_one_payment,
    answered_prompts_have_their_money,
    prompts_agree_with_the_order,
    deliveries_are_dealt_with,
    applied_deliveries_have_their_money,
    tills_add_up,
    cash_in_tills_is_that_of_payments,
    bank_money_has_its_payment,
]
