"""Whether a delivery is PayPal's own: PayPal is asked, with the very bytes that arrived.

PayPal signs bytes. A body that was parsed and written again is another body (1.0 becomes 1, an accent becomes
an escape), so the bytes are spliced into the question as they are.
"""

import json
import re
from collections.abc import Mapping

from payments.gateways.gateway import AskRefused, AskUnknown, Forged, Unverified
from payments.gateways.paypal.calls import PaypalCalls
from payments.gateways.strict_json import read_json

VERIFY_PATH = "/v1/notifications/verify-webhook-signature"
# Matched as text, not taken apart: no login, no port, no second slash can hide in what must look like this.
CERTIFICATE = r"https://(api|api-m)(\.sandbox)?\.paypal\.com/[A-Za-z0-9/._-]+"
# field of the question: (header, shape, longest), by PayPal's reference
FIELDS = {
    "auth_algo": ("paypal-auth-algo", r"[A-Za-z0-9]+", 100),
    "cert_url": ("paypal-cert-url", CERTIFICATE, 500),
    "transmission_id": ("paypal-transmission-id", r"[!-~]+", 50),
    "transmission_sig": ("paypal-transmission-sig", r"[!-~]+", 500),
    "transmission_time": ("paypal-transmission-time", r"[!-~]+", 100),
}


def check_signature(calls: PaypalCalls, webhook_id: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Let PayPal's own delivery pass.

    Raises Forged, without asking, for what PayPal cannot have sent, and when PayPal says so; Unverified when
    PayPal says neither.
    """
    question = _write_question(webhook_id, body, headers)
    try:
        answer = calls.post_bytes(VERIFY_PATH, question)
    except (AskRefused, AskUnknown) as error:
        raise Unverified("PayPal did not say whether the delivery is its own") from error
    if answer.get("verification_status") == "FAILURE":
        raise Forged("PayPal does not know the signature")
    if answer.get("verification_status") != "SUCCESS":
        raise Unverified("PayPal did not say whether the delivery is its own")


def _write_question(webhook_id: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    sent = {name.lower(): value for name, value in headers.items()}
    question = {"webhook_id": webhook_id}
    for name, (header, shape, longest) in FIELDS.items():
        value = sent.get(header, "")
        if not value or len(value) > longest or not re.fullmatch(shape, value):
            raise Forged(f"{header} is missing or malformed")
        question[name] = value
    # One whole object: half of one and a comma could answer for another webhook_id than ours.
    try:
        event = read_json(body)
    except ValueError as error:
        raise Forged(f"the body is {error}") from None
    if not isinstance(event, dict):
        raise Forged("the body is not an object")
    return json.dumps(question).encode()[:-1] + b', "webhook_event": ' + body + b"}"
