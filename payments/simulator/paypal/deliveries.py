"""Events of the pretend PayPal on their way to the shop."""

import threading
import time
from typing import TYPE_CHECKING, Any

from payments.simulator.paypal import webhooks

if TYPE_CHECKING:
    from payments.simulator.simulator import Simulator


class PaypalDeliveries:
    """Posts events to `webhook_url` after `simulator.delay` seconds, or on release() while `hold` is set.

    PayPal tries again for three days; here it is a few times within a second.
    """

    def __init__(self, simulator: "Simulator"):
        self.simulator = simulator
        self.webhook_url = ""  # where events go; empty: where simulator.find_hook says, if anywhere
        self.copies = 1  # how many times each event is posted
        self.retry_waits = (0.05, 0.1, 0.2)  # seconds before each further try when the shop did not take one
        self.hold = False  # keep events back until release()
        self.held: list[bytes] = []
        self.deliveries: list[tuple[bytes, dict[str, str], int]] = []  # body, headers, HTTP status or 0
        self._posted = threading.Condition()

    def tell(self, kind: str, resource_type: str, resource: dict[str, Any]) -> bytes:
        """Send an event to `webhook_url`; return its body."""
        body = webhooks.write_event(kind, resource_type, resource)
        if self.hold:
            self.held.append(body)
        elif self.webhook_url or self.simulator.find_hook:
            key = find_key(resource)
            self.simulator._after(self.simulator.delay, lambda: self._deliver(body, key))
        return body

    def release(self, *, newest_first: bool = False) -> None:
        """Post what was held back, in the order in which it happened or the other way round."""
        bodies, self.held = self.held, []
        for body in reversed(bodies) if newest_first else bodies:
            self._deliver(body)

    def _deliver(self, body: bytes, key: str = "") -> None:
        find = self.simulator.find_hook
        url = self.webhook_url or (find("paypal", key) if find and key else "")
        if not url:
            return
        for _copy in range(self.copies):
            for wait in (0.0, *self.retry_waits):
                time.sleep(wait)
                headers = webhooks.sign(body)
                status = webhooks.post(url, body, headers)
                with self._posted:
                    self.deliveries.append((body, headers, status))
                    self._posted.notify_all()
                if 200 <= status < 300:
                    break

    def wait_for(self, deliveries: int, *, timeout: float = 5.0) -> bool:
        """Wait until so many deliveries were posted; tell whether they were."""
        with self._posted:
            return self._posted.wait_for(lambda: len(self.deliveries) >= deliveries, timeout)


def find_key(resource: dict[str, Any]) -> str:
    """Return the shop's key on what an event is about, or an empty string."""
    units = resource.get("purchase_units") or [{}]
    return str(resource.get("custom_id") or units[0].get("custom_id") or "")
