"""M-Pesa by Safaricom's Daraja, as one of the providers (see gateway).

The parts that callers need are all importable from here. Protocol facts are from Safaricom's developer portal
and from integrators' published traces.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

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
)
from payments.gateways.mpesa.c2b import read_confirmation
from payments.gateways.mpesa.client import MpesaClient
from payments.gateways.mpesa.daraja import Refused, Unanswered
from payments.gateways.mpesa.messages import (
    MpesaConfig,
    PushRequest,
)
from payments.gateways.mpesa.result_codes import explain_code
from payments.gateways.mpesa.results import read_result
from payments.gateways.mpesa.stk_callback import read_callback
from payments.gateways.mpesa.values import read_body


class MpesaGateway:
    """M-Pesa behind the interface that all providers share."""

    def __init__(self, config: MpesaConfig, token_cache: Cache):
        self.client = MpesaClient(config, token_cache)

    def ask(self, ask: Ask) -> Asked:
        """Show a prompt, once: M-Pesa knows no key of ours, so an unanswered one must not be repeated."""
        request = PushRequest(
            amount=_shillings(ask.amount, ask.currency),
            phone=ask.phone,
            reference=ask.reference,
            description=ask.description,
            callback_url=ask.callback_url,
        )
        with _in_our_words():
            accepted = self.client.push(request)
        return Asked(accepted.checkout_request_id, second_reference=accepted.merchant_request_id)

    def standing(self, reference: str) -> Standing:
        """Return how the prompt with this CheckoutRequestID stands; it tells neither amount nor receipt."""
        return self.client.query(reference)

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None:
        """Let everything pass: M-Pesa signs nothing. What admits a delivery is the token in its address."""

    def read(self, body: bytes, *, received_at: datetime) -> Notice:
        """Read the end of a prompt, a confirmation of money sent unasked, or the result of an operation.

        Validations and time-outs look like confirmations and results; only their addresses tell, so they are
        read by c2b.read_validation and results.read_queue_timeout.
        """
        names = {name.casefold() for name in read_body(body)}
        if "body" in names:
            return read_callback(body, received_at=received_at).as_notice()
        if "result" in names:
            return read_result(body, received_at=received_at)
        return read_confirmation(body, received_at=received_at)

    def refund(self, ask: RefundAsk) -> Standing:
        """Reverse a whole payment, or pay a part of it out to a phone; PENDING until the result comes."""
        with _in_our_words():
            return self.client.reverse(ask) if ask.is_whole else self.client.pay_out(ask)

    def register_urls(
        self, *, confirmation_url: str, validation_url: str, response_type: str = "Completed"
    ) -> bool:
        """Tell Safaricom where to report payments nobody asked for; False when that was told before."""
        with _in_our_words(may_repeat=True):
            return self.client.register_urls(
                confirmation_url=confirmation_url, validation_url=validation_url, response_type=response_type
            )

    def transaction_status(
        self, receipt: str = "", *, conversation: str = "", callback_url: str, timeout_url: str
    ) -> Standing:
        """Ask about a receipt, or about a payout by its key; see results.confirms for the answer."""
        with _in_our_words(may_repeat=True):
            return self.client.transaction_status(
                receipt, conversation=conversation, callback_url=callback_url, timeout_url=timeout_url
            )


@contextmanager
def _in_our_words(*, may_repeat: bool = False) -> Iterator[None]:
    try:
        yield
    except Refused as refusal:
        raise AskRefused(refusal.code, _explain(refusal), refusal.retry_after) from refusal
    except Unanswered as silence:
        text = _("Safaricom did not answer clearly; what was asked for may or may not have been done.")
        raise AskUnknown(text, may_repeat=may_repeat) from silence


def _explain(refusal: Refused) -> str:
    """Return why nothing was done, with Safaricom's own words where they say more than the code."""
    meaning = explain_code(refusal.code)
    if refusal.text in ("", meaning):
        return meaning
    return _("%(meaning)s Safaricom says: %(text)s") % {"meaning": meaning, "text": refusal.text}


def _shillings(amount: Decimal, currency: str) -> int:
    if currency != "KES" or amount != amount.to_integral_value():
        raise RuleBroken(_("M-Pesa takes whole Kenyan shillings only."))
    return int(amount)
