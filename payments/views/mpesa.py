"""Where Safaricom delivers: how a prompt ended, money at the till, results of what was asked for."""

import logging

from django.db import Error
from django.http import HttpResponse
from django.utils import timezone

from payments.gateways.mpesa import ACCEPTED, CONFIRMED, Reason, reject
from payments.models import Channel, EventOutcome, Provider
from payments.services.deliveries import asker_of, find_account, find_attempt, owner_of, store_delivery
from payments.services.result_tokens import find_asked
from payments.views.body import read_body
from payments.views.hooks import found, hook, keep, require_safaricom

TAKEN = b'{"ResultCode": 0, "ResultDesc": "Accepted"}'

logger = logging.getLogger(__name__)


@hook
def stk_callback(request, token):
    """Take the end of a prompt."""
    attempt = found(find_attempt(token))
    require_safaricom(request)
    return keep(request, attempt, TAKEN, channel=Channel.STK, body=read_body(request))


@hook
def till_payment(request, token):
    """Take the confirmation of money that a customer sent unasked."""
    account = found(find_account(token, Provider.MPESA))
    require_safaricom(request)
    return keep(request, owner_of(account), CONFIRMED, channel=Channel.C2B, body=read_body(request))


@hook
def till_check(request, token):
    """Say whether we would take a payment: yes, unless the account is closed. Nothing else is looked at.

    Safaricom waits for a few seconds only, so that the answer is given even where it cannot be noted.
    """
    account = found(find_account(token, Provider.MPESA))
    require_safaricom(request)
    body = read_body(request)
    answer = ACCEPTED if account.is_active else reject(Reason.SHORTCODE)
    verdict = {
        "outcome": EventOutcome.IGNORED,
        "reason": "Safaricom asked whether we would take a payment; no money moved.",
        "processed_at": timezone.now(),
    }
    try:
        store_delivery(owner_of(account), channel=Channel.CHECK, body=body, **verdict)
    except Error as error:
        logger.error("A question about a payment was answered and not noted: %s", type(error).__name__)
    return HttpResponse(answer, content_type="application/json")


@hook
def operation_result(request, token):
    """Take the result of a refund at M-Pesa, or the answer about it or about money at the till."""
    asked = found(find_asked(token))
    require_safaricom(request)
    return keep(request, asker_of(asked), TAKEN, channel=Channel.RESULT, body=read_body(request))


@hook
def operation_timeout(request, token):
    """Take the news that Safaricom has not got round to it."""
    asked = found(find_asked(token))
    require_safaricom(request)
    return keep(request, asker_of(asked), TAKEN, channel=Channel.TIMEOUT, body=read_body(request))
