"""An order of the pretend PayPal, its capture and the refunds of it."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from payments.gateways.paypal.currencies import CURRENCIES, WITHOUT_CENTS
from payments.simulator.paypal.answers import PAYPAL_CREDENTIALS, Refused, new_id

API = "https://api-m.paypal.com"
PAYEE = {"email_address": "duka@example.com", "merchant_id": PAYPAL_CREDENTIALS["merchant_id"]}


def stamp() -> str:
    """Return now as PayPal writes it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def money(value: Decimal, currency: str) -> dict[str, str]:
    """Return an amount as PayPal writes it."""
    places = 0 if currency in WITHOUT_CENTS else 2
    return {"currency_code": currency, "value": f"{value:.{places}f}"}


def up_link(capture: dict[str, Any]) -> dict[str, str]:
    """Return the link by which a refund names its capture."""
    return {"href": f"{API}/v2/payments/captures/{capture['id']}", "rel": "up", "method": "GET"}


@dataclass
class PaypalOrder:
    """An order as PayPal keeps it. `method` is what the payer pays with: "balance", "echeck" or "card"."""

    unit: dict[str, Any]
    context: dict[str, Any]
    pay_link: str
    id: str = field(default_factory=new_id)
    status: str = "PAYER_ACTION_REQUIRED"
    method: str = "balance"
    captures: list[dict[str, Any]] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    created: str = field(default_factory=stamp)

    @classmethod
    def make(cls, request: Any, link: str) -> "PaypalOrder":
        """Take a request for an order, or raise Refused."""
        units = request.get("purchase_units") if isinstance(request, dict) else None
        if not isinstance(units, list) or len(units) != 1 or request.get("intent") != "CAPTURE":
            raise Refused(400, "MISSING_REQUIRED_PARAMETER")
        unit = units[0]
        check_money(unit.get("amount"))
        if len(unit.get("custom_id", "")) > 127 or len(unit.get("invoice_id", "")) > 127:
            raise Refused(400, "INVALID_STRING_LENGTH")
        source = request.get("payment_source", {}).get("paypal", {})
        order = cls(
            {"reference_id": "default", **unit, "payee": PAYEE}, source.get("experience_context", {}), link
        )
        order.pay_link = f"{link}/{order.id}"
        return order

    @property
    def amount(self) -> Decimal:
        return Decimal(self.unit["amount"]["value"])

    @property
    def currency(self) -> str:
        return str(self.unit["amount"]["currency_code"])

    def show(self) -> dict[str, Any]:
        """Return the order as the API and the webhooks tell of it."""
        unit = self.unit | ({"payments": {"captures": self.captures}} if self.captures else {})
        self_link = f"{API}/v2/checkout/orders/{self.id}"
        links = [{"href": self_link, "rel": "self", "method": "GET"}]
        if self.status == "PAYER_ACTION_REQUIRED":
            links.append({"href": self.pay_link, "rel": "payer-action", "method": "GET"})
        return {
            "id": self.id,
            "intent": "CAPTURE",
            "status": self.status,
            "payment_source": {"paypal": {"name": {"given_name": "Njeri", "surname": "Wanjirũ"}}},
            "purchase_units": [unit],
            "create_time": self.created,
            "links": links,
        }

    def capture(self) -> dict[str, Any]:
        """Collect the money once the payer agreed, or raise Refused."""
        if self.captures:
            raise Refused(422, "ORDER_ALREADY_CAPTURED")
        if self.status == "VOIDED":
            raise Refused(422, "ORDER_EXPIRED")
        if self.status != "APPROVED":
            raise Refused(422, "ORDER_NOT_APPROVED")
        if self.method == "card":
            self.status = "PAYER_ACTION_REQUIRED"  # the payer may choose another way to pay
            raise Refused(422, "INSTRUMENT_DECLINED")
        capture = {
            "id": new_id(),
            "amount": self.unit["amount"],
            "final_capture": True,
            "status": "COMPLETED",
            "custom_id": self.unit.get("custom_id", ""),
            "invoice_id": self.unit.get("invoice_id", ""),
            "payee": PAYEE,
            "supplementary_data": {"related_ids": {"order_id": self.id}},
            "create_time": stamp(),
            "update_time": stamp(),
        }
        if self.method == "echeck":
            capture |= {"status": "PENDING", "status_details": {"reason": "ECHECK"}}
        capture["links"] = [{"href": f"{API}/v2/checkout/orders/{self.id}", "rel": "up", "method": "GET"}]
        self.captures.append(capture)
        self.status = "COMPLETED"
        return capture

    def refund(self, capture: dict[str, Any], request: Any, *, status: str) -> dict[str, Any]:
        """Give money back, all that is left when no amount is named, or raise Refused."""
        if capture["status"] not in ("COMPLETED", "PARTIALLY_REFUNDED"):
            fully = capture["status"] == "REFUNDED"
            raise Refused(422, "CAPTURE_FULLY_REFUNDED" if fully else "REFUND_NOT_ALLOWED")
        left = self.amount - self.refunded()
        if request.get("amount"):
            check_money(request["amount"])
            if request["amount"]["currency_code"] != self.currency:
                raise Refused(422, "REFUND_CAPTURE_CURRENCY_MISMATCH")
        value = Decimal(request["amount"]["value"]) if request.get("amount") else left
        if value > left:
            raise Refused(422, "REFUND_AMOUNT_EXCEEDED")
        refund = {
            "id": new_id(),
            "amount": money(value, self.currency),
            "status": status,
            "custom_id": request.get("custom_id", ""),
            "invoice_id": self.unit.get("invoice_id", ""),
            "payer": PAYEE,
            "seller_payable_breakdown": {
                "total_refunded_amount": money(self.refunded() + value, self.currency)
            },
            "create_time": stamp(),
            "update_time": stamp(),
            "links": [up_link(capture)],
        }
        self.refunds.append(refund)
        capture["status"] = "REFUNDED" if value == left else "PARTIALLY_REFUNDED"
        return refund

    def refunded(self) -> Decimal:
        """Return how much has gone back."""
        return sum((Decimal(one["amount"]["value"]) for one in self.refunds), Decimal(0))


def check_money(amount: Any) -> None:
    """Raise Refused for an amount that PayPal does not take."""
    if not isinstance(amount, dict) or not isinstance(amount.get("value"), str):
        raise Refused(400, "INVALID_PARAMETER_SYNTAX")
    if amount.get("currency_code") not in CURRENCIES:
        raise Refused(422, "CURRENCY_NOT_SUPPORTED")
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,2})?", amount["value"]):
        raise Refused(422, "CANNOT_BE_ZERO_OR_NEGATIVE")
    if amount["currency_code"] in WITHOUT_CENTS and "." in amount["value"]:
        raise Refused(422, "DECIMALS_NOT_SUPPORTED")
