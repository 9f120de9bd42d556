"""A pretend PayPal: its API, its webhooks and the page on which the customer agrees."""

import base64
import json
import time
from email.message import Message
from typing import TYPE_CHECKING, Any

from payments.simulator.paypal import page, webhooks
from payments.simulator.paypal.answers import (
    HTML_403,
    HTML_503,
    NO_ANSWER,
    PAYPAL_CREDENTIALS,
    Answer,
    Refused,
    json_answer,
)
from payments.simulator.paypal.happenings import PaypalHappenings
from payments.simulator.paypal.order import PaypalOrder

if TYPE_CHECKING:
    from payments.simulator.simulator import Simulator

TOKEN_PATH = "/v1/oauth2/token"
VERIFY_PATH = "/v1/notifications/verify-webhook-signature"
# Given instead of acting; drop_after acts, and then closes the connection.
FAULTS = {
    "drop_before": NO_ANSWER,
    "html_403": HTML_403,
    "html_503": HTML_503,
    "busy_429": Refused(429).answer(),
    "busy_500": Refused(500).answer(),
}


class PaypalSimulator(PaypalHappenings):
    """PayPal's side of the wire, under `/paypal/` of the simulator's address.

    Everything that can go wrong is an attribute, to be set at any time.
    """

    def __init__(self, simulator: "Simulator"):
        super().__init__(simulator)
        self.latency = 0.0  # seconds from acting on a request to answering it
        self.faults: list[str | Answer] = []  # of FAULTS, drop_after or an answer; one for each next call
        self.refund_status = "COMPLETED"
        self.token = ""
        self.token_requests = 0
        self.calls: list[tuple[str, str, str]] = []  # method, path and PayPal-Request-Id of each call
        self.questions: list[bytes] = []  # what verify-webhook-signature was asked
        self._answered: dict[tuple[str, str], tuple[bytes, Answer]] = {}

    @property
    def url(self) -> str:
        return f"{self.simulator.url}/paypal"

    def answer(self, method: str, path: str, query: str, headers: Message, raw: bytes) -> Answer:
        """Return status, body and headers; `path` begins with a slash, after the prefix. Status 0: none."""
        if path == "/pay" or path.startswith("/pay/"):
            return page.answer(self, method, path.removeprefix("/pay").strip("/"), raw)
        try:
            if path == TOKEN_PATH:
                return self._grant_token(headers, raw)
            return self._answer_call(method, path, headers, raw)
        except Refused as refused:
            return refused.answer()

    def _answer_call(self, method: str, path: str, headers: Message, raw: bytes) -> Answer:
        with self._lock:
            self.calls.append((method, path, headers.get("PayPal-Request-Id", "")))
            fault = self.faults.pop(0) if self.faults else ""
        if isinstance(fault, tuple) or fault in FAULTS:
            return fault if isinstance(fault, tuple) else FAULTS[fault]
        if not self.token or headers.get("Authorization") != f"Bearer {self.token}":
            body = {"error": "invalid_token", "error_description": "Token signature verification failed"}
            return json_answer(401, body)
        with self._lock:
            answer = self._replay_or_act(method, path, headers, raw)
        time.sleep(self.latency)
        return NO_ANSWER if fault == "drop_after" else answer

    def _replay_or_act(self, method: str, path: str, headers: Message, raw: bytes) -> Answer:
        key = (path, headers.get("PayPal-Request-Id", ""))
        if key[1] and key in self._answered:
            asked, answer = self._answered[key]
            if asked != raw:
                raise Refused(422, "DUPLICATE_REQUEST_ID")
            return (200, *answer[1:])
        answer = self._act(method, path, headers, raw)
        if method == "POST" and key[1]:
            self._answered[key] = (raw, answer)
        return answer

    def _act(self, method: str, path: str, headers: Message, raw: bytes) -> Answer:
        steps = path.strip("/").split("/")
        if method == "GET" and steps[:3] == ["v2", "checkout", "orders"] and len(steps) == 4:
            return json_answer(200, self.order(steps[3]).show())
        if method != "POST":
            raise Refused(404)
        request = _read_request(headers, raw)
        if path == VERIFY_PATH:
            self.questions.append(raw)
            return json_answer(200, webhooks.verify(raw))
        if path == "/v2/checkout/orders":
            self.orders.append(PaypalOrder.make(request, f"{self.url}/pay"))
            return json_answer(201, self.orders[-1].show())
        if steps[:3] == ["v2", "checkout", "orders"] and steps[4:] == ["capture"]:
            return self._capture(self.order(steps[3]))
        if steps[:3] == ["v2", "payments", "captures"] and steps[4:] == ["refund"]:
            order, capture = self.find_capture(steps[3])
            refund = order.refund(capture, request, status=self.refund_status)
            self.tell("PAYMENT.CAPTURE.REFUNDED", "refund", refund)
            return json_answer(201, refund)
        raise Refused(404)

    def _capture(self, order: PaypalOrder) -> Answer:
        invoice = order.unit.get("invoice_id")
        others = [one for one in self.orders if one is not order and one.captures]
        if invoice and any(one.unit.get("invoice_id") == invoice for one in others):
            raise Refused(422, "DUPLICATE_INVOICE_ID")
        capture = order.capture()
        self.tell(f"PAYMENT.CAPTURE.{capture['status']}", "capture", capture)
        if capture["status"] == "COMPLETED":
            self.tell("CHECKOUT.ORDER.COMPLETED", "checkout-order", order.show())
        return json_answer(201, order.show())

    def _grant_token(self, headers: Message, raw: bytes) -> Answer:
        login = f"{PAYPAL_CREDENTIALS['client_id']}:{PAYPAL_CREDENTIALS['client_secret']}"
        self.token_requests += 1
        if headers.get("Authorization") != f"Basic {base64.b64encode(login.encode()).decode()}":
            body = {"error": "invalid_client", "error_description": "Client Authentication failed"}
            return json_answer(401, body)
        if raw != b"grant_type=client_credentials":
            return json_answer(400, {"error": "unsupported_grant_type"})
        self.token = f"A21AA{self.token_requests:06}"
        return json_answer(200, {"access_token": self.token, "token_type": "Bearer", "expires_in": 32400})


def _read_request(headers: Message, raw: bytes) -> dict[str, Any]:
    if headers.get_content_type() != "application/json":
        raise Refused(415)
    try:
        request = json.loads(raw or b"{}")
    except ValueError:
        raise Refused(400, "MALFORMED_REQUEST_JSON") from None
    if not isinstance(request, dict):
        raise Refused(400, "MALFORMED_REQUEST_JSON")
    return request
