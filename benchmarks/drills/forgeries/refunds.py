"""Results of refunds at M-Pesa, which signs nothing; each refund has an address of its own."""

import json

from benchmarks.drills.client import Delivery
from benchmarks.drills.prompts import AMOUNT
from payments.services.result_tokens import result_token

PARAMETERS = ("Result", "ResultParameters", "ResultParameter")
PARTS = [("Result",), ("Result", "ResultCode"), ("Result", "TransactionID"), (*PARAMETERS, 0, "Value")]


def genuine(scene):
    return at_refund(scene.refunds[0], result_for(scene.refunds[0], 0))


def victim(scene):
    """Return a refund whose result nobody has told yet."""
    return scene.random.choice(scene.refunds[1:])


def example(scene, n):
    return result_for(victim(scene), n)


def deliver(scene, body):
    """Deliver to the address of results, or to that of requests that took too long."""
    word = scene.random.choice(["result", "timeout"])
    return Delivery(f"/hooks/{word}/{result_token(victim(scene))}/", body)


def result_for(refund, n, *, amount=AMOUNT, receipt=None, original=None):
    """Safaricom's word that all of a payment went back."""
    original = refund.payment.transaction_id if original is None else original
    listed = {"Amount": amount, "OriginalTransactionID": original}
    return {
        "Result": {
            "ResultType": 0,
            "ResultCode": 0,
            "ResultDesc": f"The service request is processed successfully. {n}",
            "OriginatorConversationID": str(refund.pk),
            "ConversationID": f"AG_{refund.pk.hex[:20]}",
            "TransactionID": f"SBACK{n:06}" if receipt is None else receipt,
            "ResultParameters": {
                "ResultParameter": [{"Key": key, "Value": value} for key, value in listed.items()]
            },
        }
    }


def at_refund(refund, body, word="result"):
    return Delivery(f"/hooks/{word}/{result_token(refund)}/", json.dumps(body).encode())


def address_made_up(scene, n):
    """The key of the refund is right, the secret half of the token is not."""
    target = victim(scene)
    token = result_token(target)[:32] + f"{scene.random.getrandbits(128):032x}"
    return Delivery(f"/hooks/result/{token}/", json.dumps(result_for(target, n)).encode())


def replayed_elsewhere(scene, n):
    """The true result of another refund."""
    return at_refund(victim(scene), result_for(scene.refunds[0], n))


def took_too_long(scene, n):
    return at_refund(victim(scene), result_for(victim(scene), n), word="timeout")


def nobody_sent(scene, n):
    return at_refund(scene.unsent, result_for(scene.unsent, n))


def receipt_used_before(scene, n):
    return at_refund(target := victim(scene), result_for(target, n, receipt="SBACK000000"))


def no_receipt(scene, n):
    return at_refund(target := victim(scene), result_for(target, n, receipt=scene.random.choice(["", "-"])))


def no_amount(scene, n):
    amount = scene.random.choice([0, -AMOUNT, "", None, "250 KES", 1e300])
    return at_refund(target := victim(scene), result_for(target, n, amount=amount))


def wrong_amount(scene, n):
    return at_refund(target := victim(scene), result_for(target, n, amount=AMOUNT + 1 + n))


FORGERIES = [
    address_made_up,
    replayed_elsewhere,
    took_too_long,
    nobody_sent,
    receipt_used_before,
    no_receipt,
    no_amount,
    wrong_amount,
]
MISMATCHES = []
