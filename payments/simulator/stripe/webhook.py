"""Stripe's deliveries: signed, repeated until they are taken, in no particular order."""

import hashlib
import hmac
import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

from payments.gateways.mpesa.messages import LOOPBACK
from payments.simulator.stripe.wire import new_id

Event = dict[str, Any]


def new_event(kind: str, thing: dict[str, Any], **previous: Any) -> Event:
    """Return an event with a picture of the object as it is now; `previous` is what changed in it."""
    data: dict[str, Any] = {"object": json.loads(json.dumps(thing))}
    if previous:
        data["previous_attributes"] = previous
    return {
        "id": new_id("evt"),
        "object": "event",
        "api_version": "2025-03-31.basil",
        "created": int(time.time()),
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": new_id("req", 14), "idempotency_key": None},
        "type": kind,
    }


def event_body(event: Event) -> bytes:
    """Return an event in Stripe's bytes."""
    return json.dumps(event, indent=2).encode()


def sign(body: bytes, secret: str, *, at: int) -> str:
    """Return the Stripe-Signature of a body sent at a Unix time."""
    right = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    # The other scheme is Stripe's own, for its tests; whoever trusts it can be cheated.
    return f"t={at},v1={right},v0={hashlib.sha256(body).hexdigest()}"


def post_event(url: str, body: bytes, signature: str) -> int:
    """Post once and return the HTTP status, 0 when nobody answered. Raises ValueError off this machine."""
    address = urlsplit(url)
    if address.scheme != "http" or address.hostname not in LOOPBACK:
        raise ValueError("the simulator delivers to this machine only")
    connection = http.client.HTTPConnection(address.hostname, address.port or 80, timeout=10)
    path = address._replace(scheme="", netloc="", fragment="").geturl() or "/"
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature,
    }
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
