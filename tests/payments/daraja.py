"""Builders for talk with M-Pesa."""

import json
import time
from decimal import Decimal
from itertools import count
from pathlib import Path

import requests
from django.core.cache.backends.locmem import LocMemCache

from payments.gateways.gateway import RefundAsk
from payments.gateways.mpesa import MpesaClient, MpesaConfig, MpesaGateway, PushRequest
from payments.simulator import SIMULATOR_CREDENTIALS

CALLBACKS = Path(__file__).parents[2] / "fixtures" / "callbacks"
serial = count()

REQUEST = {
    "amount": 250,
    "phone": "254712345678",
    "reference": "R-0042",
    "description": "Water",
    "callback_url": "http://127.0.0.1:9/hooks/lnm/5f2b1c00aa93/",
}
DETAILS = {
    "Amount": 250.0,
    "MpesaReceiptNumber": "NLJ7RT61SV",
    "TransactionDate": 20191219102115,
    "PhoneNumber": 254708374149,
}
TOKEN_PATH = "/oauth/v1/generate?grant_type=client_credentials"
PUSH_PATH = "/mpesa/stkpush/v1/processrequest"
QUERY_PATH = "/mpesa/stkpushquery/v1/query"
LOGIN = (SIMULATOR_CREDENTIALS["consumer_key"], SIMULATOR_CREDENTIALS["consumer_secret"])
# Shortcode 174379, its published sandbox passkey and this moment: the example of Safaricom's portal.
TIMESTAMP = "20210628092408"
PASSWORD = (
    "MTc0Mzc5YmZiMjc5ZjlhYTliZGJjZjE1OGU5N2RkNzFhNDY3Y2QyZTBjODkz"
    "MDU5YjEwZjc4ZTZiNzJhZGExZWQyYzkxOTIwMjEwNjI4MDkyNDA4"
)


def sample(name):
    return (CALLBACKS / f"{name}.json").read_bytes()


def make_callback(items=None, **values):
    """A paid callback with some of its parts replaced; a part that is ... is left out."""
    if items is None:
        items = [{"Name": name, "Value": value} for name, value in DETAILS.items()]
    callback = {
        "MerchantRequestID": "29115-34620561-1",
        "CheckoutRequestID": "ws_CO_191220191020363925",
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {"Item": items},
    } | values
    return json.dumps({"Body": {"stkCallback": {k: v for k, v in callback.items() if v is not ...}}}).encode()


def with_item(name, value):
    return make_callback([{"Name": n, "Value": value if n == name else v} for n, v in DETAILS.items()])


def make_cache():
    return LocMemCache(f"tokens-{next(serial)}", {})


def make_config(simulator, **values):
    return MpesaConfig(**{"base_url": simulator.url, "allow_http": True} | SIMULATOR_CREDENTIALS | values)


def make_client(simulator, cache=None, **values):
    return MpesaClient(make_config(simulator, **values), cache or make_cache())


def make_gateway(simulator, **values):
    return MpesaGateway(make_config(simulator, **values), make_cache())


def make_refund(address, **values):
    """A whole payment to be given back, with its results to go to `address`."""
    return RefundAsk(
        **{
            "key": "refund-1",
            "receipt": "NLJ7RT61SV",
            "amount": Decimal(250),
            "currency": "KES",
            "is_whole": True,
            "reason": "Broken",
            "phone": "254712345678",
            "callback_url": address,
            "timeout_url": address,
        }
        | values
    )


def make_confirmation(**values):
    """A confirmation of money sent unasked, as bytes; a value that is ... is left out."""
    body = {
        "TransactionType": "Pay Bill",
        "TransID": "RKL51ZDR4F",
        "TransTime": "20231121121325",
        "TransAmount": "5.00",
        "BusinessShortCode": "600966",
        "BillRefNumber": "INV-1042",
        "InvoiceNumber": "",
        "OrgAccountBalance": "25.00",
        "ThirdPartyTransID": "",
        "MSISDN": "2547 ***** 126",
        "FirstName": "NICHOLAS",
        "MiddleName": "",
        "LastName": "",
    } | values
    return json.dumps({name: value for name, value in body.items() if value is not ...}).encode()


def make_result(parameters=(), **values):
    """The result of an operation, as bytes; `parameters` are pairs, and a value of ... is left out."""
    listed = [{"Key": key} if value is ... else {"Key": key, "Value": value} for key, value in parameters]
    result = {
        "ResultType": 0,
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "OriginatorConversationID": "refund-1",
        "ConversationID": "AG_20211114_201018edbbf9f1582eaa",
        "TransactionID": "SKE52PAWR9",
        "ResultParameters": {"ResultParameter": listed} if listed else ...,
        "ReferenceData": {"ReferenceItem": {"Key": "QueueTimeoutURL", "Value": "https://shop.example/"}},
    } | values
    return json.dumps({"Result": {k: v for k, v in result.items() if v is not ...}}).encode()


def push(simulator, **values):
    return make_client(simulator, **values).push(PushRequest(**REQUEST))


def ask(simulator, shop, amount=250):
    """Send a prompt through the gateway, its callback to the shop, and return it."""
    request = PushRequest(**REQUEST | {"amount": amount, "callback_url": shop.address})
    make_client(simulator).push(request)
    return simulator.prompts[-1]


def answer(prompt, choice):
    prompt.answer(choice)
    assert prompt.delivered.wait(5)


def until(holds, seconds=5):
    """Wait for something that has no event of its own."""
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at, "it did not come about"
        time.sleep(0.005)


def bearer(simulator):
    token = requests.get(simulator.url + TOKEN_PATH, auth=LOGIN, timeout=5).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def push_body(**values):
    body = {
        "BusinessShortCode": 174379,
        "Password": PASSWORD,
        "Timestamp": TIMESTAMP,
        "TransactionType": "CustomerPayBillOnline",
        "Amount": "1",
        "PartyA": 254708374149,
        "PartyB": "174379",
        "PhoneNumber": 254708374149,
        "CallBackURL": "http://127.0.0.1:9/hooks/lnm/5f2b/",
        "AccountReference": "R-0042",
        "TransactionDesc": "Water",
    } | values
    return {name: value for name, value in body.items() if value is not ...}


def post_push(simulator, **values):
    return requests.post(
        simulator.url + PUSH_PATH, json=push_body(**values), headers=bearer(simulator), timeout=5
    )


def query(simulator, checkout_request_id):
    body = {
        "BusinessShortCode": "174379",
        "Password": PASSWORD,
        "Timestamp": TIMESTAMP,
        "CheckoutRequestID": checkout_request_id,
    }
    return requests.post(simulator.url + QUERY_PATH, json=body, headers=bearer(simulator), timeout=5)
