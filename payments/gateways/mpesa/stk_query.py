"""Ask Safaricom how a prompt stands."""

from typing import Any

from django.utils.translation import gettext as _

from payments.gateways.gateway import Standing, State
from payments.gateways.mpesa.daraja import Daraja, Refused, Unanswered
from payments.gateways.mpesa.result_codes import explain_code, prompt_state
from payments.gateways.mpesa.stk_push import sign

PATH = "/mpesa/stkpushquery/v1/query"


def query(daraja: Daraja, checkout_request_id: str) -> Standing:
    """Return how a prompt stands by now. No amount, receipt or phone is told here.

    Only a known final code about this very prompt is PAID or FAILED. All else (no answer, a fault, "still
    under processing", "does not exist", which Safaricom also says of prompts that do) is no news.
    """
    try:
        answer = daraja.post(PATH, sign(daraja.config) | {"CheckoutRequestID": checkout_request_id})
    except Refused as refusal:
        return Standing(State.UNKNOWN, refusal.code, _no_news(), reference=checkout_request_id)
    except Unanswered:
        return Standing(State.UNKNOWN, "", _no_news(), reference=checkout_request_id)
    return _read(answer, checkout_request_id)


def _read(answer: dict[str, Any], checkout_request_id: str) -> Standing:
    code = answer.get("ResultCode")
    is_ours = answer.get("CheckoutRequestID") == checkout_request_id
    if type(code) not in (int, str) or not is_ours:  # by type: False equals 0
        return Standing(State.UNKNOWN, "", _no_news(), reference=checkout_request_id)
    return Standing(prompt_state(code), str(code)[:40], explain_code(code), reference=checkout_request_id)


def _no_news() -> str:
    return _("Safaricom cannot say now how this payment stands. Ask again in a minute.")
