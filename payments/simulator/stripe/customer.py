"""What the customer does on a payment page, and what the bank says to it."""

import threading
from typing import TYPE_CHECKING

from payments.simulator.prompt import AlreadyAnswered
from payments.simulator.stripe.deliveries import StripeDeliveries
from payments.simulator.stripe.objects import Thing, charge_of, new_intent
from payments.simulator.stripe.webhook import new_event
from payments.simulator.stripe.wire import Fields, new_id

if TYPE_CHECKING:
    from payments.simulator.simulator import Simulator

# choice: decline code
DECLINES = {"decline": "generic_decline", "no_money": "insufficient_funds"}
CHOICES = ("pay", *DECLINES, "pay_later", "pay_later_fails", "expire")


class StripeCustomer(StripeDeliveries):
    """The customer on the payment pages, and the bank."""

    def __init__(self, simulator: "Simulator"):
        super().__init__(simulator)
        self.auto = ""  # what the customer does at once, such as "pay"
        self.sessions: dict[str, Thing] = {}
        self.asked: dict[str, Fields] = {}  # what each session was asked for with
        self._lock = threading.RLock()

    def choose(self, number: str, choice: str) -> None:
        """Do what the customer does on a page: one of CHOICES. A page may be declined many times.

        Raises AlreadyAnswered on a page that is over, ValueError for another choice, KeyError for no page.
        """
        if choice not in CHOICES:
            raise ValueError(f"a customer cannot {choice!r}; only {', '.join(CHOICES)}")
        with self._lock:
            session = self.sessions[number]
            if session["status"] != "open":
                raise AlreadyAnswered
            if choice == "expire":
                session["status"], session["url"] = "expired", None
                self.tell(new_event("checkout.session.expired", session))
                return
            intent = self._intent_of(session)
            if choice in DECLINES:
                self._decline(intent, DECLINES[choice])
            elif choice == "pay":
                self._complete(session)
                self._pay(session, intent, "checkout.session.completed")
            else:
                self._complete(session)
                intent["status"] = "processing"
                done = new_event("checkout.session.completed", session)
                self.tell(new_event("payment_intent.processing", intent), done)
                fails = choice == "pay_later_fails"
                self.simulator._after(self.simulator.delay * 2, lambda: self.settle(number, fails=fails))

    def _intent_of(self, session: Thing) -> Thing:
        """Return the payment of a page; Stripe makes it when the customer first tries."""
        if not session["payment_intent"]:
            intent = new_intent(session, self.asked[session["id"]])
            self.intents[intent["id"]] = intent
            session["payment_intent"] = intent["id"]
        return self.intents[session["payment_intent"]]

    def _complete(self, session: Thing) -> None:
        session["status"], session["url"] = "complete", None

    def _decline(self, intent: Thing, decline_code: str) -> None:
        intent["last_payment_error"] = {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": decline_code,
            "message": "Your card was declined.",
        }
        intent["status"] = "requires_payment_method"
        self.tell(new_event("payment_intent.payment_failed", intent))

    def _pay(self, session: Thing, intent: Thing, ending: str) -> None:
        intent["status"], intent["amount_received"] = "succeeded", intent["amount"]
        intent["latest_charge"] = new_id("ch")
        session["payment_status"] = "paid"
        self.tell(
            new_event("charge.succeeded", charge_of(intent, 0)),
            new_event("payment_intent.succeeded", intent),
            new_event(ending, session),
        )

    def settle(self, number: str, *, fails: bool = False) -> None:
        """Let the bank decide on a payment that takes its time; once."""
        with self._lock:
            session = self.sessions[number]
            intent = self.intents[session["payment_intent"]]
            if intent["status"] != "processing":
                return
            if fails:
                self._decline(intent, "")
                self.tell(new_event("checkout.session.async_payment_failed", session))
            else:
                self._pay(session, intent, "checkout.session.async_payment_succeeded")
