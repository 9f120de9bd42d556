"""The call to the provider behind a refund: outside any transaction, never twice where that could pay twice.

Stripe and PayPal know our key, so an unanswered request is repeated. M-Pesa's unanswered requests are for a
person, who may have Safaricom asked what became of them.
"""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import move, record_change
from payments.gateways.gateway import AskRefused, AskUnknown, State
from payments.models import Provider, Refund, RefundStatus
from payments.services.outbox import Retry
from payments.services.refund_money import fail_refund, finish_refund, lock_refund
from payments.services.refund_ways import REPEATABLE, ask_for, gateway_of, is_whole, provider_of
from payments.services.result_tokens import result_addresses

S = RefundStatus
# Providers remember our keys for a day at least; after that a repeated request would be a new one.
KEY_LIFETIME = timedelta(hours=20)
# Longer than any call may take: who claimed a refund before that has died.
CLAIM_LIFETIME = timedelta(minutes=2)


def send_refund(refund_id):
    """Ask the provider for an approved refund, unless that was done. Raises Retry to be called again."""
    refund = claim_refund(refund_id)
    if refund is None:
        return
    try:
        standing = gateway_of(refund.payment).refund(ask_for(refund))
    except AskRefused as refusal:
        if note_refusal(refund, refusal):
            raise Retry(refusal.text) from refusal
    except AskUnknown as silence:
        if note_silence(refund, silence):
            raise Retry(silence.text) from silence
    except RuleBroken as rule:
        note_refusal(refund, AskRefused("settings", str(rule)))
    else:
        note_standing(refund, standing)


@transaction.atomic
def claim_refund(refund_id):
    """Return a refund to whoever is to send it now; None when it is not to be sent (any more).

    The claim is `sent_at`. A process that dies after it has perhaps asked M-Pesa: nobody asks again. Raises
    Retry while somebody else may be at it.
    """
    refund = lock_refund(Refund._base_manager.get(pk=refund_id))
    if provider_of(refund.payment) is None or refund.status not in (S.APPROVED, S.UNKNOWN):
        return None
    if refund.sent_at is None:
        return record_change(refund, ["sent_at"], by=None, reason=_("taken up"), sent_at=timezone.now())
    age, payment = timezone.now() - refund.sent_at, refund.payment
    if refund.status == S.APPROVED and age < CLAIM_LIFETIME:
        raise Retry("somebody is at it")
    if refund.status == S.APPROVED:
        doubt(refund, _("Nobody knows whether the provider was asked."))
        refund = lock_refund(refund)
    if provider_of(payment) in REPEATABLE and age < KEY_LIFETIME:
        return refund
    return None


@transaction.atomic
def note_refusal(refund, refusal):
    """Note that nothing was done. Returns whether to try later; else the refund has failed."""
    seen = refund.status
    refund = lock_refund(refund)
    if refund.status not in (S.APPROVED, S.UNKNOWN):
        return False
    text = refusal.text[:255]
    if refusal.retry_after is not None:
        # This call did nothing, so that the first one is yet to come.
        sent_at = None if seen == S.APPROVED else refund.sent_at
        record_change(refund, ["message", "sent_at"], by=None, reason=text, message=text, sent_at=sent_at)
        return True
    if seen == S.UNKNOWN:  # the request that nobody answered may have been carried out
        record_change(refund, ["message"], by=None, reason=text, message=text)
    else:
        fail_refund(refund, by=None, reason=text)
    return False


@transaction.atomic
def note_silence(refund, silence):
    """Note that nobody knows whether the provider did it. Returns whether to ask again."""
    refund = lock_refund(refund)
    if refund.status == S.APPROVED:
        doubt(refund, silence.text)
    return silence.may_repeat and refund.status in (S.APPROVED, S.UNKNOWN)


def doubt(refund, text):
    return move(refund, to=S.UNKNOWN, by=None, reason=text, message=text[:255])


@transaction.atomic
def note_standing(refund, standing):
    """Note the provider's answer; a final result that was faster stays. Returns the refund."""
    refund = lock_refund(refund)
    if refund.status not in (S.APPROVED, S.SENT, S.UNKNOWN):
        return refund
    reference = refund.reference or standing.reference or None
    if standing.state == State.PAID:
        values = {"reference": reference, "receipt": standing.receipt or None}
        return finish_refund(refund, by=None, reason=standing.text or _("given back"), **values)
    if standing.state == State.FAILED:
        return fail_refund(refund, by=None, reason=standing.text or _("refused"))
    values = {"reference": reference, "message": standing.text[:255]}
    if provider_of(refund.payment) in REPEATABLE:
        values["receipt"] = standing.receipt or None
    if refund.status == S.SENT:
        return record_change(refund, list(values), by=None, reason=_("still waiting"), **values)
    return move(refund, to=S.SENT, by=None, reason=standing.text or _("sent"), **values)


def look_up_refund(refund_id):
    """Ask how a refund stands. Safaricom answers later, at the address of the refund."""
    with suppress(Retry):  # whoever wrote it asks again anyway
        send_refund(refund_id)
    refund = Refund._base_manager.select_related("payment").get(pk=refund_id)
    if refund.status not in (S.APPROVED, S.SENT, S.UNKNOWN) or refund.sent_at is None:
        return
    payment = refund.payment
    if provider_of(payment) == Provider.MPESA:
        with suppress(AskRefused, AskUnknown, RuleBroken):  # whoever asked sees no answer, and asks again
            ask_safaricom(refund)
    elif provider_of(payment) == Provider.STRIPE and refund.receipt:
        note_standing(refund, gateway_of(payment).standing(refund.receipt))


def ask_safaricom(refund):
    """Have Safaricom look for a payout by our key, or for the payment that was to be reversed."""
    payment = refund.payment
    is_reversal = is_whole(payment, refund.amount)
    wanted = {"receipt": payment.transaction_id} if is_reversal else {"conversation": str(refund.pk)}
    gateway_of(payment).transaction_status(**wanted, **result_addresses(refund))
