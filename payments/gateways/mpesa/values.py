"""Single values as Daraja sends them: numbers as text and text as numbers, and both from strangers."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from payments.gateways.gateway import Unreadable
from payments.gateways.mpesa.phone_numbers import normalise_phone
from payments.gateways.strict_json import read_json

MAX_BYTES = 64 * 1024
NAIROBI = timezone(timedelta(hours=3), "EAT")
FIRST_YEAR = 2007  # M-Pesa's own

IDENTIFIER = re.compile(r"[!-~]{1,100}")
CODE = re.compile(r"[A-Za-z0-9_.-]{1,30}")
MONEY = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
RECEIPT = re.compile(r"[A-Za-z0-9]{5,30}")
STAMPS = {"%Y%m%d%H%M%S": re.compile(r"[0-9]{14}"), "%d.%m.%Y %H:%M:%S": re.compile(r"[0-9.: ]{19}")}


def read_body(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that a delivery consists of; raise Unreadable."""
    if len(raw) > MAX_BYTES:
        raise Unreadable("longer than 64 KiB")
    try:
        body = read_json(raw)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    if not isinstance(body, dict):
        raise Unreadable("not an object")
    return body


def read_object(parent: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a part that must be there and be an object; raise Unreadable."""
    if name not in parent:
        raise Unreadable(f"{name} is missing")
    if not isinstance(parent[name], dict):
        raise Unreadable(f"{name} is not an object")
    found: dict[str, Any] = parent[name]
    return found


def read_text(value: Any) -> str:
    """Return a string or a number as text, anything else as ""."""
    # By exact type: in Python False equals 0, and a forged `"ResultCode": false` would count as paid.
    return str(value) if type(value) in (int, str, Decimal) else ""


def read_code(value: Any) -> str:
    """Return a result code, which may be a number or text; raise Unreadable."""
    text = str(value) if type(value) in (int, str) else ""
    if not CODE.fullmatch(text):
        raise Unreadable("ResultCode is missing or is not a code")
    return text


def read_identifier(parent: dict[str, Any], name: str) -> str:
    """Return one of Daraja's ids; raise Unreadable."""
    value = parent.get(name)
    if not isinstance(value, str) or not IDENTIFIER.fullmatch(value):
        raise Unreadable(f"{name} is missing or malformed")
    return value


def read_prose(value: Any, longest: int = 500) -> str:
    """Return text that any database takes: no NUL, no control characters, no half of a surrogate pair."""
    text = read_text(value)[:longest]
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def read_amount(value: Any) -> Decimal | None:
    """Return an amount in KES; None for what is missing, zero or not money."""
    text = read_text(value)
    amount = Decimal(text) if MONEY.fullmatch(text) else None
    return amount or None


def read_receipt(value: Any) -> str:
    """Return a receipt number in capitals, "" when it is missing or malformed."""
    text = read_text(value)
    return text.upper() if RECEIPT.fullmatch(text) else ""


def read_moment(value: Any, received_at: datetime) -> datetime | None:
    """Return in UTC a moment that Daraja wrote in Nairobi's time; None when it is impossible or to come."""
    text = read_text(value)
    form = next((form for form, pattern in STAMPS.items() if pattern.fullmatch(text)), None)
    try:
        moment = datetime.strptime(text, form).replace(tzinfo=NAIROBI) if form else None
    except ValueError:
        return None
    if moment is None or moment.year < FIRST_YEAR or moment > received_at + timedelta(hours=1):
        return None
    return moment.astimezone(UTC)


def read_phone(value: Any) -> str:
    """Return 254XXXXXXXXX, "" when the number is missing, masked or hashed."""
    try:
        return normalise_phone(read_text(value))
    except ValueError:
        return ""
