"""PayPal's answers that are not what was hoped for, in its bytes."""

import json
import secrets
import string
from typing import Any

Answer = tuple[int, bytes, dict[str, str]]

# What PAYPAL_... settings hold in the demo and the tests.
PAYPAL_CREDENTIALS: dict[str, Any] = {
    "client_id": "simulator-paypal-client",
    "client_secret": "simulator-paypal-secret",
    "webhook_id": "8PT597110X687430L",
    "merchant_id": "XBANYJYCC28ML",
}

NO_ANSWER: Answer = (0, b"", {})  # the connection is closed
HTML_403: Answer = (403, b"<html><body><h1>Access Denied</h1></body></html>", {})
HTML_503: Answer = (503, b"<html><body><h1>503 Service Unavailable</h1></body></html>", {})
PROSE = {
    400: ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The server does not support the request payload's media type."),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
    429: ("RATE_LIMIT_REACHED", "Too many requests. Blocked due to rate limiting."),
    500: ("INTERNAL_SERVER_ERROR", "An internal server error has occurred."),
}


class Refused(Exception):
    """A request that PayPal turns down, with a status and the issue in its details."""

    def __init__(self, status: int, issue: str = ""):
        super().__init__(issue)
        self.status = status
        self.issue = issue

    def answer(self) -> Answer:
        name, message = PROSE[self.status]
        body: dict[str, object] = {"name": name, "message": message, "debug_id": secrets.token_hex(7)}
        if self.issue:
            body["details"] = [{"issue": self.issue, "description": f"{self.issue.replace('_', ' ')}."}]
        body["links"] = [
            {"href": f"https://developer.paypal.com/docs/api/#{self.issue}", "rel": "information_link"}
        ]
        return json_answer(self.status, body)


def json_answer(status: int, body: object) -> Answer:
    """Return JSON as PayPal writes it."""
    return status, json.dumps(body, separators=(",", ":")).encode(), {"Content-Type": "application/json"}


def new_id() -> str:
    """Return an id such as PayPal gives to orders, captures and refunds."""
    return "".join(secrets.choice(string.digits + string.ascii_uppercase) for _place in range(17))
