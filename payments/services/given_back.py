"""Money of M-Pesa that went back, by its statement and by the refunds of the books.

A line and a refund are the same money when they have the same receipt. A refund without one is known by the
payment that was reversed. Money is paid out for other reasons too, so only reversals have to be in the books.
"""

from decimal import Decimal

from django.db.models import Q

from payments.models import LineKind, Refund, RefundStatus
from payments.services.findings import Finding, Kind
from payments.services.refund_ways import amount_back


def differences_of_refunds(source, begin, end):
    """Return the Findings about money given back between two moments; for a bank there are none."""
    if source.bank:
        return []
    lines = lines_out(source).filter(happened_at__gte=begin, happened_at__lt=end, kind=LineKind.REVERSAL)
    refunds = carried_out(source).filter(done_at__gte=begin, done_at__lt=end)
    lines, refunds = list(lines.order_by("happened_at", "pk")), list(refunds.order_by("done_at", "pk"))
    theirs, ours = refunds_of(lines, source), lines_of(refunds, source)
    pairs = [(line, theirs.get(line.receipt) or theirs.get(line.linked_receipt)) for line in lines]
    paired = {refund.pk for _line, refund in pairs if refund}
    pairs += [(ours.get(number_of(refund)), refund) for refund in refunds if refund.pk not in paired]
    found = [compare(line, refund) for line, refund in pairs]
    return [finding for finding in found if finding]


def lines_out(source):
    return source.lines().filter(paid_out__gt=0)


def carried_out(source):
    """Return the refunds that its statements should show."""
    refunds = Refund._base_manager.filter(payment__in=source.payments(), status=RefundStatus.SUCCEEDED)
    return refunds.select_related("payment__explanation")


def number_of(refund):
    """What a refund is known by in a statement."""
    return refund.receipt or refund.payment.transaction_id


def refunds_of(lines, source):
    """Return {number: refund} of the refunds that lines could be."""
    own, linked = {each.receipt for each in lines}, {each.linked_receipt for each in lines} - {""}
    reversed_before = Q(receipt=None, payment__transaction_id__in=linked)
    return {
        number_of(each): each for each in carried_out(source).filter(Q(receipt__in=own) | reversed_before)
    }


def lines_of(refunds, source):
    """Return {number: line} of the lines that refunds could be, whatever they are taken for there."""
    numbers = {number_of(each) for each in refunds}
    lines = lines_out(source).exclude(kind=LineKind.CHARGE)
    lines = lines.filter(Q(receipt__in=numbers) | Q(linked_receipt__in=numbers, kind=LineKind.REVERSAL))
    return {each.linked_receipt: each for each in lines} | {each.receipt: each for each in lines}


def compare(line, refund):
    """Return the Finding about a line and a refund, of which one may be None; None when they agree."""
    came, went = (line.paid_out if line else Decimal(0)), (amount_back(refund) if refund else Decimal(0))
    if came == went:
        return None
    kind = Kind.BACK_AMOUNT if line and refund else Kind.BACK_UNBOOKED if line else Kind.BACK_UNSEEN
    payment = refund.payment if refund else None
    if (line and line.parked_at) or (payment and hasattr(payment, "explanation")):
        kind = Kind.ASIDE
    return Finding(kind, line, payment, went - came, refund)
