"""When and how often events are delivered."""

import threading
import time
from typing import TYPE_CHECKING

from payments.simulator.stripe.objects import Thing
from payments.simulator.stripe.webhook import Event, event_body, post_event, sign
from payments.simulator.stripe.wire import STRIPE_WEBHOOK_SECRET

if TYPE_CHECKING:
    from payments.simulator.simulator import Simulator


class StripeDeliveries:
    """Posts events to the shop, `simulator.delay` seconds after what they tell of."""

    def __init__(self, simulator: "Simulator"):
        self.simulator = simulator
        self.webhook_url = ""  # where deliveries go; empty: where simulator.find_hook says, if anywhere
        self.intents: dict[str, Thing] = {}
        self.webhook_secret = STRIPE_WEBHOOK_SECRET
        self.copies = 1  # how many times each event is delivered
        self.reorder = False  # deliver the last event first
        self.retries = 3  # how often a delivery that was not taken is repeated
        self.back_off = 0.05  # seconds before the first repetition, doubled each time
        self.deliveries: list[tuple[Event, int]] = []  # what was posted, and the HTTP status or 0
        self._posted = threading.Condition()

    def tell(self, *events: Event) -> None:
        """Deliver events, after the network's delay."""
        if self.webhook_url or self.simulator.find_hook:
            ordered = events[::-1] if self.reorder else events
            self.simulator._after(self.simulator.delay, lambda: [self._deliver(one) for one in ordered])

    def _deliver(self, event: Event) -> None:
        url = self.webhook_url or self._find_hook(event["data"]["object"])
        if not url:
            return
        body = event_body(event)
        for _copy in range(self.copies):
            pause = self.back_off
            for _try in range(1 + self.retries):
                header = sign(body, self.webhook_secret, at=int(time.time()))
                status = post_event(url, body, header)
                with self._posted:
                    self.deliveries.append((event, status))
                    self._posted.notify_all()
                if 200 <= status < 300:
                    break
                time.sleep(pause)
                pause *= 2

    def _find_hook(self, thing: Thing) -> str:
        """Ask where word of an object goes, by the shop's key on its payment."""
        find, payment = self.simulator.find_hook, self.intents.get(thing.get("payment_intent") or "", thing)
        key = payment.get("metadata", {}).get("key", "")
        return find("stripe", key) if find and key else ""

    def wait_for_deliveries(self, count: int, *, seconds: float = 10) -> list[tuple[Event, int]]:
        """Return the deliveries when there are `count` of them; raises TimeoutError."""
        with self._posted:
            if not self._posted.wait_for(lambda: len(self.deliveries) >= count, seconds):
                raise TimeoutError(f"{len(self.deliveries)} deliveries instead of {count}")
            return list(self.deliveries)
