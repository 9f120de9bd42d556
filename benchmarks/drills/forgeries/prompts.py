"""Answers to prompts of M-Pesa, which signs nothing: the address and the ids are all there is."""

import json

from benchmarks.drills.client import Delivery
from benchmarks.drills.prompts import AMOUNT, address_of, receipt_of, success

PARTS = [
    ("Body",),
    ("Body", "stkCallback", "ResultCode"),
    ("Body", "stkCallback", "CheckoutRequestID"),
    ("Body", "stkCallback", "MerchantRequestID"),
    ("Body", "stkCallback", "CallbackMetadata", "Item", 0, "Value"),
    ("Body", "stkCallback", "CallbackMetadata", "Item", 1, "Value"),
]
NO_AMOUNT = [0, -AMOUNT, "", None, f"{AMOUNT} KES", 1e300]


def victim(scene):
    """Return a prompt that nobody has answered yet."""
    return scene.random.choice(scene.prompts[1:])


def genuine(scene):
    """Return a true delivery, about money that no forgery is about."""
    return success(scene.prompts[0])


def example(scene, n):
    return json.loads(success(victim(scene), words=f"fuzzed {n}").body)


def deliver(scene, body):
    return Delivery(address_of(victim(scene)), body)


def address_made_up(scene, n):
    return Delivery(f"/hooks/lnm/{scene.random.getrandbits(128):032x}/", success(victim(scene)).body)


def ids_made_up(scene, n):
    target = victim(scene)
    body = json.loads(success(target).body)
    made_up = {"CheckoutRequestID": f"ws_CO_{scene.random.getrandbits(60)}", "MerchantRequestID": f"m-{n}"}
    body["Body"]["stkCallback"] |= made_up
    return Delivery(address_of(target), json.dumps(body).encode())


def ids_of_another(scene, n):
    """The body of another prompt, in words of its own."""
    other = json.loads(scene.random.choice(scene.used).body)
    other["Body"]["stkCallback"]["ResultDesc"] = f"forged {n}"
    return deliver(scene, json.dumps(other).encode())


def replayed_elsewhere(scene, n):
    """A true delivery, byte by byte, to the address of another prompt."""
    return deliver(scene, scene.random.choice(scene.used).body)


def receipt_used_before(scene, n):
    """The victim's own ids with the receipt that paid another order."""
    items = json.loads(scene.random.choice(scene.used).body)["Body"]["stkCallback"]["CallbackMetadata"][
        "Item"
    ]
    receipt = next(each["Value"] for each in items if each["Name"] == "MpesaReceiptNumber")
    return success(victim(scene), words=f"forged {n}", MpesaReceiptNumber=receipt)


def no_receipt(scene, n):
    return success(victim(scene), words=f"forged {n}", MpesaReceiptNumber="")


def no_amount(scene, n):
    return success(victim(scene), amount=scene.random.choice(NO_AMOUNT), words=f"forged {n}")


def as_a_form(scene, n):
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    return Delivery(address_of(victim(scene)), success(victim(scene)).body, form)


def wrong_amount(scene, n):
    target = victim(scene)
    amount = AMOUNT + scene.random.choice([-249, -1, 1, 1000])
    return success(target, amount=amount, words=f"forged {n}", MpesaReceiptNumber=f"{receipt_of(target)}{n}")


FORGERIES = [
    address_made_up,
    ids_made_up,
    ids_of_another,
    replayed_elsewhere,
    receipt_used_before,
    no_receipt,
    no_amount,
    as_a_form,
]
MISMATCHES = [wrong_amount]
