"""What a line of a statement that nobody booked could be: money of the books, or money that staff noted.

All are of the line's business and amount. Nothing here writes; a person chooses.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from payments.models import (
    AttemptStatus,
    BankTransfer,
    Cheque,
    ChequeStatus,
    Payment,
    PaymentAttempt,
    Provider,
    TransferStatus,
)
from payments.models.attempt import UNPAID
from payments.models.payment import RECEIVED
from payments.services.reconciliation import BANK, MPESA
from payments.services.transfers import same_spelling

# How far the time in our books may be from the provider's, and the day that staff typed from the bank's.
NEAR, NEAR_AT_BANK = timedelta(hours=2), timedelta(days=7)


def payments_that_fit(line):
    """Return the received payments that a line could be: same amount, near in time, no line yet.

    For M-Pesa those whose receipt is missing.
    """
    fitting = Payment._base_manager.filter(
        business=line.business,
        currency=line.business.currency,
        amount=line.paid_in,
        statement_line=None,
        status__in=RECEIVED,
        method__in=BANK if line.bank else MPESA,
    )
    if line.bank:
        return fitting.filter(near_at_bank(line)).order_by("created_at", "pk")
    return fitting.filter(near_at_provider(line), transaction_id=None).order_by("paid_at", "pk")


def near_at_provider(line):
    """The condition that M-Pesa money is near a line: by the time it was paid, or by its prompt.

    A prompt may be found to be paid long after, so its money came at any time since it was sent.
    """
    begin, end = line.happened_at - NEAR, line.happened_at + NEAR
    prompts = PaymentAttempt._base_manager.filter(payment=OuterRef("pk"), status=AttemptStatus.SUCCEEDED)
    sent_before = prompts.alias(since=Coalesce("sent_at", "created_at")).filter(since__lte=end)
    shown = prompts.filter(claimed_receipt=line.receipt).exclude(claimed_receipt="")
    return Q(paid_at__range=(begin, end)) | (Q(paid_at__gte=begin) & Exists(sent_before)) | Exists(shown)


def near_at_bank(line):
    """The condition that bank money is near a line: by what was written down of it, or when it was booked."""
    span = (line.happened_at - NEAR_AT_BANK, line.happened_at + NEAR_AT_BANK)
    near = Q(paid_at__range=span) | Q(cheque__deposited_at__range=span)
    return near | noted_near(line, "bank_transfer__")


def noted_near(line, path=""):
    """The condition that a transfer, at the end of `path`, has the reference of a line, or nearly its day."""
    day = line.value_date or timezone.localdate(line.happened_at, line.business.clock)
    days = (day - NEAR_AT_BANK, day + NEAR_AT_BANK)
    return Q(**{f"{path}value_date__range": days}) | Q(**{f"{path}reference__in": references_of(line)})


def references_of(line):
    """Return what a line calls its money, spelled as transfers are."""
    return [same_spelling(each) for each in (line.receipt, line.payer_reference) if each]


def transfers_that_fit(line):
    """Return the transfers that staff noted, nobody has confirmed, and a line of a bank could be."""
    if not line.bank:
        return BankTransfer._base_manager.none()
    noted = BankTransfer._base_manager.filter(
        business=line.business,
        currency=line.business.currency,
        amount=line.paid_in,
        status=TransferStatus.CLAIMED,
    )
    return noted.filter(noted_near(line)).select_related("order").order_by("value_date", "pk")


def cheques_that_fit(line):
    """Return the cheques that were brought to the bank, and a line of a bank could be."""
    if not line.bank:
        return Cheque._base_manager.none()
    deposited = Cheque._base_manager.filter(
        business=line.business,
        currency=line.business.currency,
        amount=line.paid_in,
        status=ChequeStatus.DEPOSITED,
        deposited_at__range=(line.happened_at - NEAR_AT_BANK, line.happened_at + NEAR_AT_BANK),
    )
    return deposited.select_related("order").order_by("deposited_at", "pk")


def noted_that_fits(line):
    """Return what staff noted, transfers and cheques, that a line could confirm."""
    return [*transfers_that_fit(line), *cheques_that_fit(line)]


def claim_on(line):
    """Return the attempt whose customer showed the receipt of a line to staff, or None."""
    if line.bank:
        return None
    claims = PaymentAttempt._base_manager.filter(
        business=line.business,
        provider=Provider.MPESA,
        claimed_receipt=line.receipt,
        amount_requested=line.paid_in,
        status__in=UNPAID,
    )
    return claims.order_by("created_at").first()
