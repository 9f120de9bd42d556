"""A customer pays a till or paybill without being asked (C2B), and Safaricom's word of it."""

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from payments.gateways.mpesa.phone_numbers import normalise_phone
from payments.simulator.daraja import Answer, Headers, is_callback_url, open_request, refusal, reply
from payments.simulator.letter import Letter
from payments.simulator.prompt import Prompt

if TYPE_CHECKING:
    from payments.simulator.simulator import Simulator

# How the payer's number is told: setups differ, and none of them asks the shop.
DISGUISES = {
    "clear": lambda phone: phone,
    "masked": lambda phone: f"{phone[:4]} ***** {phone[-3:]}",
    "hashed": lambda phone: sha256(phone.encode()).hexdigest(),
}


@dataclass(frozen=True)
class Registration:
    """Where Safaricom reports payments to one shortcode, and what it does when nobody answers there."""

    confirmation_url: str
    validation_url: str
    response_type: str


@dataclass(eq=False)
class TillPayment:
    """Money that a customer sent. `amount` is in KES; `disguise` is one of DISGUISES."""

    shortcode: str
    amount: Decimal
    phone: str
    billref: str
    receipt: str
    paid_at: datetime
    nature: str = "Pay Bill"
    name: str = "NICHOLAS"
    disguise: str = "masked"
    is_refused: bool = False
    answered_with: int = 0
    delivered: threading.Event = field(default_factory=threading.Event, repr=False)

    def body(self) -> bytes:
        """Return the validation and the confirmation, which look the same."""
        return json.dumps(
            {
                "TransactionType": self.nature,
                "TransID": self.receipt,
                "TransTime": f"{self.paid_at:%Y%m%d%H%M%S}",
                "TransAmount": f"{self.amount:.2f}",
                "BusinessShortCode": self.shortcode,
                "BillRefNumber": self.billref,
                "InvoiceNumber": "",
                "OrgAccountBalance": "" if self.nature != "Pay Bill" else "25.00",
                "ThirdPartyTransID": "",
                "MSISDN": DISGUISES[self.disguise](self.phone),
                "FirstName": self.name,
                "MiddleName": "",
                "LastName": None,
            }
        ).encode()

    def decide(self, registration: Registration, status: int, answer: bytes) -> None:
        """Let the shop's answer to the validation decide, or the registration when there is none."""
        try:
            code = str(json.loads(answer)["ResultCode"]) if status == 200 else ""
        except (ValueError, KeyError, TypeError):
            code = ""
        self.is_refused = code != "0" if code else registration.response_type == "Cancelled"


def settle(simulator: "Simulator", payment: TillPayment) -> None:
    """Ask the shop whether it takes the money, where it wants to be asked, and confirm it."""
    registration = simulator.registrations.get(payment.shortcode)
    if registration:
        letter = Letter(payment, registration.validation_url, payment.body())
        payment.decide(registration, *letter.post())
    if payment.is_refused:
        payment.delivered.set()
    else:
        confirm(simulator, payment)


def confirm(simulator: "Simulator", payment: TillPayment) -> None:
    """Tell the shop of money that has moved, if it has registered an address."""
    registration = simulator.registrations.get(payment.shortcode)
    if registration:
        simulator.send(Letter(payment, registration.confirmation_url, payment.body()))
    else:
        payment.delivered.set()


def echo(prompt: Prompt, disguise: str) -> TillPayment:
    """Return the payment of a prompt as one to the till, under the same receipt."""
    return TillPayment(
        shortcode=prompt.shortcode,
        amount=Decimal(prompt.paid),
        phone=prompt.phone,
        billref=prompt.reference,
        receipt=prompt.receipt,
        paid_at=prompt.ended_at or prompt.asked_at,
        nature="Pay Bill Online",
        disguise=disguise,
    )


def read_form(form: dict[str, str]) -> dict[str, Any]:
    """Return what a customer who pays unasked typed; ValueError for what a phone would refuse."""
    amount, shortcode = form.get("amount", "").strip(), form.get("shortcode", "").strip()
    if not re.fullmatch("[1-9][0-9]{0,5}", amount) or not re.fullmatch("[0-9]{5,7}", shortcode):
        raise ValueError("neither an amount nor a shortcode")
    billref = form.get("billref", "").strip()[:20]
    nature = "Pay Bill" if billref else "Customer Merchant Payment"
    phone = normalise_phone(form.get("phone", ""))
    return {
        "amount": int(amount),
        "shortcode": shortcode,
        "billref": billref,
        "phone": phone,
        "nature": nature,
    }


def register(simulator: "Simulator", headers: Headers, raw: bytes) -> Answer:
    """Answer `POST /mpesa/c2b/v2/registerurl`: once for each shortcode."""
    request, refused = open_request(simulator, headers, raw)
    if refused:
        return refused
    problem = _find_problem(request)
    if problem:
        return refusal(400, "400.002.02", f"Bad Request - Invalid {problem}")
    shortcode = str(request["ShortCode"])
    if shortcode in simulator.registrations:
        return refusal(500, "500.003.1001", "Urls are already registered")
    simulator.registrations[shortcode] = Registration(
        request["ConfirmationURL"], request["ValidationURL"], request["ResponseType"]
    )
    # Daraja's own spelling of the first name.
    return reply(
        200, OriginatorCoversationID="7619-37765134-1", ResponseCode="0", ResponseDescription="success"
    )


def _find_problem(request: dict[str, Any]) -> str:
    for name in ("ConfirmationURL", "ValidationURL"):
        if not is_callback_url(request.get(name)):
            return name
    if request.get("ResponseType") not in ("Completed", "Cancelled"):
        return "ResponseType"
    return "" if str(request.get("ShortCode")).isdecimal() else "ShortCode"
