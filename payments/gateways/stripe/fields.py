"""Single values of Stripe's objects, read as a stranger's: never an error, nothing unfit for a database."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

IDENTIFIER = re.compile(r"[A-Za-z0-9_]{1,200}")
CODE = re.compile(r"[A-Za-z0-9_.-]{1,100}")
KEY = re.compile(r"[!-~]{1,200}")
FIRST_YEAR = 2011  # Stripe's own


def read_id(value: Any) -> str:
    """Return an object's id, whether the object is given by its id or in full; empty when it is neither."""
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) and IDENTIFIER.fullmatch(value) else ""


def read_code(value: Any) -> str:
    """Return a code, empty when it is none."""
    return value if isinstance(value, str) and CODE.fullmatch(value) else ""


def read_currency(value: Any) -> str:
    """Return a currency in capitals, empty when it is none; Stripe writes small letters."""
    return value.upper() if isinstance(value, str) and re.fullmatch("[A-Za-z]{3}", value) else ""


def read_key(thing: dict[str, Any]) -> str:
    """Return the key that we gave an object as metadata, empty when there is none."""
    metadata = thing.get("metadata")
    key = metadata.get("key") if isinstance(metadata, dict) else None
    return key if isinstance(key, str) and KEY.fullmatch(key) else ""


def read_moment(value: Any, *, received_at: datetime) -> datetime | None:
    """Return a Unix time as UTC, None when it is none, too early for Stripe, or from the future."""
    if type(value) is not int or not 0 < value < 10**11:
        return None
    moment = datetime.fromtimestamp(value, UTC)
    return moment if moment.year >= FIRST_YEAR and moment <= received_at + timedelta(hours=1) else None


def read_prose(value: Any) -> str:
    """Return text that any database takes: no NUL, no control characters, no half of a surrogate pair."""
    if not isinstance(value, str):
        return ""
    return "".join(letter if letter.isprintable() else " " for letter in value[:300]).strip()
