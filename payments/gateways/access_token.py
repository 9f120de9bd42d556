"""One access token for all workers.

Safaricom's portal says that each new token ends the one before it, so workers that fetched their own would
log each other out. The token lives in a cache they share, and one of them at a time renews it.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol
from uuid import uuid4

EARLY_SECONDS = 300
POLL_SECONDS = 0.05


class Cache(Protocol):
    """The four methods of Django's cache that are used here."""

    def get(self, key: str, default: Any = None, /) -> Any: ...
    def set(self, key: str, value: Any, timeout: float | None = None, /) -> Any: ...
    def add(self, key: str, value: Any, timeout: float | None = None, /) -> bool: ...
    def delete(self, key: str, /) -> Any: ...


class NoToken(Exception):
    """There is no token to be had now; `code` is one of ours and `retry_after` is in seconds or None."""

    def __init__(self, code: str, retry_after: int | None):
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class AccessToken:
    """A token that renews itself, five minutes before its end or when it was rejected."""

    def __init__(self, cache: Cache, *, name: str, fetch: Callable[[], tuple[str, int]], patience: float):
        """`fetch` returns a token and its lifetime, `patience` is how long it may take; in seconds."""
        self._cache = cache
        self._key = f"access-token:{name}"
        self._lock = f"access-token-lock:{name}"
        self._fetch = fetch
        self._patience = patience

    def current(self, *, rejected: str = "") -> str:
        """Return a token other than `rejected`: another worker's if there is one by now, else a fresh one.

        Raises NoToken.
        """
        give_up_at = time.monotonic() + self._patience
        ticket = uuid4().hex
        while True:
            token = self._cached(rejected)
            if token:
                return token
            # The lock outlives the fetch: a worker that dies in between holds up the others no longer than
            # that.
            if self._cache.add(self._lock, ticket, self._patience + 1):
                try:
                    return self._cached(rejected) or self._renew()
                finally:
                    if self._cache.get(self._lock) == ticket:
                        self._cache.delete(self._lock)
            if time.monotonic() > give_up_at:
                raise NoToken("no_token", 60)
            time.sleep(POLL_SECONDS)

    def _cached(self, rejected: str) -> str:
        token = self._cache.get(self._key) or ""
        return "" if token == rejected else token

    def _renew(self) -> str:
        token, lifetime = self._fetch()
        self._cache.set(self._key, token, max(1, lifetime - min(EARLY_SECONDS, lifetime // 2)))
        return token
