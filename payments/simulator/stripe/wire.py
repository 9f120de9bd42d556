"""What Stripe checks of a request before it looks at what is asked, and how it says no."""

import json
import re
import secrets
import string
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

Answer = tuple[int, bytes, dict[str, str]]
Fields = dict[str, str]

# Nobody's: they open nothing but the simulator.
STRIPE_SECRET_KEY = "sk_test_simulator"
STRIPE_WEBHOOK_SECRET = "whsec_simulator"

NO_ANSWER: Answer = (0, b"", {})  # the connection is closed without a word
STRIPE_HTML_503: Answer = (503, b"<html><body>upstream connect error</body></html>", {})


class Refused(Exception):
    """Stripe's error envelope. Fields that are empty are left out, as Stripe does."""

    def __init__(self, status: int, message: str, *, kind: str = "invalid_request_error", **fields: str):
        super().__init__(message)
        error = {"type": kind, "message": message, **{name: text for name, text in fields.items() if text}}
        self.answer = reply(status, {"error": error})


def reply(status: int, thing: dict[str, Any], **headers: str) -> Answer:
    """Return an answer in Stripe's bytes: JSON spread over lines."""
    return status, json.dumps(thing, indent=2).encode(), {"Request-Id": new_id("req", 14), **headers}


def new_id(prefix: str, length: int = 24) -> str:
    """Return an id of Stripe's shape."""
    letters = string.ascii_letters + string.digits
    return f"{prefix}_{''.join(secrets.choice(letters) for _place in range(length))}"


def check_login(headers: Message) -> None:
    """Raise Refused for a request without the simulator's secret key."""
    login = headers.get("Authorization", "")
    if not login.startswith("Bearer "):
        raise Refused(401, "You did not provide an API key.")
    if login != f"Bearer {STRIPE_SECRET_KEY}":
        raise Refused(401, f"Invalid API Key provided: {login[7:15]}****")
    if not re.fullmatch(r"20\d\d-\d\d-\d\d(\.[a-z]+)?", headers.get("Stripe-Version", "2025-03-31.basil")):
        raise Refused(400, "Invalid Stripe API version")


def read_form(headers: Message, raw: bytes) -> Fields:
    """Return the fields of a form-encoded body; Stripe takes nothing else."""
    if raw and not headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        raise Refused(400, "Invalid request: unsupported content type. Use form encoding.")
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))


def check_names(fields: Fields, *known: str) -> None:
    """Raise Refused for a parameter that the call does not have; `known` are regular expressions."""
    for name in fields:
        if not any(re.fullmatch(pattern, name) for pattern in known):
            raise Refused(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def read_metadata(fields: Fields, prefix: str = "metadata") -> dict[str, str]:
    """Return what is in `prefix[name]`."""
    pattern = re.compile(re.escape(prefix) + r"\[([^\]]{1,40})\]")
    found = {match[1]: value for name, value in fields.items() if (match := pattern.fullmatch(name))}
    if any(len(value) > 500 for value in found.values()):
        raise Refused(400, "Metadata values can have up to 500 characters.", param=prefix)
    return found


@dataclass
class Saved:
    """The first answer to a request with an Idempotency-Key; None while it is being worked on."""

    request: tuple[str, bytes]
    answer: Answer | None = None


class IdempotencyKeys:
    """Stripe's memory of keys: the same key gets the same answer, a saved 500 included.

    Call `begin` and `keep` under one lock. Requests that were refused before anything was done are forgotten.
    """

    def __init__(self) -> None:
        self._saved: dict[str, Saved] = {}

    def begin(self, key: str, path: str, raw: bytes) -> Answer | None:
        """Return the saved answer, or None when the request is to be carried out. Raises Refused."""
        if len(key) > 255:
            raise Refused(400, "Idempotency-Key may be at most 255 characters.", kind="idempotency_error")
        saved = self._saved.get(key)
        if saved is None:
            self._saved[key] = Saved((path, raw))
            return None
        if saved.request != (path, raw):
            raise Refused(
                400,
                "Keys for idempotent requests can only be used with the same parameters they were first used"
                " with. Try using a key other than this if you meant to execute a different request.",
                kind="idempotency_error",
            )
        if saved.answer is None:
            raise Refused(
                409,
                "There is currently another in-progress request using this Idempotent Key.",
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        status, body, headers = saved.answer
        return status, body, {**headers, "Idempotent-Replayed": "true"}

    def keep(self, key: str, answer: Answer) -> None:
        """Remember an answer for good."""
        self._saved[key].answer = answer

    def forget(self, key: str) -> None:
        """Let a key be used again, as nothing was done."""
        self._saved.pop(key, None)
