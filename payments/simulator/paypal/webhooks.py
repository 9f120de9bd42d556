"""The pretend PayPal's webhooks: their bytes, their signature, and the question whether it is ours."""

import base64
import hmac
import http.client
import json
import secrets
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from payments.gateways.paypal.config import LOOPBACK
from payments.simulator.paypal.answers import PAYPAL_CREDENTIALS, Refused
from payments.simulator.paypal.order import stamp

CERTIFICATE = "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-5a29e601"
SECRET = b"the pretend PayPal's private key"
FIELDS = (
    "auth_algo",
    "cert_url",
    "transmission_id",
    "transmission_sig",
    "transmission_time",
    "webhook_id",
    "webhook_event",
)


def write_event(kind: str, resource_type: str, resource: dict[str, Any]) -> bytes:
    """Return the body of a webhook.

    A number as 1.0, letters beyond ASCII and uneven spaces are on purpose: a body that is parsed and written
    again is another body.
    """
    event = {
        "id": f"WH-{secrets.token_hex(8).upper()}-{secrets.token_hex(8).upper()}",
        "event_version": "1.0",
        "create_time": stamp(),
        "resource_type": resource_type,
        "resource_version": "2.0",
        "event_type": kind,
        "summary": "Money of a customer – Wanjirũ",
        "resource": resource,
    }
    text = json.dumps(event, ensure_ascii=False, separators=(" , ", ":"))
    return (text[:-1] + ' ,\n  "attempt" :1.0 , "zone":"EAT\\/+03:00"}').encode()


def sign(body: bytes) -> dict[str, str]:
    """Return the headers of one delivery; each delivery of the same event has its own."""
    transmission, time = str(uuid4()), stamp()
    return {
        "PAYPAL-TRANSMISSION-ID": transmission,
        "PAYPAL-TRANSMISSION-TIME": time,
        "PAYPAL-TRANSMISSION-SIG": _signature(transmission, time, PAYPAL_CREDENTIALS["webhook_id"], body),
        "PAYPAL-CERT-URL": CERTIFICATE,
        "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        "PAYPAL-AUTH-VERSION": "v2",
        "Correlation-Id": secrets.token_hex(7),
    }


def verify(raw: bytes) -> dict[str, str]:
    """Answer the question of verify-webhook-signature by the very bytes of its webhook_event."""
    try:
        text = raw.decode()
        question = json.loads(text)
        if not all(question.get(name) for name in FIELDS):
            raise Refused(400, "VALIDATION_ERROR")
        start = text.index('"webhook_event"') + len('"webhook_event"')
        start = text.index(":", start) + 1
        start += len(text[start:]) - len(text[start:].lstrip())
        end = json.JSONDecoder().raw_decode(text, start)[1]
    except (ValueError, AttributeError):
        raise Refused(400, "MALFORMED_REQUEST_JSON") from None
    body = text[start:end].encode()
    mine = question["webhook_id"] == PAYPAL_CREDENTIALS["webhook_id"]
    expected = _signature(
        str(question["transmission_id"]),
        str(question["transmission_time"]),
        str(question["webhook_id"]),
        body,
    )
    matches = hmac.compare_digest(expected.encode(), str(question["transmission_sig"]).encode())
    return {"verification_status": "SUCCESS" if mine and matches else "FAILURE"}


def post(address: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Post once, to this machine only, and return the HTTP status, 0 when nobody answered."""
    where = urlsplit(address)
    if where.scheme != "http" or where.hostname not in LOOPBACK:
        return 0
    connection = http.client.HTTPConnection(where.hostname, where.port or 80, timeout=10)
    path = where._replace(scheme="", netloc="", fragment="").geturl() or "/"
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _signature(transmission: str, time: str, webhook_id: str, body: bytes) -> str:
    message = f"{transmission}|{time}|{webhook_id}|{zlib.crc32(body)}".encode()
    return base64.b64encode(hmac.digest(SECRET, message, "sha256")).decode()
