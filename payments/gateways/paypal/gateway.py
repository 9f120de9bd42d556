"""PayPal: a customer agrees to an order on PayPal's pages, then its money is collected.

The parts that callers need are all importable from here. Protocol facts are from PayPal's reference of Orders
v2, Payments v2 and Webhooks, and from bodies that integrators published.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from payments.gateways.access_token import Cache
from payments.gateways.gateway import (
    Ask,
    Asked,
    AskRefused,
    AskUnknown,
    Notice,
    RefundAsk,
    Standing,
    State,
)
from payments.gateways.paypal.calls import PaypalCalls
from payments.gateways.paypal.config import PaypalConfig
from payments.gateways.paypal.currencies import write_money
from payments.gateways.paypal.events import read_event
from payments.gateways.paypal.issues import FINAL_REFUSALS, STILL_OPEN, explain_issue
from payments.gateways.paypal.orders import read_link, read_money_moved, read_order, unknown, write_order
from payments.gateways.paypal.signature import check_signature
from payments.gateways.paypal.text import identifier

APPROVED = "APPROVED"  # the code of a PENDING order that waits for capture()
ORDERS_PATH = "/v2/checkout/orders"
CAPTURES_PATH = "/v2/payments/captures"
KEY = re.compile(r"[!-~]{1,100}")


class PaypalGateway:
    """Asks for payments into one PayPal account. `token_cache` is a Django cache that all workers share."""

    def __init__(self, config: PaypalConfig, token_cache: Cache):
        self._config = config
        self._calls = PaypalCalls(config, token_cache)

    def ask(self, ask: Ask) -> Asked:
        """Make an order and return its id and the link under which the customer agrees.

        Asking again with the same key returns the same order. Raises AskRefused, AskUnknown (which may be
        repeated), and RuleBroken for an amount, a currency or an address that PayPal does not take.
        """
        if not KEY.fullmatch(ask.key):
            raise ValueError("a key is 1 to 100 printable characters without spaces")
        if ask.return_url and not self._config.takes(ask.return_url):
            raise RuleBroken(_("The address to return to from PayPal must begin with https://."))
        order = self._calls.post(ORDERS_PATH, write_order(ask), request_id=f"order:{ask.key}")
        reference, link = identifier(order.get("id")), read_link(order)
        if not reference or (link and not self._config.takes(link)):
            raise AskUnknown(explain_issue("no_answer"), may_repeat=True)
        return Asked(reference, link=link)

    def capture(self, reference: str) -> Standing:
        """Collect the money of an order to which the customer agreed, once however often this is called.

        Never raises for what PayPal does: State.UNKNOWN says that nobody can tell now.
        """
        if not identifier(reference):
            return unknown("INVALID_RESOURCE_ID", reference)
        path = f"{ORDERS_PATH}/{reference}/capture"
        try:
            order = self._calls.post(path, {}, request_id=f"capture:{reference}")
        except AskUnknown:
            return self.standing(reference)
        except AskRefused as refusal:
            return self._read_refusal(refusal, reference)
        return _same_order(read_order(order), reference)

    def _read_refusal(self, refusal: AskRefused, reference: str) -> Standing:
        if refusal.code == "ORDER_ALREADY_CAPTURED":
            return self.standing(reference)
        if refusal.code in STILL_OPEN:
            return Standing(State.PENDING, refusal.code, refusal.text, reference=reference)
        if refusal.code in FINAL_REFUSALS:
            return Standing(State.FAILED, refusal.code, refusal.text, reference=reference)
        return unknown(refusal.code, reference)

    def standing(self, reference: str) -> Standing:
        """Return how an order stands; PENDING with code APPROVED waits for capture().

        UNKNOWN with code INVALID_RESOURCE_ID is also what PayPal says of an order that was left alone for
        hours.
        """
        if not identifier(reference):
            return unknown("INVALID_RESOURCE_ID", reference)
        try:
            order = self._calls.get(f"{ORDERS_PATH}/{reference}")
        except AskUnknown:
            return unknown("no_answer", reference)
        except AskRefused as refusal:
            return unknown(refusal.code, reference)
        return _same_order(read_order(order), reference)

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None:
        """Let PayPal's own delivery pass, by asking PayPal; raises Forged and Unverified.

        `now` is not needed: PayPal itself sends a delivery again for three days.
        """
        check_signature(self._calls, self._config.webhook_id, body, headers)

    def read(self, body: bytes, *, received_at: datetime) -> Notice:
        """Read a delivery that passed. Raises Unreadable, and nothing else."""
        return read_event(body, received_at=received_at, merchant_id=self._config.merchant_id)

    def refund(self, ask: RefundAsk) -> Standing:
        """Give back `amount` of the capture with this receipt; asking again with the same key acts once.

        The Standing's receipt is the refund's own. Raises AskRefused, and AskUnknown which may be repeated.
        """
        if not KEY.fullmatch(ask.key):
            raise ValueError("a key is 1 to 100 printable characters without spaces")
        if not identifier(ask.receipt):
            raise AskRefused("INVALID_RESOURCE_ID", explain_issue("INVALID_RESOURCE_ID"))
        try:
            body = {"amount": write_money(ask.amount, ask.currency), "custom_id": ask.key}
        except RuleBroken as error:
            raise AskRefused("CURRENCY_NOT_SUPPORTED", str(error)) from error
        path = f"{CAPTURES_PATH}/{ask.receipt}/refund"
        answer = self._calls.post(path, body, request_id=f"refund:{ask.key}")
        standing = read_money_moved(answer, "")
        if not standing.receipt:
            raise AskUnknown(explain_issue("no_answer"), may_repeat=True)
        return standing


def _same_order(standing: Standing, reference: str) -> Standing:
    """Take an answer only when it is about the order that was asked after."""
    return standing if standing.reference == reference else unknown("no_answer", reference)
