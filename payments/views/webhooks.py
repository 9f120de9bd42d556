"""Where Stripe and PayPal deliver. Both sign what they send; what they did not sign is not stored."""

import logging

from django.utils import timezone

from backoffice.errors import RuleBroken
from payments.gateways.gateway import Forged, Unreadable, Unverified
from payments.models import Channel, Provider
from payments.services.accounts import gateway_for
from payments.services.deliveries import find_account, owner_of
from payments.views.body import MAX_WEBHOOK, Refused, read_body
from payments.views.hooks import found, hook, keep

logger = logging.getLogger(__name__)


@hook
def card_hook(request, token):
    """Take a delivery of Stripe."""
    return take_signed(request, found(find_account(token, Provider.STRIPE)))


@hook
def paypal_hook(request, token):
    """Take a delivery of PayPal, of which PayPal is asked whether it sent it."""
    return take_signed(request, found(find_account(token, Provider.PAYPAL)))


def take_signed(request, account):
    """Store a delivery that its provider signed; forged 400, and 503 while nobody can say whether it is."""
    body = read_body(request, MAX_WEBHOOK)
    try:
        gateway = gateway_for(account.provider, account)
        gateway.verify(body, request.headers, now=timezone.now())
    except Forged as forged:
        logger.warning("Account %s was sent a forged delivery: %s", account.pk, forged.reason)
        raise Refused(400) from forged
    except (Unverified, RuleBroken) as problem:
        logger.error("Account %s cannot verify deliveries: %s", account.pk, problem)
        raise Refused(503) from problem
    event_id = event_id_of(gateway, body)
    return keep(request, owner_of(account), channel=Channel.WEBHOOK, body=body, event_id=event_id)


def event_id_of(gateway, body):
    """Return the provider's id of a delivery; empty where it cannot be read."""
    try:
        return gateway.read(body, received_at=timezone.now()).event_id
    except Unreadable:
        return ""
