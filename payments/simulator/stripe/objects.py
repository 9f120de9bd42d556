"""Stripe's objects, kept as Stripe shows them, and the requests that make and read them."""

import re
import time
from typing import Any
from urllib.parse import urlsplit

from payments.simulator.stripe.wire import Fields, Refused, check_names, new_id, read_metadata

Thing = dict[str, Any]

DAY = 24 * 60 * 60
MOST_UNITS = 99_999_999
LINE = "line_items[0][price_data]"
REFUND_REASONS = ("", "duplicate", "fraudulent", "requested_by_customer")


def new_session(fields: Fields, *, page_url: str) -> Thing:
    """Return a payment page as asked for in a form. Raises Refused."""
    check_names(
        fields,
        "mode|client_reference_id|success_url|cancel_url",
        r"(payment_intent_data\[)?metadata\]?\[[^\]]+\]",
        r"payment_intent_data\[description\]|adaptive_pricing\[enabled\]",
        r"line_items\[0\]\[(quantity|price_data)\](\[(currency|unit_amount)\])?",
        r"line_items\[0\]\[price_data\]\[product_data\]\[(name|description)\]",
    )
    for name in ("mode", "success_url", f"{LINE}[currency]", f"{LINE}[product_data][name]"):
        if not fields.get(name):
            raise Refused(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    for name in ("success_url", "cancel_url"):
        if fields.get(name) and urlsplit(fields[name]).scheme not in ("http", "https"):
            raise Refused(400, "Not a valid URL", code="url_invalid", param=name)
    units = read_units(fields, f"{LINE}[unit_amount]") * read_units(fields, "line_items[0][quantity]")
    number, moment = new_id("cs_test", 58), int(time.time())
    return {
        "id": number,
        "object": "checkout.session",
        "amount_subtotal": units,
        "amount_total": units,
        "cancel_url": fields.get("cancel_url"),
        "client_reference_id": fields.get("client_reference_id"),
        "created": moment,
        "currency": read_currency(fields, f"{LINE}[currency]"),
        "expires_at": moment + DAY,
        "livemode": False,
        "metadata": read_metadata(fields),
        "mode": "payment",
        "payment_intent": None,
        "payment_status": "unpaid",
        "status": "open",
        "success_url": fields["success_url"],
        "url": f"{page_url}{number}",
    }


def new_intent(session: Thing, fields: Fields) -> Thing:
    """Return the payment of a page that was asked for with these fields; it waits for a card."""
    number = new_id("pi")
    return {
        "id": number,
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "client_secret": f"{number}_secret_simulator",
        "created": int(time.time()),
        "currency": session["currency"],
        "description": fields.get("payment_intent_data[description]"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": read_metadata(fields, "payment_intent_data[metadata]"),
        "status": "requires_payment_method",
    }


def charge_of(intent: Thing, refunded: int) -> Thing:
    """Return the charge of a payment that succeeded; `refunded` is the sum given back, in smallest units."""
    return {
        "id": intent["latest_charge"],
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount_received"],
        "amount_refunded": refunded,
        "created": intent["created"],
        "currency": intent["currency"],
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": True,
        "payment_intent": intent["id"],
        "refunded": refunded == intent["amount"],
        "status": "succeeded",
    }


def new_refund(fields: Fields, intent: Thing, *, left: int, status: str) -> Thing:
    """Return a refund of a payment of which `left` was not given back yet. Raises Refused."""
    check_names(fields, "payment_intent|charge|amount|reason", r"metadata\[[^\]]+\]")
    if fields.get("reason", "") not in REFUND_REASONS:
        raise Refused(400, "Invalid reason", param="reason")
    if intent["status"] != "succeeded":
        raise Refused(400, "This PaymentIntent does not have a successful charge to refund.")
    if not left:
        message = f"Charge {intent['latest_charge']} has already been refunded."
        raise Refused(400, message, code="charge_already_refunded")
    units = read_units(fields, "amount") if "amount" in fields else left
    if units > left:
        message = f"Refund amount ({units}) is greater than unrefunded amount on charge ({left})"
        raise Refused(400, message, param="amount")
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": units,
        "charge": intent["latest_charge"],
        "created": int(time.time()),
        "currency": intent["currency"],
        "metadata": read_metadata(fields),
        "payment_intent": intent["id"],
        "reason": fields.get("reason"),
        "status": status,
        **({"failure_reason": "declined"} if status == "failed" else {}),
    }


def read_units(fields: Fields, name: str) -> int:
    """Return a positive integer of a form. Raises Refused."""
    text = fields.get(name, "")
    if not re.fullmatch("[0-9]{1,12}", text) or not int(text):
        raise Refused(400, f"Invalid integer: {text}", code="parameter_invalid_integer", param=name)
    if int(text) > MOST_UNITS:
        message = "Amount must be no more than 999,999.99"
        raise Refused(400, message, code="amount_too_large", param=name)
    return int(text)


def read_currency(fields: Fields, name: str) -> str:
    """Return a currency of a form. Raises Refused."""
    if not re.fullmatch("[a-z]{3}", fields.get(name, "")):
        raise Refused(400, f"Invalid currency: {fields.get(name, '')}", param=name)
    return fields[name]
