"""Everything that we ask of Daraja, for one shortcode."""

from payments.gateways.access_token import Cache
from payments.gateways.gateway import RefundAsk, Standing
from payments.gateways.mpesa import c2b_urls, operations, stk_push, stk_query
from payments.gateways.mpesa.config import MpesaConfig
from payments.gateways.mpesa.daraja import Daraja
from payments.gateways.mpesa.messages import PushAccepted, PushRequest


class MpesaClient:
    """Speaks to Daraja; `token_cache` is a Django cache that all workers share.

    All but `query` raise Refused when Daraja certainly did nothing, Unanswered when nobody can tell, and
    RuleBroken for what cannot be asked for. Call it outside database transactions: each may take half a
    minute.
    """

    def __init__(self, config: MpesaConfig, token_cache: Cache):
        self._daraja = Daraja(config, token_cache)

    def push(self, request: PushRequest) -> PushAccepted:
        """Ask the customer's phone for the payment, once."""
        return stk_push.push(self._daraja, request)

    def query(self, checkout_request_id: str) -> Standing:
        """Return how a prompt stands by now; State.UNKNOWN when Safaricom cannot say."""
        return stk_query.query(self._daraja, checkout_request_id)

    def register_urls(
        self, *, confirmation_url: str, validation_url: str, response_type: str = "Completed"
    ) -> bool:
        """Tell where payments nobody asked for are reported; False when other addresses stay in force."""
        return c2b_urls.register_urls(
            self._daraja,
            confirmation_url=confirmation_url,
            validation_url=validation_url,
            response_type=response_type,
        )

    def transaction_status(
        self, receipt: str = "", *, conversation: str = "", callback_url: str, timeout_url: str
    ) -> Standing:
        """Ask about a receipt, or a payout by its key; the answer is posted to `callback_url` later."""
        return operations.ask_status(
            self._daraja,
            receipt=receipt,
            conversation=conversation,
            callback_url=callback_url,
            timeout_url=timeout_url,
        )

    def reverse(self, ask: RefundAsk) -> Standing:
        """Ask for a whole payment to be taken back; how it ended is posted later."""
        return operations.reverse(self._daraja, ask)

    def pay_out(self, ask: RefundAsk) -> Standing:
        """Send money to a phone; how it ended is posted later."""
        return operations.pay_out(self._daraja, ask)
