"""The secret addresses at which Safaricom tells the result of what it was asked; derived, never stored.

Each refund has its own, and each delivery that claims money at the till. Lowercase hex cannot spell the words
that Safaricom forbids in an address.
"""

import hmac
import re
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac

from payments.models import Refund, WebhookEvent

TOKEN = re.compile("[0-9a-f]{64}")
KEY_DIGITS, SECRET_DIGITS = 32, 32
SALTS: dict[Any, str] = {Refund: "payments.refund", WebhookEvent: "payments.till"}


def result_token(row):
    """Return the token of a refund or a delivery: its key in hex, then 128 bits that nobody else can make."""
    key = f"{int(row.pk):0{KEY_DIGITS}x}"
    return key + salted_hmac(SALTS[type(row)], key, algorithm="sha256").hexdigest()[:SECRET_DIGITS]


def result_addresses(row):
    """Return where Safaricom tells the result, and that it has not got round to it, as gateways take them."""
    base, token = settings.BASE_URL.rstrip("/"), result_token(row)
    return {"callback_url": f"{base}/hooks/result/{token}/", "timeout_url": f"{base}/hooks/timeout/{token}/"}


def find_asked(token):
    """Return the refund or the delivery that a token belongs to, or None."""
    if not TOKEN.fullmatch(token):
        return None
    key = int(token[:KEY_DIGITS], 16)
    for model in SALTS:
        if hmac.compare_digest(token, result_token(model(pk=key))):
            return model._base_manager.filter(pk=key).first()
    return None
