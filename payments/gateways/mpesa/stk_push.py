"""Ask a customer's phone for a payment (M-Pesa Express, also called STK push or Lipa na M-Pesa Online)."""

import logging
from base64 import b64encode
from datetime import datetime
from typing import Any

from payments.gateways.mpesa.callback_address import check_address
from payments.gateways.mpesa.config import MpesaConfig
from payments.gateways.mpesa.daraja import Daraja, Unanswered
from payments.gateways.mpesa.messages import PushAccepted, PushRequest
from payments.gateways.mpesa.values import NAIROBI

PATH = "/mpesa/stkpush/v1/processrequest"

logger = logging.getLogger(__name__)


def push(daraja: Daraja, request: PushRequest) -> PushAccepted:
    """Show a prompt, once. Raises Refused, Unanswered, and RuleBroken for an address without https."""
    check_address(request.callback_url, allow_http=daraja.config.allow_http)
    answer = daraja.post(PATH, _body(daraja.config, request))
    merchant, checkout = answer.get("MerchantRequestID"), answer.get("CheckoutRequestID")
    if isinstance(merchant, str) and isinstance(checkout, str) and merchant and checkout:
        return PushAccepted(merchant, checkout, str(answer.get("CustomerMessage") or ""))
    logger.warning("M-Pesa accepted a prompt without an id")
    raise Unanswered("accepted without an id")


def sign(config: MpesaConfig) -> dict[str, Any]:
    """Return the fields by which Daraja knows who asks."""
    timestamp = datetime.now(NAIROBI).strftime("%Y%m%d%H%M%S")
    secret = f"{config.shortcode}{config.passkey}{timestamp}"
    return {
        "BusinessShortCode": config.shortcode,
        "Password": b64encode(secret.encode()).decode(),
        "Timestamp": timestamp,
    }


def _body(config: MpesaConfig, request: PushRequest) -> dict[str, Any]:
    body = sign(config) | {
        "TransactionType": "CustomerBuyGoodsOnline" if config.till else "CustomerPayBillOnline",
        "Amount": request.amount,
        "PartyA": request.phone,
        "PartyB": config.till or config.shortcode,
        "PhoneNumber": request.phone,
        "CallBackURL": request.callback_url,
        "AccountReference": request.reference,
    }
    if request.description:
        body["TransactionDesc"] = request.description
    return body
