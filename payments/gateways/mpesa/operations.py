"""What our API operator asks of M-Pesa. Daraja only takes note; the result is posted later (see results)."""

import re
from typing import Any

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from payments.gateways.gateway import RefundAsk, Standing, State
from payments.gateways.mpesa.callback_address import check_address
from payments.gateways.mpesa.daraja import Daraja, Refused, Unanswered
from payments.gateways.mpesa.messages import MOST_SHILLINGS
from payments.gateways.mpesa.security_credential import operator_login

STATUS_PATH = "/mpesa/transactionstatus/v1/query"
REVERSAL_PATH = "/mpesa/reversal/v1/request"
PAYOUT_PATH = "/mpesa/b2c/v3/paymentrequest"
DUPLICATE = "500.002.1001"
INTERNAL_FAULT = "500.003.1001"
SHORTCODE, REVERSAL_RECEIVER = "4", "11"


def ask_status(
    daraja: Daraja, *, receipt: str = "", conversation: str = "", callback_url: str, timeout_url: str
) -> Standing:
    """Ask what became of money, by its receipt or by the key of a payout (OriginatorConversationID).

    Asking is harmless and may be repeated. Raises Refused, Unanswered and RuleBroken.
    """
    body = {
        "CommandID": "TransactionStatusQuery",
        "PartyA": daraja.config.shortcode,
        "IdentifierType": SHORTCODE,
    }
    wanted = {"TransactionID": receipt} if receipt else {"OriginalConversationID": conversation}
    return _post(daraja, STATUS_PATH, body | wanted, "Status", callback_url, timeout_url)


def reverse(daraja: Daraja, ask: RefundAsk) -> Standing:
    """Ask for a whole payment to be taken back. Daraja knows no key of ours: never repeat it unanswered.

    Raises Refused, Unanswered and RuleBroken.
    """
    body = {
        "CommandID": "TransactionReversal",
        "TransactionID": ask.receipt,
        "Amount": _shillings(ask),
        "ReceiverParty": daraja.config.shortcode,
        "RecieverIdentifierType": REVERSAL_RECEIVER,  # Daraja's own spelling
        "Occasion": ask.key[:100],
    }
    try:
        return _post(daraja, REVERSAL_PATH, body, ask.reason, ask.callback_url, ask.timeout_url)
    except Refused as refusal:
        raise _unless_perhaps_done(refusal) from refusal


def pay_out(daraja: Daraja, ask: RefundAsk) -> Standing:
    """Send money to a phone, for the part of a payment that is given back.

    The key goes along, so a second request for it is not a second payout: Daraja says that there is one, and
    the answer here is PENDING as for the first. Raises Refused, Unanswered and RuleBroken.
    """
    if not re.fullmatch(r"254[17][0-9]{8}", ask.phone):
        raise RuleBroken(_("This is not a Kenyan mobile number. Write it like 0712 345 678."))
    body = {
        "OriginatorConversationID": ask.key,
        "CommandID": "BusinessPayment",
        "Amount": _shillings(ask),
        "PartyA": daraja.config.shortcode,
        "PartyB": ask.phone,
        "Occassion": ask.receipt,  # Daraja's own spelling
    }
    try:
        return _post(daraja, PAYOUT_PATH, body, ask.reason, ask.callback_url, ask.timeout_url)
    except Refused as refusal:
        if refusal.code == DUPLICATE:
            return Standing(State.PENDING, DUPLICATE, _("Safaricom has this payout already."))
        raise _unless_perhaps_done(refusal) from refusal


def _post(
    daraja: Daraja, path: str, body: dict[str, Any], remarks: str, callback_url: str, timeout_url: str
) -> Standing:
    for address in (callback_url, timeout_url):
        check_address(address, allow_http=daraja.config.allow_http)
    name, credential = operator_login(daraja.config)
    frame = {
        "InitiatorName" if path == PAYOUT_PATH else "Initiator": name,
        "SecurityCredential": credential,
        "Remarks": remarks.strip()[:100].ljust(2, "."),  # Daraja wants 2 to 100 characters
        "ResultURL": callback_url,
        "QueueTimeOutURL": timeout_url,
    }
    answer = daraja.post(path, body | frame)
    conversation = answer.get("ConversationID")
    if not isinstance(conversation, str) or not conversation:
        raise Unanswered("accepted without an id")
    text = _("Safaricom has taken note; the result follows.")
    return Standing(State.PENDING, "", text, reference=conversation[:100])


def _shillings(ask: RefundAsk) -> int:
    whole = ask.amount == ask.amount.to_integral_value() and 1 <= ask.amount <= MOST_SHILLINGS
    if ask.currency != "KES" or not whole:
        raise RuleBroken(_("M-Pesa gives back from KES 1 to KES 250,000, in whole shillings."))
    return int(ask.amount)


def _unless_perhaps_done(refusal: Refused) -> Refused | Unanswered:
    """Return why it is not known that nothing was done, where Daraja's words leave that open."""
    is_open = refusal.code == INTERNAL_FAULT or "process" in refusal.text.casefold()
    return Unanswered(f"fault {refusal.code}") if is_open else refusal
