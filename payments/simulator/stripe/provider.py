"""A pretend Stripe: its interface, its payment pages, its deliveries."""

import time
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from payments.simulator.stripe import pages
from payments.simulator.stripe.customer import StripeCustomer
from payments.simulator.stripe.objects import Thing, charge_of, new_refund, new_session
from payments.simulator.stripe.webhook import new_event
from payments.simulator.stripe.wire import (
    NO_ANSWER,
    Answer,
    Fields,
    IdempotencyKeys,
    Refused,
    check_login,
    read_form,
    reply,
)

if TYPE_CHECKING:
    from payments.simulator.simulator import Simulator

SAVED_500 = {"error": {"type": "api_error", "message": "An unknown error occurred"}}


class StripeSimulator(StripeCustomer):
    """Stripe's side of the wire, under `/stripe/` of the simulator's address.

    Everything that can go wrong is an attribute, to be set at any time; StripeCustomer and StripeDeliveries
    have more.
    """

    def __init__(self, simulator: "Simulator"):
        super().__init__(simulator)
        self.latency = 0.0  # seconds from doing something to the answer
        self.drop = ""  # close the connection without an answer: "before" or "after" doing it
        self.fail_after = False  # do it, then answer 500, which is saved under the key
        self.answers: list[Answer] = []  # given to the next requests instead of doing anything, one each
        self.refund_status = "succeeded"  # of new refunds; or "pending", "failed"
        self.requests: list[tuple[str, str, Fields]] = []  # that passed the login: method, path, fields
        self.refunds: dict[str, Thing] = {}
        self._keys = IdempotencyKeys()

    def answer(self, method: str, path: str, query: str, headers: Message, raw: bytes) -> Answer:
        """Return status, body and headers; `path` begins with a slash, after the prefix. Status 0: none."""
        if path == "/pay" or path.startswith("/pay/"):
            return pages.answer(self, method, unquote(path.removeprefix("/pay").strip("/")), raw)
        if self.drop == "before":
            return NO_ANSWER
        try:
            check_login(headers)
            answer = self._keyed(method, path, query, headers, raw)
        except Refused as refused:
            answer = refused.answer
        time.sleep(self.latency)
        return NO_ANSWER if self.drop == "after" else answer

    def _keyed(self, method: str, path: str, query: str, headers: Message, raw: bytes) -> Answer:
        """Carry a request out once for each key."""
        fields = read_form(headers, raw)
        self.requests.append((method, path, fields))
        if self.answers:
            return self.answers.pop(0)
        key = headers.get("Idempotency-Key", "") if method == "POST" else ""
        if not key:
            return reply(200, self._carry_out(method, path, query, fields))
        with self._lock:
            saved = self._keys.begin(key, path, raw)
        if saved:
            return saved
        try:
            answer = reply(200, self._carry_out(method, path, query, fields))
        except Refused:
            self._keys.forget(key)
            raise
        if self.fail_after:
            answer = reply(500, SAVED_500)
        self._keys.keep(key, answer)
        return answer

    def _carry_out(self, method: str, path: str, query: str, fields: Fields) -> Thing:
        with self._lock:
            if (method, path) == ("POST", "/v1/checkout/sessions"):
                return self._make_session(fields)
            if (method, path) == ("POST", "/v1/refunds"):
                return self._make_refund(fields)
            folder, _slash, number = path.rpartition("/")
            kept = {
                "/v1/checkout/sessions": self.sessions,
                "/v1/payment_intents": self.intents,
                "/v1/refunds": self.refunds,
            }.get(folder)
            if method != "GET" or kept is None:
                raise Refused(404, f"Unrecognized request URL ({method}: {path}).")
            thing = dict(_find(kept, number))
            if "payment_intent" in parse_qs(query).get("expand[]", []) and thing.get("payment_intent"):
                thing["payment_intent"] = self.intents[thing["payment_intent"]]
            return thing

    def _make_session(self, fields: Fields) -> Thing:
        session = new_session(fields, page_url=f"{self.simulator.url}/stripe/pay/")
        self.sessions[session["id"]] = session
        self.asked[session["id"]] = fields
        answer = dict(session)  # as it was made: the customer may be done before the answer is there
        if self.auto:
            self.choose(session["id"], self.auto)
        return answer

    def _make_refund(self, fields: Fields) -> Thing:
        name = fields.get("payment_intent") or fields.get("charge", "")
        by_charge = {one["latest_charge"]: one for one in self.intents.values() if one["latest_charge"]}
        intent = _find(self.intents | by_charge, name)
        before = self.refunded(intent)
        refund = new_refund(fields, intent, left=intent["amount"] - before, status=self.refund_status)
        self.refunds[refund["id"]] = refund
        told = [new_event("refund.created", refund)]
        if refund["status"] != "failed":
            charge = charge_of(intent, before + refund["amount"])
            told.append(new_event("charge.refunded", charge, amount_refunded=before))
        self.tell(*told)
        return refund

    def refunded(self, intent: Thing) -> int:
        """Return how much of a payment was given back, in smallest units."""
        mine = [one for one in self.refunds.values() if one["payment_intent"] == intent["id"]]
        return sum(one["amount"] for one in mine if one["status"] not in ("failed", "canceled"))

    def finish_refund(self, number: str, status: str) -> None:
        """Let the bank decide on a refund: "succeeded" or "failed"."""
        refund = self.refunds[number]
        refund["status"] = status
        if status == "failed":
            refund["failure_reason"] = "expired_or_canceled_card"
        ending = "refund.failed" if status == "failed" else "refund.updated"
        self.tell(new_event(ending, refund))


def _find(kept: dict[str, Any], number: str) -> Thing:
    if number not in kept:
        raise Refused(404, f"No such object: '{number[:80]}'", code="resource_missing", param="id")
    return kept[number]
