"""Small parts of PayPal's JSON, of which nothing is believed before it was looked at."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

IDENTIFIER = re.compile(r"[A-Za-z0-9-]{1,64}")
OURS = re.compile(r"[!-~]{1,127}")


def part(thing: Any, *names: str) -> Any:
    """Follow names into nested objects; None where the way ends."""
    for name in names:
        thing = thing.get(name) if isinstance(thing, dict) else None
    return thing


def objects(thing: Any, *names: str) -> list[dict[str, Any]]:
    """Return the objects of a list inside `thing`; none where there is no list."""
    found = part(thing, *names)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def identifier(value: Any) -> str:
    """Return an id that PayPal gave, empty for anything that cannot be one."""
    return value if isinstance(value, str) and IDENTIFIER.fullmatch(value) else ""


def our_key(value: Any) -> str:
    """Return a key of ours as PayPal gives it back, empty for anything that cannot be one."""
    return value if isinstance(value, str) and OURS.fullmatch(value) else ""


def word(value: Any) -> str:
    """Return a status, an issue or a name in capitals, empty for anything else."""
    return value if isinstance(value, str) and re.fullmatch(r"[A-Z0-9_.-]{1,80}", value) else ""


def moment(value: Any, *, latest: datetime) -> datetime | None:
    """Return a time in UTC; None for what is none, is before PayPal, or an hour and more after `latest`."""
    try:
        found = datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if datetime(1999, 1, 1, tzinfo=UTC) < found <= latest + timedelta(hours=1) else None
