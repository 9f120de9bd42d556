"""The secret address of a refund, at which Safaricom tells how it ended; derived, never stored.

Lowercase hex cannot spell the words that Safaricom forbids in an address.
"""

import hmac
import re
from uuid import UUID

from django.utils.crypto import salted_hmac

from payments.models import Refund

TOKEN = re.compile("[0-9a-f]{64}")
KEY_DIGITS, SECRET_DIGITS = 32, 32


def refund_token(refund_id):
    """Return the token of a refund: its key in hex, then 128 bits that nobody else can make."""
    key = UUID(str(refund_id)).hex
    return key + salted_hmac("payments.refund", key, algorithm="sha256").hexdigest()[:SECRET_DIGITS]


def find_refund(token):
    """Return the refund that a token belongs to, or None."""
    if not TOKEN.fullmatch(token):
        return None
    key = UUID(token[:KEY_DIGITS])
    if not hmac.compare_digest(token, refund_token(key)):
        return None
    return Refund._base_manager.filter(pk=key).first()
