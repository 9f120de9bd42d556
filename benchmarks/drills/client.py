"""The provider's side of the line: many deliveries over many connections, each on a new one."""

import http.client
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic, sleep

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Delivery:
    path: str
    body: bytes
    headers: tuple = tuple(JSON.items())


@dataclass(frozen=True)
class Answer:
    """What came back, and when; status 0 is a line that broke."""

    status: int
    seconds: float
    at: float
    retry_after: str = ""

    @property
    def taken(self):
        return 200 <= self.status < 300


def send(port, delivery, timeout=30):
    """Deliver once."""
    start, line = monotonic(), http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        line.request("POST", delivery.path, delivery.body, dict(delivery.headers) | {"Connection": "close"})
        response = line.getresponse()
        response.read()
        status, wait = response.status, response.headers.get("Retry-After", "")
    except (OSError, http.client.HTTPException):
        status, wait = 0, ""
    finally:
        line.close()
    return Answer(status, monotonic() - start, monotonic(), wait)


def send_all(port, deliveries: Iterable, connections=16):
    """Deliver each once, so many at the same time. Returns the answers in the same order."""
    with ThreadPoolExecutor(connections) as pool:
        return list(pool.map(lambda each: send(port, each), deliveries))


def send_until_taken(port, delivery, patience=60, timeout=30):
    """Deliver again until it is taken or the patience is over. Returns every answer."""
    answers, deadline = [], monotonic() + patience
    while not answers or not answers[-1].taken and monotonic() < deadline:
        answers.append(send(port, delivery, timeout))
        if not answers[-1].taken:
            sleep(0.25)
    return answers


def warm(port, connections=16):
    """Knock at an address that is nobody's until all processes are ready and quick."""
    nobody = Delivery(f"/hooks/lnm/{'0' * 32}/", b"{}")
    while max(each.seconds for each in send_all(port, [nobody] * connections)) > 1:
        pass
