"""Daraja's side of the wire: what it checks and what it answers."""

import json
import re
from base64 import b64decode, b64encode
from datetime import datetime
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from payments.gateways.mpesa.messages import FORBIDDEN_WORDS, LOOPBACK
from payments.gateways.mpesa.values import NAIROBI
from payments.simulator.prompt import UNREACHED, Prompt

if TYPE_CHECKING:
    from payments.simulator.simulator import Simulator

Answer = tuple[int, bytes]
Headers = Message

# The passkey is the one Safaricom publishes for its sandbox; the rest is nobody's.
SIMULATOR_CREDENTIALS: dict[str, Any] = {
    "consumer_key": "simulator-key",
    "consumer_secret": "simulator-secret",
    "shortcode": "174379",
    "passkey": "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
    "initiator": "simulator-operator",
    "security_credential": "simulator-credential",
}
EMPTY_400: Answer = (400, b"")
HTML_503: Answer = (503, b"<html><body>Request unsuccessful. Incapsula incident ID: 0-0</body></html>")


def reply(status: int, **fields: str) -> Answer:
    """Return an answer of Daraja's."""
    return status, json.dumps(fields).encode()


def refusal(status: int, code: str, text: str) -> Answer:
    """Return Daraja's error envelope."""
    return reply(status, requestId=uuid4().hex[:20], errorCode=code, errorMessage=text)


def grant_token(simulator: "Simulator", headers: Headers, query: str) -> Answer:
    """Answer `GET /oauth/v1/generate`; every new token ends the one before it."""
    login = f"{SIMULATOR_CREDENTIALS['consumer_key']}:{SIMULATOR_CREDENTIALS['consumer_secret']}"
    simulator.token_requests += 1
    if simulator.token_answer:
        return simulator.token_answer
    if not headers.get("Authorization", "").startswith("Basic "):
        return refusal(400, "400.008.01", "Invalid Authentication passed")
    if "grant_type=client_credentials" not in query.split("&"):
        return refusal(400, "400.008.02", "Invalid grant type passed")
    if headers["Authorization"] != "Basic " + b64encode(login.encode()).decode():
        return EMPTY_400
    simulator.token = uuid4().hex[:28]
    return reply(200, access_token=simulator.token, expires_in=simulator.token_lifetime)


def take_push(simulator: "Simulator", headers: Headers, raw: bytes) -> tuple[Answer, Prompt | None]:
    """Answer `POST /mpesa/stkpush/v1/processrequest`, and return the prompt if there is one.

    Not idempotent, as Daraja is not: the same request twice is two prompts.
    """
    if simulator.push_answer:
        return simulator.push_answer, None
    request, refused = open_request(simulator, headers, raw)
    if refused:
        return refused, None
    for name, is_valid in _check_fields(request).items():
        if not is_valid:
            return refusal(400, "400.002.02", f"Bad Request - Invalid {name}"), None
    if not _is_password(request):
        return refusal(500, "500.001.1001", "[MerchantValidate] - Wrong credentials"), None
    prompt = simulator.add_prompt(request)
    words = "Success. Request accepted for processing"
    answer = reply(
        200,
        MerchantRequestID=prompt.merchant_request_id,
        CheckoutRequestID=prompt.checkout_request_id,
        ResponseCode="0",
        ResponseDescription=words,
        CustomerMessage=words,
    )
    return answer, prompt


