"""One post to the shop's address: nothing that goes out is sent again by itself."""

import http.client
import threading
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit


class Subject(Protocol):
    """What a letter is about; it learns the HTTP status that the shop gave, 0 for none."""

    answered_with: int
    delivered: threading.Event


@dataclass(eq=False)
class Letter:
    """A body on its way to an address on this machine."""

    subject: Subject
    address: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def post(self) -> tuple[int, bytes]:
        """Post once; return the HTTP status, 0 when nobody answered, and what was answered."""
        address = urlsplit(self.address)
        connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=10)
        path = address._replace(scheme="", netloc="", fragment="").geturl() or "/"
        headers = {"Content-Type": "application/json;charset=UTF-8", **self.headers}
        try:
            connection.request("POST", path, self.body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(64 * 1024)
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()
