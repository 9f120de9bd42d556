"""The payment pages to which links lead, on the customer's phone."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from payments.gateways.stripe.amounts import from_units
from payments.simulator.prompt import AlreadyAnswered
from payments.simulator.stripe.objects import LINE, Thing
from payments.simulator.stripe.wire import Answer

if TYPE_CHECKING:
    from payments.simulator.stripe.provider import StripeSimulator

HTML = {"Content-Type": "text/html; charset=utf-8"}
SHOWN = 20
LABELS = {
    "pay": _("Pay by card"),
    "decline": _("Have the card declined"),
    "no_money": _("Not enough money on the card"),
    "pay_later": _("Pay by bank, which is slow"),
    "pay_later_fails": _("Pay by bank, which fails"),
    "expire": _("Let the link expire"),
}


def answer(stripe: "StripeSimulator", method: str, number: str, raw: bytes) -> Answer:
    """Show a payment page, or all of them, or do what the customer chose on one."""
    if not number:
        newest = [_describe(stripe, one) for one in reversed([*stripe.sessions.values()][-SHOWN:])]
        return 200, render_to_string("payments/simulator/stripe_list.html", {"pages": newest}).encode(), HTML
    if number not in stripe.sessions:
        return 404, _page(stripe, None), HTML
    status = 200
    if method == "POST":
        try:
            stripe.choose(number, parse_qs(raw.decode("ascii", "replace")).get("choice", [""])[0])
        except AlreadyAnswered:
            status = 409
        except ValueError:
            status = 400
        else:
            return 303, b"", {"Location": f"/stripe/pay/{number}"}
    return status, _page(stripe, stripe.sessions[number]), HTML


def _page(stripe: "StripeSimulator", session: Thing | None) -> bytes:
    page = session and _describe(stripe, session)
    choices = [(name, LABELS[name]) for name in LABELS]
    return render_to_string("payments/simulator/stripe.html", {"page": page, "choices": choices}).encode()


def _describe(stripe: "StripeSimulator", session: Thing) -> dict[str, object]:
    """Say in text what a template shows; numbers stay as sent, whatever the language's separators."""
    intent = stripe.intents.get(session["payment_intent"] or "", {})
    currency = session["currency"].upper()
    failed = bool(intent.get("last_payment_error"))
    return {
        "id": session["id"],
        "amount": f"{currency} {from_units(session['amount_total'], currency) or 0:,}",
        "reference": stripe.asked[session["id"]][f"{LINE}[product_data][name]"],
        "open": session["status"] == "open",
        "expired": session["status"] == "expired",
        "paid": session["payment_status"] == "paid",
        "processing": intent.get("status") == "processing",
        "failed": failed and session["payment_status"] != "paid",
        "receipt": intent["id"] if session["payment_status"] == "paid" else "",
        "back": session["success_url"],
    }