def answer_query(simulator: "Simulator", headers: Headers, raw: bytes) -> Answer:
    """Answer `POST /mpesa/stkpushquery/v1/query`: the code is text here; no amount, no receipt."""
    if simulator.query_answers:
        return simulator.query_answers.pop(0)
    request, refused = open_request(simulator, headers, raw)
    if refused:
        return refused
    if not _is_password(request):
        return refusal(500, "500.001.1001", "[MerchantValidate] - Wrong credentials")
    prompt = simulator.find_prompt(str(request.get("CheckoutRequestID", "")))
    if prompt is None:
        return refusal(500, "500.001.1001", "The transaction does not Exist")
    words = prompt.result_desc or "The transaction is still under processing"
    if prompt.result_code == UNREACHED:
        words = "DS timeout user cannot be reached."
    return reply(
        200,
        ResponseCode="0",
        ResponseDescription="The service request has been accepted successfully",
        MerchantRequestID=prompt.merchant_request_id,
        CheckoutRequestID=prompt.checkout_request_id,
        ResultCode=prompt.result_code or "4999",
        ResultDesc=words,
    )


def open_request(
    simulator: "Simulator", headers: Headers, raw: bytes
) -> tuple[dict[str, Any], Answer | None]:
    """Return the request, or the answer to one without a valid token or without JSON."""
    if not simulator.token or headers.get("Authorization") != f"Bearer {simulator.token}":
        return {}, refusal(404, "404.001.03", "Invalid Access Token")
    if not headers.get("Content-Type", "").startswith("application/json"):
        return {}, refusal(400, "400.002.02", "Bad Request - Invalid BusinessShortCode")
    try:
        request = json.loads(raw)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict):
        return {}, refusal(400, "400.002.05", "Invalid Request Payload")
    return request, None


def _check_fields(request: dict[str, Any]) -> dict[str, bool]:
    def matches(name: str, pattern: str) -> bool:
        value = request.get(name)
        return type(value) in (int, str) and re.fullmatch(pattern, str(value)) is not None

    is_till = request.get("TransactionType") == "CustomerBuyGoodsOnline"
    amount = matches("Amount", "[1-9][0-9]{0,5}") and int(request["Amount"]) <= 250_000
    payee = matches("PartyB", "[0-9]{5,7}")
    if not is_till:
        payee = payee and str(request["PartyB"]) == str(request.get("BusinessShortCode"))
    return {
        "BusinessShortCode": matches("BusinessShortCode", "[0-9]{5,7}"),
        "Timestamp": matches("Timestamp", "[0-9]{14}"),
        "TransactionType": is_till or request.get("TransactionType") == "CustomerPayBillOnline",
        "Amount": amount,
        "PartyA": matches("PartyA", "254[17][0-9]{8}"),
        "PartyB": payee,
        "PhoneNumber": matches("PhoneNumber", "254[17][0-9]{8}"),
        "CallBackURL": is_callback_url(request.get("CallBackURL")),
        "AccountReference": matches("AccountReference", ".{1,12}"),
        "TransactionDesc": "TransactionDesc" not in request or matches("TransactionDesc", ".{0,13}"),
    }


def is_callback_url(value: Any) -> bool:
    """Tell whether Daraja would take the address, with one difference: only this machine may be called."""
    if not isinstance(value, str) or re.search(r"\s", value):
        return False
    if any(word in value.lower() for word in FORBIDDEN_WORDS):
        return False
    try:
        address = urlsplit(value)
        return address.scheme == "http" and address.hostname in LOOPBACK and address.port != 0
    except ValueError:
        return False


def _is_password(request: dict[str, Any]) -> bool:
    expected = (
        f"{request.get('BusinessShortCode')}{SIMULATOR_CREDENTIALS['passkey']}{request.get('Timestamp')}"
    )
    try:
        return b64decode(str(request.get("Password")), validate=True) == expected.encode()
    except ValueError:
        return False


def new_prompt_ids(moment: datetime, phone: str) -> tuple[str, str]:
    """Return a MerchantRequestID and a CheckoutRequestID of today's shapes; the latter ends in the phone."""
    digits = uuid4().hex
    local = moment.astimezone(NAIROBI)
    checkout = f"ws_CO_{local:%d%m%Y%H%M%S}{local.microsecond // 1000:03}{phone[-9:]}"
    return f"{digits[:4]}-{digits[4:8]}-{digits[8:12]}-{digits[12:28]}", checkout
