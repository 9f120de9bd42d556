"""Cards by Stripe: send a customer to its hosted payment page, hear how it ended, give money back.

The page is a Checkout Session (`cs_...`). Its payment, a PaymentIntent (`pi_...`), exists only when the
customer pays, so deliveries about payments are matched by our key, which both carry as metadata.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from payments.gateways.gateway import (
    Ask,
    Asked,
    AskRefused,
    AskUnknown,
    Forged,
    Notice,
    RefundAsk,
    Standing,
    State,
)
from payments.gateways.stripe.amounts import to_units
from payments.gateways.stripe.api import StripeApi
from payments.gateways.stripe.config import StripeConfig
from payments.gateways.stripe.events import read_event
from payments.gateways.stripe.fields import KEY, read_id
from payments.gateways.stripe.signature import check_signature
from payments.gateways.stripe.standing import intent_standing, refund_standing, session_standing

SESSIONS, INTENTS, REFUNDS = "/v1/checkout/sessions", "/v1/payment_intents", "/v1/refunds"


class StripeGateway:
    """Stripe for one account; a Gateway.

    Asking and refunding may be repeated with the same key: Stripe does each once. Call them outside database
    transactions: they may take half a minute.
    """

    def __init__(self, config: StripeConfig):
        self._config = config
        self._api = StripeApi(config)

    def ask(self, ask: Ask) -> Asked:
        """Make a payment page, and return its address for the customer. Open for 24 hours.

        `return_url` is where the customer's browser goes from the page, paid or not: never a proof of
        payment. Raises AskRefused, AskUnknown (the same request may be repeated), and RuleBroken.
        """
        answer = self._api.post(SESSIONS, self._page_fields(ask), key=f"ask:{ask.key}")
        reference, link = read_id(answer), answer.get("url")
        if not reference or not isinstance(link, str) or not self._is_web_address(link):
            raise AskUnknown("an answer without a payment page", may_repeat=True)
        return Asked(reference, second_reference=read_id(answer.get("payment_intent")), link=link)

    def _page_fields(self, ask: Ask) -> dict[str, str]:
        try:
            units = to_units(ask.amount, ask.currency)
        except ValueError as error:
            raise RuleBroken(str(error)) from None
        if not KEY.fullmatch(ask.key):
            raise RuleBroken(_("A request to Stripe needs a key of 1 to 200 plain characters."))
        if not self._is_web_address(ask.return_url):
            raise RuleBroken(_("The address to which the customer returns must begin with https://."))
        item, intent = "line_items[0][price_data]", "payment_intent_data"
        fields = {
            "mode": "payment",
            "client_reference_id": ask.key,
            "metadata[key]": ask.key,
            f"{intent}[metadata][key]": ask.key,
            f"{intent}[description]": ask.reference,
            "line_items[0][quantity]": "1",
            f"{item}[currency]": ask.currency.lower(),
            f"{item}[unit_amount]": str(units),
            f"{item}[product_data][name]": ask.reference.strip() or ask.key,
            f"{item}[product_data][description]": ask.description,
            # The customer pays in the currency of the order, or amounts could not be compared.
            "adaptive_pricing[enabled]": "false",
            "success_url": ask.return_url,
            "cancel_url": ask.return_url,
        }
        return {name: value for name, value in fields.items() if value}

    def _is_web_address(self, url: str) -> bool:
        address = urlsplit(url)
        return bool(address.hostname) and (
            address.scheme == "https" or (address.scheme == "http" and self._config.allow_http)
        )

    def standing(self, reference: str) -> Standing:
        """Return how a page (`cs_...`), a payment (`pi_...`) or a refund (`re_...`) stands by now."""
        name, live = quote(reference, safe=""), self._config.live
        try:
            if reference.startswith("pi_"):
                return intent_standing(self._api.get(f"{INTENTS}/{name}"), live=live)
            if reference.startswith("re_"):
                return refund_standing(self._api.get(f"{REFUNDS}/{name}"))
            session = self._api.get(f"{SESSIONS}/{name}", **{"expand[]": "payment_intent"})
            return session_standing(session, live=live)
        except AskRefused as refusal:
            return Standing(State.UNKNOWN, code=refusal.code, text=refusal.text, reference=reference)
        except AskUnknown:
            return Standing(State.UNKNOWN, code="no_answer", reference=reference)

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None:
        """Let a delivery pass that Stripe signed; raises Forged, and RuleBroken without a secret."""
        if not self._config.webhook_secrets:
            raise RuleBroken(_("Stripe is not set up: its webhook secret is missing."))
        header = next((value for name, value in headers.items() if name.lower() == "stripe-signature"), "")
        if not header:
            raise Forged("no signature header")
        check_signature(body, header, self._config.webhook_secrets, now=now)

    def read(self, body: bytes, *, received_at: datetime) -> Notice:
        """Read a delivery that passed. Raises Unreadable, and nothing else."""
        return read_event(body, live=self._config.live, received_at=received_at)

    def refund(self, ask: RefundAsk) -> Standing:
        """Give money back to the card it came from; State.PAID when it went, which may take days.

        Raises AskRefused and AskUnknown; the same request may be repeated unless that says otherwise.
        """
        try:
            units = to_units(ask.amount, ask.currency)
        except ValueError as error:
            raise AskRefused("invalid_amount", str(error)) from None
        fields = {
            "charge" if ask.receipt.startswith(("ch_", "py_")) else "payment_intent": ask.receipt,
            "amount": str(units),
            "reason": "requested_by_customer",
            "metadata[key]": ask.key,
            "metadata[reason]": ask.reason[:500],
        }
        given = {name: value for name, value in fields.items() if value}
        standing = refund_standing(self._api.post(REFUNDS, given, key=f"refund:{ask.key}"))
        if not standing.receipt or standing.state == State.UNKNOWN:
            raise AskUnknown("an answer without a refund", may_repeat=True)
        return standing
