"""Statements against books, from both sides: what only one of them has, and what they say differently.

A line and a payment are the same money when staff said so, or when they have the same receipt. For money of
M-Pesa the books are the payments by M-Pesa; for a bank account, the bank transfers and cheques.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, When

from backoffice.people.models import Business
from payments.models import LineKind, Payment, PaymentMethod, Provider, ProviderAccount, StatementLine
from payments.models.payment import RECEIVED
from payments.models.statement import COMPARED
from payments.services.findings import Finding, Kind
from payments.services.given_back import differences_of_refunds

MPESA = (PaymentMethod.MPESA,)
BANK = (PaymentMethod.BANK_TRANSFER, PaymentMethod.CHEQUE)
KEY = models.UUIDField()


@dataclass(frozen=True)
class Source:
    """What gives statements: an M-Pesa account of a business (None: that of the environment), or a bank's."""

    business: Business
    account: ProviderAccount | None = None
    bank: str = ""

    def __str__(self):
        return self.bank or str(self.account or Provider.MPESA.label)

    @property
    def key(self):
        """What an address calls it."""
        return f"bank:{self.bank}" if self.bank else f"mpesa:{self.account.pk if self.account else ''}"

    @property
    def methods(self):
        return BANK if self.bank else MPESA

    @property
    def of_account(self):
        """Which account the rows are of; those without one are the active account's."""
        if self.bank:
            return Q()
        own = Q(account=self.account)
        return own | Q(account=None) if self.account and self.account.is_active else own

    def lines(self):
        return StatementLine._base_manager.filter(self.of_account, business=self.business, bank=self.bank)

    def payments(self):
        """The payments that its statements should show."""
        received = Payment._base_manager.filter(self.of_account, business=self.business, status__in=RECEIVED)
        return received.filter(method__in=self.methods)


def sources_of(business):
    """Return the Sources of a business: its M-Pesa accounts, else the shared one, and its banks."""
    accounts = ProviderAccount._base_manager.filter(business=business, provider=Provider.MPESA)
    accounts = accounts.order_by("-is_active", "created_at")
    shared = [] if any(each.is_active for each in accounts) else [Source(business)]
    lines = StatementLine._base_manager.filter(business=business).exclude(bank="").order_by("bank")
    banks = lines.values_list("bank", flat=True).distinct()
    return [
        *shared,
        *(Source(business, account=each) for each in accounts),
        *(Source(business, bank=each) for each in banks),
    ]


@dataclass(frozen=True)
class Differences:
    """A Source's statement and the books from `begin` to before `end`, both days of the business.

    The sums and `findings` are of money that came; money that went back is compared by itself.
    """

    source: Source
    statement: Decimal
    books: Decimal
    findings: list[Finding]
    given_back: list[Finding]
    apart: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    has_statement: bool = True

    @property
    def difference(self):
        return self.statement - self.books

    @property
    def waiting(self):
        return [each for each in (*self.findings, *self.given_back) if each.is_open]

    @property
    def by_kind(self):
        """Return [(kind, its findings)] of the kinds that there are."""
        groups = defaultdict(list)
        for each in (*self.findings, *self.given_back):
            groups[each.kind].append(each)
        return [(kind, groups[kind]) for kind in Kind if groups[kind]]


def differences(source, first, last):
    """Return the Differences of a Source from the day `first` to the day `last`, by a handful of queries."""
    begin, end = midnight(source, first), midnight(source, last + timedelta(days=1))
    every = source.lines().filter(happened_at__gte=begin, happened_at__lt=end)
    lines = {each.pk: each for each in with_payment(compared(every), source).order_by("happened_at", "pk")}
    booked = with_line(source.payments().filter(paid_at__gte=begin, paid_at__lt=end), source)
    booked = {each.pk: each for each in booked.select_related("explanation").order_by("paid_at", "pk")}
    return Differences(
        source=source,
        statement=sum((each.paid_in for each in lines.values()), Decimal(0)),
        books=sum((each.amount for each in booked.values()), Decimal(0)),
        findings=list(compare(lines, booked)),
        given_back=differences_of_refunds(source, begin, end),
        apart=totals_apart(every),
        has_statement=every.exists(),
    )


def midnight(source, day):
    return datetime.combine(day, time.min, tzinfo=source.business.clock)


