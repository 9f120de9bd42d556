"""A PayPal order and the money in it.

An order is what the customer agrees to, a capture is the money. An order may be COMPLETED while its capture
is still PENDING, so only captures tell whether somebody paid.
"""

import hashlib
from typing import Any

from payments.gateways.gateway import Ask, Standing, State
from payments.gateways.paypal.currencies import read_money, write_money
from payments.gateways.paypal.issues import FINAL_REFUSALS, STILL_OPEN, explain_issue
from payments.gateways.paypal.text import identifier, objects, part, word

MONEY_STATES = {
    "COMPLETED": State.PAID,
    "PENDING": State.PENDING,
    "DECLINED": State.FAILED,
    "DENIED": State.FAILED,
    "FAILED": State.FAILED,
    "CANCELLED": State.FAILED,
}
LONGEST_REFERENCE = 100
LONGEST_DESCRIPTION = 127


def write_order(ask: Ask) -> dict[str, Any]:
    """Return the order for a request; raise RuleBroken for an amount or a currency PayPal does not take.

    PayPal takes money for one invoice_id only once, so it ends in letters of our key: a second request for
    the same reference is another invoice.
    """
    mark = hashlib.sha256(ask.key.encode()).hexdigest()[:8]
    unit = {
        "custom_id": ask.key,
        "invoice_id": f"{ask.reference[:LONGEST_REFERENCE]}-{mark}",
        "amount": write_money(ask.amount, ask.currency),
    }
    if ask.description:
        unit["description"] = ask.description[:LONGEST_DESCRIPTION]
    context = {"user_action": "PAY_NOW", "shipping_preference": "NO_SHIPPING"}
    if ask.return_url:
        context |= {"return_url": ask.return_url, "cancel_url": ask.return_url}
    return {
        "intent": "CAPTURE",
        "purchase_units": [unit],
        "payment_source": {"paypal": {"experience_context": context}},
    }


def read_link(order: dict[str, Any]) -> str:
    """Return where the customer agrees, empty when there is nothing left to agree to."""
    for link in objects(order, "links"):
        if link.get("rel") in ("approve", "payer-action") and isinstance(link.get("href"), str):
            return str(link["href"])
    return ""


def read_order(order: dict[str, Any]) -> Standing:
    """Return how an order stands, by its captures where it has any."""
    reference, status = identifier(order.get("id")), word(order.get("status"))
    captures = [
        one for unit in objects(order, "purchase_units") for one in objects(unit, "payments", "captures")
    ]
    if captures:
        return _read_captures(captures, reference)
    if status in STILL_OPEN:
        return Standing(State.PENDING, status, explain_issue(status), reference=reference)
    if status in FINAL_REFUSALS:
        return Standing(State.FAILED, status, explain_issue(status), reference=reference)
    return unknown(status or "no_answer", reference)


def read_money_moved(thing: dict[str, Any], reference: str) -> Standing:
    """Return how one capture or refund stands; UNKNOWN when its status, id or amount is not clear."""
    status = word(thing.get("status"))
    state, receipt = MONEY_STATES.get(status, State.UNKNOWN), identifier(thing.get("id"))
    amount, currency = read_money(thing.get("amount"))
    if state == State.PAID and not (receipt and amount):
        return unknown("no_answer", reference)
    code = word(part(thing, "status_details", "reason")) if state != State.PAID else ""
    code = code or status or "no_answer"
    return Standing(state, code, explain_issue(code), amount, currency, receipt, reference)


def unknown(code: str, reference: str) -> Standing:
    """Return that nobody can tell now."""
    return Standing(State.UNKNOWN, code, explain_issue(code), reference=reference)


def _read_captures(captures: list[dict[str, Any]], reference: str) -> Standing:
    """Return the standing that decides: paid before pending before everything else."""
    standings = [read_money_moved(capture, reference) for capture in captures]
    if len({one.receipt for one in standings if one.state == State.PAID}) > 1:
        return unknown("SEVERAL_CAPTURES", reference)
    for state in (State.PAID, State.PENDING, State.UNKNOWN):
        for standing in standings:
            if standing.state == state:
                return standing
    return standings[-1]
