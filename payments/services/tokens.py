"""The secret part of an attempt's address, to which its provider delivers."""

import hashlib

from django.utils.crypto import salted_hmac

TOKEN_DIGITS = 32


def callback_token(attempt_id):
    """Return the secret path segment of an attempt's callback: 128 bits in hex, derived, never stored.

    Lowercase hex cannot spell the words that Safaricom forbids in an address.
    """
    mac = salted_hmac("payments.callback", str(attempt_id), algorithm="sha256")
    return mac.hexdigest()[:TOKEN_DIGITS]


def hash_token(token):
    """Return the SHA-256 of a callback token in hex, which is all that is stored of it."""
    return hashlib.sha256(token.encode()).hexdigest()
