"""The callback, in Daraja's bytes."""

import json

from payments.simulator.prompt import Prompt


def callback_body(prompt: Prompt) -> bytes:
    """Return the callback of a prompt that has ended.

    Written out by hand because the bytes matter: amounts as 250.00, a Balance without a Value, the date and
    the phone as numbers, the result code as a number, and no metadata at all when nothing was paid.
    """
    head = (
        f'"MerchantRequestID":{json.dumps(prompt.merchant_request_id)},'
        f'"CheckoutRequestID":{json.dumps(prompt.checkout_request_id)},'
        f'"ResultCode":{prompt.result_code},"ResultDesc":{json.dumps(prompt.result_desc)}'
    )
    metadata = ""
    if prompt.result_code == "0" and prompt.ended_at is not None:
        metadata = (
            ',"CallbackMetadata":{"Item":['
            f'{{"Name":"Amount","Value":{prompt.paid}.00}},'
            f'{{"Name":"MpesaReceiptNumber","Value":{json.dumps(prompt.receipt)}}},'
            '{"Name":"Balance"},'
            f'{{"Name":"TransactionDate","Value":{prompt.ended_at:%Y%m%d%H%M%S}}},'
            f'{{"Name":"PhoneNumber","Value":{prompt.phone}}}]}}'
        )
    return f'{{"Body":{{"stkCallback":{{{head}{metadata}}}}}}}'.encode()
