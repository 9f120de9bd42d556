"""PayPal's page on the customer's phone, where an order is approved."""

from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from payments.simulator.paypal.answers import Answer, Refused
from payments.simulator.paypal.order import PaypalOrder
from payments.simulator.prompt import AlreadyAnswered

if TYPE_CHECKING:
    from payments.simulator.paypal.provider import PaypalSimulator

HTML = {"Content-Type": "text/html; charset=utf-8"}
SHOWN = 20

# choice: what the payer then pays with
METHODS = {"approve": "balance", "approve_echeck": "echeck", "decline": "card"}
CHOICES = {
    "approve": _("Pay"),
    "leave": _("Leave without paying"),
    "decline": _("Pay with a card that will be refused"),
    "approve_echeck": _("Pay by eCheck, which takes days"),
}


def answer(paypal: "PaypalSimulator", method: str, order_id: str, raw: bytes) -> Answer:
    """Show an order to the payer, or all of them, or take the payer's choice and lead back to the shop."""
    if not order_id:
        return _list(paypal.orders)
    try:
        order = paypal.order(order_id)
    except Refused:
        return _show(404, None)
    if method != "POST":
        return _show(200, order)
    choice = parse_qs(raw.decode("ascii", "replace")).get("choice", [""])[0]
    try:
        paypal.choose(order_id, choice)
    except AlreadyAnswered:
        return _show(409, order)
    except ValueError:
        return _show(400, order)
    back = order.context.get("cancel_url" if choice == "leave" else "return_url", "")
    if not back:
        return 303, b"", {"Location": order.pay_link}
    joint = "&" if "?" in back else "?"
    return 303, b"", {"Location": f"{back}{joint}{urlencode({'token': order.id})}"}


def _list(orders: list[PaypalOrder]) -> Answer:
    newest = [_describe(order) for order in reversed(orders[-SHOWN:])]
    return 200, render_to_string("payments/simulator/paypal_list.html", {"orders": newest}).encode(), HTML


def _show(status: int, order: PaypalOrder | None) -> Answer:
    page = render_to_string(
        "payments/simulator/paypal.html",
        {"order": order and _describe(order), "choices": list(CHOICES.items())},
    )
    return status, page.encode(), HTML


def _describe(order: PaypalOrder) -> dict[str, object]:
    """Say in text what the template shows."""
    return {
        "id": order.id,
        "amount": f"{order.currency} {Decimal(order.unit['amount']['value']):,}",
        "description": order.unit.get("description", ""),
        "invoice": order.unit.get("invoice_id", ""),
        "open": order.status == "PAYER_ACTION_REQUIRED",
        "paid": any(one["status"] == "COMPLETED" for one in order.captures),
        "receipts": ", ".join(one["id"] for one in order.captures),
    }