def compare(lines, booked):
    """Yield the Findings about lines and payments, each {key: row}, that know their partners."""
    payments = booked | partners(Payment, lines.values(), booked, "partner_id")
    others = lines | partners(StatementLine, booked.values(), lines, "line_id")
    for line in lines.values():
        payment = payments.get(line.partner_id)
        counted = booked.get(line.partner_id)
        amount = line.paid_in - (counted.amount if counted else 0)
        kind = kind_of(line, payment, is_here=counted is not None)
        if kind:
            yield Finding(kind, line, payment, amount)
    for payment in booked.values():
        if payment.line_id not in lines:
            line = others.get(payment.line_id)
            yield Finding(kind_of(line, payment, is_here=False), line, payment, -payment.amount)


def kind_of(line, payment, *, is_here):
    """Return what a pair lacks, or None when it is one money on both sides; `is_here`: in the same days."""
    if (line and line.parked_at) or (payment and hasattr(payment, "explanation")):
        return None if line and payment and is_here and line.paid_in == payment.amount else Kind.ASIDE
    if payment is None:
        return Kind.UNBOOKED
    if line is None:
        return Kind.UNSEEN
    if line.paid_in != payment.amount:
        return Kind.AMOUNT
    return None if is_here else Kind.ELSEWHERE


def partners(model, rows, known, name):
    """Return {key: row} of the partners of rows which are not among the known ones."""
    missing = {getattr(each, name) for each in rows} - {None, *known}
    found = model._base_manager.in_bulk(list(missing))
    if model is Payment:
        models.prefetch_related_objects(list(found.values()), "explanation")
    return found


def compared(lines):
    """Keep the lines that may be a customer's money."""
    return lines.filter(paid_in__gt=0, kind__in=COMPARED)


def same_receipt(source, receipt):
    """Return the lines of a receipt that staff said nothing about; the first of them is the payment's."""
    lines = compared(
        StatementLine._base_manager.filter(business=source.business, receipt=receipt, payment=None)
    )
    lines = lines.exclude(bank="") if source.bank else lines.filter(bank="")
    return lines.order_by("happened_at", "pk")


def with_payment(lines, source):
    """Annotate lines with the key of their received payment, `partner_id`, or with nothing."""
    received = Payment._base_manager.filter(
        business=source.business,
        transaction_id=OuterRef("receipt"),
        method__in=source.methods,
        status__in=RECEIVED,
        statement_line=None,
    )
    first = same_receipt(source, OuterRef("receipt")).values("pk")[:1]
    return lines.annotate(
        first_id=Subquery(first, output_field=KEY),
        partner_id=Case(
            When(payment__status__in=RECEIVED, then=F("payment")),
            When(
                Q(payment=None, first_id=F("pk")) & ~Q(receipt=""),
                then=Subquery(received.values("pk")[:1], output_field=KEY),
            ),
            output_field=KEY,
        ),
    )


def with_line(payments, source):
    """Annotate payments with the key of their line, `line_id`, or with nothing; without other banks' ones."""
    first = same_receipt(source, OuterRef("transaction_id"))
    payments = payments.annotate(
        line_id=told_or_found("pk", first, KEY),
        line_bank=told_or_found("bank", first, models.CharField()),
    )
    return payments.filter(Q(line_bank=None) | Q(line_bank=source.bank))


def told_or_found(column, lines, kind):
    return Case(
        When(statement_line__isnull=False, then=F(f"statement_line__{column}")),
        default=Subquery(lines.values(column)[:1], output_field=kind),
        output_field=kind,
    )


def totals_apart(lines):
    """Return {kind: (in, out)} of what is no customer's money: charges, own money moved, money given back."""
    rows = lines.exclude(paid_in__gt=0, kind__in=COMPARED).order_by("kind").values("kind")
    totals = rows.annotate(came=Sum("paid_in"), went=Sum("paid_out"))
    return {LineKind(each["kind"]).label: (each["came"], each["went"]) for each in totals}


def oldest_open(source):
    """Return when the oldest money moved that only one side has, while statements cover it; or None."""
    lines = source.lines()
    known = lines.aggregate(first=models.Min("happened_at"), last=models.Max("happened_at"))
    if known["first"] is None:
        return None
    unbooked = with_payment(compared(lines), source).filter(partner_id=None, parked_at=None)
    unseen = with_line(source.payments(), source).filter(line_id=None, explanation=None)
    unseen = unseen.filter(paid_at__range=(known["first"], known["last"]))
    oldest = [
        unbooked.aggregate(at=models.Min("happened_at"))["at"],
        unseen.aggregate(at=models.Min("paid_at"))["at"],
    ]
    return min(filter(None, oldest), default=None)
