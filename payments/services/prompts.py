"""The call to the provider behind an attempt, made outside any transaction.

It is made once; where the provider does a request of ours only once, it is made again until it is clear.
"""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock
from payments.gateways.gateway import Ask, AskRefused, AskUnknown
from payments.models import AttemptStatus, PaymentAttempt
from payments.models.attempt import PROMPT_LIFETIME
from payments.services.accounts import gateway_for
from payments.services.attempts import (
    callback_token,
    fail_attempt,
    mark_refused,
    mark_submitted,
    mark_unknown,
)
from payments.services.settlement import amount_due, can_take_money
from payments.tasks import end_prompt
from sales.services.numbers import order_reference

# What M-Pesa prints of a reference.
LONGEST_REFERENCE = 12
ASK_AGAIN = timedelta(seconds=30)
# A request that has not left by then is not what the customer waits for any more.
MOST_DELAY = PROMPT_LIFETIME
# Longer than a provider may take to answer. Who has not noted the answer by then was killed.
MOST_SILENCE = timedelta(minutes=2)


def send_attempt(attempt_id):
    """Send the request of an attempt unless that was done, and note what the provider answered."""
    attempt = claim_attempt(attempt_id)
    if attempt:
        ask_customer(attempt)


def ask_customer(attempt):
    """Make the request of an attempt, and note what the provider answered."""
    try:
        asked = gateway_for(attempt.provider, attempt.account).ask(ask_for(attempt))
    except AskRefused as refusal:
        mark_refused(attempt, code=refusal.code, message=explain_refusal(refusal))
    except AskUnknown as doubt:
        note_doubt(attempt, doubt)
    except RuleBroken as rule:
        mark_refused(attempt, code="settings", message=str(rule))
    else:
        mark_submitted(
            attempt,
            checkout_request_id=asked.reference,
            merchant_request_id=asked.second_reference,
            link=asked.link,
        )


def note_doubt(attempt, doubt):
    if doubt.may_repeat:
        message = _("%s did not answer clearly. The same request is made again by itself.")
        again = timezone.now() + ASK_AGAIN
        mark_unknown(attempt, message=message % attempt.get_provider_display(), ask_again_at=again)
    else:
        message = _("Safaricom did not answer; the prompt may or may not be on the phone. Ask the customer.")
        mark_unknown(attempt, message=message)


@transaction.atomic
def claim_attempt(attempt_id):
    """Return an attempt, marked as sent, to whoever comes first; None when it is not to be sent (any more).

    A process that dies after this has perhaps sent the request: the next look at the attempt decides.
    """
    attempt = PaymentAttempt._base_manager.select_related("order").get(pk=attempt_id)
    order = lock(attempt.order)
    attempt = lock(attempt)
    if attempt.status != AttemptStatus.CREATED or attempt.sent_at:
        return None
    problem = overtaken(attempt, order)
    if problem:
        fail_attempt(attempt, code="not_sent", message=problem, by=None)
        return None
    now = timezone.now()
    sent = {"sent_at": now, "next_look_at": now + MOST_SILENCE}
    PaymentAttempt._base_manager.filter(pk=attempt.pk).update(**sent)
    if attempt.is_prompt:
        later = now + PROMPT_LIFETIME + timedelta(seconds=5)
        transaction.on_commit(partial(end_prompt.using(run_after=later).enqueue, str(attempt.pk)))
    return attempt


def overtaken(attempt, order):
    """Say why a request that waited for the worker is not wanted any more, or return an empty string."""
    if timezone.now() >= attempt.created_at + MOST_DELAY:
        return _("The prompt was not sent in time. Is the background worker running?")
    if not can_take_money(order):
        return _("The prompt was not sent: %(order)s was %(status)s by then.") % {
            "order": order,
            "status": order.get_status_display().lower(),
        }
    if not 0 <= attempt.worth - amount_due(order) < 1:
        return _("The prompt was not sent: %s was changed after it was asked for.") % order
    return ""


def ask_for(attempt):
    """Return the request of an attempt, the same each time."""
    address = settings.BASE_URL.rstrip("/")
    return Ask(
        key=str(attempt.pk),
        amount=attempt.amount_requested,
        currency=attempt.currency,
        reference=order_reference(attempt.order, longest=LONGEST_REFERENCE),
        description=attempt.business.code[:13] if attempt.is_prompt else attempt.business.name,
        phone=attempt.phone,
        callback_url=address + reverse("payments:stk_callback", args=[callback_token(attempt.pk)]),
        return_url="" if attempt.is_prompt else address + reverse("payments:came_back", args=[attempt.pk]),
    )


def explain_refusal(refusal):
    """Return why nobody was asked, and when it may work."""
    if not refusal.retry_after:
        return refusal.text
    return _("%(text)s Wait %(seconds)s seconds, then ask again.") % {
        "text": refusal.text,
        "seconds": refusal.retry_after,
    }
