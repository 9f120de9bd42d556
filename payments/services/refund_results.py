"""What a delivery about a refund does: the final result wins, whatever came before; nothing counts twice."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import format_money
from backoffice.transitions import record_change
from payments.gateways.gateway import Kind, State
from payments.models import EventOutcome, Provider, Refund, RefundStatus
from payments.models.refund import RUNNING
from payments.services.refund_money import fail_refund, finish_refund, lock_refund
from payments.services.refund_sending import doubt
from payments.services.refund_ways import REPEATABLE, asked_of_provider, is_whole, provider_of
from payments.services.refunds_elsewhere import note_made_elsewhere
from payments.services.same_money import said_about

S = RefundStatus
APPLIED, IGNORED, REVIEW = EventOutcome.APPLIED, EventOutcome.IGNORED, EventOutcome.REVIEW
REVERSED = "reversed"


@dataclass(frozen=True)
class Verdict:
    """How a refund ended, as far as a delivery tells; `receipt` is that of the money on its way back."""

    state: State
    receipt: str
    text: str


@transaction.atomic
def apply_refund_notice(refund, notice, *, by=None, account=None):
    """Let a delivery decide about a refund. Returns (outcome, reason, payment).

    `refund` is the one whose address it came to; without it the delivery's own numbers tell, among those of
    the account's business. What was given back on the provider's own pages becomes a refund of its payment;
    raises NotYet where that is not known.
    """
    refund = refund or refund_of(notice, account)
    if refund is None:
        return note_made_elsewhere(notice, account, by=by)
    refund = lock_refund(refund)
    verdict = verdict_of(refund, notice)
    problem = misfit(refund, notice, verdict)
    if problem:
        return REVIEW, problem, refund.payment
    act = {State.PAID: note_success, State.FAILED: note_failure, State.UNKNOWN: note_doubt}
    return act.get(verdict.state, note_waiting)(refund, verdict, by=by)


def refund_of(notice, account):
    """Return the refund that a delivery names: by our key, or by the provider's number of it; or None."""
    refunds = Refund._base_manager.all()
    if account:
        refunds = refunds.filter(business=account.business_id)
    try:
        found = refunds.filter(pk=UUID(notice.key)).first()
    except ValueError:
        found = None
    return found or (refunds.filter(receipt=notice.receipt).first() if notice.receipt else None)


def verdict_of(refund, notice):
    """Read a result, or the answer to our question about it.

    Asked about a reversal, Safaricom tells of the payment that was to be reversed.
    """
    if notice.kind != Kind.STATUS:
        return Verdict(notice.state, notice.receipt, notice.text)
    if not is_whole(refund.payment, refund.amount):
        return Verdict(notice.state, notice.receipt, notice.text)
    if notice.text.casefold() == REVERSED:
        return Verdict(State.PAID, "", _("Safaricom says that the payment is reversed."))
    return Verdict(
        State.PENDING, "", _("Safaricom says of the payment: %s. It is not reversed.") % notice.text
    )


def misfit(refund, notice, verdict):
    """Say why a delivery cannot be about this refund, or return an empty string."""
    if refund.status in (S.REQUESTED, S.REJECTED):
        return _("Nobody has sent this refund.")
    if notice.problems:
        return said_about(notice)
    if verdict.state == State.PAID:
        return amount_problem(refund, notice) or receipt_problem(refund, notice, verdict)
    if verdict.state == State.FAILED and refund.looked_up_at and not answers_request(refund, notice):
        return _("It is not clear whether the refund failed or the question about it.")
    return ""


def amount_problem(refund, notice):
    amount, currency = asked_of_provider(refund)
    if notice.amount is not None and (notice.amount, notice.currency) != (amount, currency):
        told = (format_money(notice.amount, notice.currency), format_money(amount, currency))
        return _("%s went back instead of %s.") % told
    return ""


def receipt_problem(refund, notice, verdict):
    # The answer about a reversal names the payment; a receipt of its own it has not.
    original = notice.original_receipt or ("" if verdict.receipt else notice.receipt)
    if original and original != refund.payment.transaction_id:
        return _("It tells of another payment, %s.") % original
    others = Refund._base_manager.filter(receipt=verdict.receipt).exclude(pk=refund.pk)
    if verdict.receipt and others.exists():
        return _("Another refund has this receipt already.")
    return ""


def answers_request(refund, notice):
    """Whether a delivery has the number of the request itself, rather than of a question about it."""
    is_ours = notice.key == str(refund.pk) and notice.kind != Kind.STATUS
    return is_ours or (refund.reference is not None and notice.reference == refund.reference)


def note_success(refund, verdict, *, by):
    if refund.status == S.SUCCEEDED:
        return IGNORED, _("That it was given back was known before."), None
    values = {"receipt": verdict.receipt} if verdict.receipt else {}
    try:
        with transaction.atomic():
            finish_refund(refund, by=by, reason=verdict.text or _("given back"), **values)
    except RuleBroken as rule:  # it had failed, and its money is used for something else by now
        return REVIEW, str(rule), refund.payment
    return APPLIED, "", refund.payment


def note_failure(refund, verdict, *, by):
    """A card or an account may send money back later; what M-Pesa has done is done."""
    if refund.status == S.FAILED:
        return IGNORED, _("That it failed was known before."), None
    if refund.status == S.SUCCEEDED and provider_of(refund.payment) == Provider.MPESA:
        return IGNORED, _("It was given back before; a failure changes nothing."), None
    fail_refund(refund, by=by, reason=verdict.text or _("failed"))
    return APPLIED, "", refund.payment


def note_doubt(refund, verdict, *, by):
    text = verdict.text or _("The provider does not say how it ended.")
    if refund.status in (S.APPROVED, S.SENT):
        doubt(refund, text)
    return REVIEW, text, refund.payment


def note_waiting(refund, verdict, *, by):
    """Stripe and PayPal will tell; M-Pesa, which has not got round to it, may never do it nor tell."""
    text = verdict.text or _("It is not decided yet.")
    if refund.status in (S.APPROVED, S.SENT) and provider_of(refund.payment) not in REPEATABLE:
        doubt(refund, text)
    elif refund.status in RUNNING:
        record_change(refund, ["message"], by=by, reason=text, message=text[:255])
    return IGNORED, text, None
