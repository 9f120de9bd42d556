"""Answers about money at a till, which decide whether it is believed; each has an address of its own."""

import json

from benchmarks.drills.client import Delivery
from benchmarks.drills.prompts import AMOUNT, PHONE
from benchmarks.drills.scene import TILLS
from payments.services.result_tokens import result_token


def genuine(scene):
    return at_claim(scene.claims[0], answer_for(0))


def victim(scene):
    """Return (number, delivery) of money that is claimed and not confirmed."""
    number = scene.random.randrange(1, len(scene.claims))
    return number, scene.claims[number]


def answer_for(number, *, code=0, till=TILLS[1], **values):
    """Safaricom's word that money came, as the claim with this number says."""
    told = {"ReceiptNo": f"SCLAM{number:05}", "Amount": float(AMOUNT), "TransactionStatus": "Completed"}
    listed = [("DebitPartyName", f"{PHONE} - NICHOLAS"), *(told | values).items()]
    listed += [("FinalisedTime", 20260102030405), ("DebitPartyName", f"{till} - The shop")]
    return {
        "Result": {
            "ResultType": 0,
            "ResultCode": code,
            "ResultDesc": "The service request is processed successfully.",
            "OriginatorConversationID": "drill",
            "ConversationID": "AG_drill",
            "TransactionID": "TAH0000000",
            "ResultParameters": {"ResultParameter": [{"Key": key, "Value": value} for key, value in listed]},
        }
    }


def at_claim(claim, body, word="result"):
    return Delivery(f"/hooks/{word}/{result_token(claim)}/", json.dumps(body).encode())


def at_victim(scene, word="result", **values):
    number, claim = victim(scene)
    return at_claim(claim, answer_for(number, **values), word)


def address_made_up(scene, n):
    """The key of the claim is right, the secret half of the token is not."""
    number, claim = victim(scene)
    token = result_token(claim)[:32] + f"{scene.random.getrandbits(128):032x}"
    return Delivery(f"/hooks/result/{token}/", json.dumps(answer_for(number)).encode())


def replayed_elsewhere(scene, n):
    """The true answer about other money."""
    return at_claim(victim(scene)[1], answer_for(0))


def took_too_long(scene, n):
    return at_victim(scene, word="timeout")


def another_till(scene, n):
    return at_victim(scene, till=TILLS[0])


def wrong_amount(scene, n):
    return at_victim(scene, Amount=float(AMOUNT + 1 + n))


def no_amount(scene, n):
    return at_victim(scene, Amount=scene.random.choice([0, -AMOUNT, "", None, "250 KES", 1e300]))


def no_receipt(scene, n):
    return at_victim(scene, ReceiptNo=scene.random.choice(["", None, "-"]))


def not_completed(scene, n):
    status = scene.random.choice(["Reversed", "Failed", "Pending", "", None])
    return at_victim(scene, TransactionStatus=status)


def a_question_that_failed(scene, n):
    return at_victim(scene, code=scene.random.choice([1, 2001, "SFC_IC0003", 2032]))


FORGERIES = [
    address_made_up,
    replayed_elsewhere,
    took_too_long,
    another_till,
    wrong_amount,
    no_amount,
    no_receipt,
    not_completed,
    a_question_that_failed,
]
MISMATCHES = []
