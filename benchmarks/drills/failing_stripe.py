"""The pretend Stripe on a bad day: it fails three of ten times, before or after doing what was asked."""

import threading
import time

from payments.simulator.stripe.provider import StripeSimulator
from payments.simulator.stripe.wire import NO_ANSWER, STRIPE_HTML_503

FAILING = 0.3
LATENCY = 0.05  # seconds that an answer takes, so that kills hit workers that wait for one


class FailingStripe(StripeSimulator):
    """Counts what it was asked, what failed, and how often the same was asked twice at one moment."""

    def __init__(self, simulator, random):
        super().__init__(simulator)
        self.random, self.counting = random, threading.Lock()
        self.asked = self.failures = self.overlaps = 0
        self.at_work = []

    def answer(self, method, path, query, headers, raw):
        key = headers.get("Idempotency-Key", "")
        with self.counting:
            self.asked += 1
            self.overlaps += key in self.at_work
            self.at_work.append(key)
            fails, before = self.random.random() < FAILING, self.random.random() < 0.5
            self.failures += fails
        try:
            time.sleep(LATENCY)
            if fails and before:
                return STRIPE_HTML_503
            done = super().answer(method, path, query, headers, raw)
            return NO_ANSWER if fails else done
        finally:
            with self.counting:
                self.at_work.remove(key)

    def take_payment(self, number, amount):
        """Have a customer's money. Returns the id of the payment."""
        units = int(amount * 100)
        paid = {"amount": units, "amount_received": units, "status": "succeeded"}
        known = {"id": number, "object": "payment_intent", "currency": "kes", "livemode": False}
        self.intents[number] = known | paid | {"latest_charge": f"ch_{number}", "metadata": {}, "created": 0}
        return number
