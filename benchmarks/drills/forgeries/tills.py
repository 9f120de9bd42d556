"""Money sent to a till of M-Pesa unasked, and the question whether we would take it. Nothing is signed."""

import json

from benchmarks.drills.client import Delivery
from benchmarks.drills.prompts import AMOUNT, PHONE
from benchmarks.drills.scene import TILLS
from payments.services.result_tokens import result_token
from sales.services.numbers import order_reference

PARTS = [("TransID",), ("TransAmount",), ("BusinessShortCode",)]


def genuine(scene):
    return at_till(scene, confirmation(scene, 0, BillRefNumber=order_reference(scene.bills[0])))


def victim(scene):
    """Return an order that waits for money."""
    return scene.random.choice(scene.bills[1:])


def example(scene, n):
    return confirmation(scene, n)


def deliver(scene, body):
    """Deliver to the address of payments, or to that of questions."""
    return Delivery(address(scene, scene.random.choice(["till", "check"])), body)


def address(scene, word="till", which=0):
    return f"/hooks/{word}/{scene.tills[which].hook_token}/"


def confirmation(scene, n, **values):
    """A payment that is just what an order waits for, in Safaricom's words."""
    return {
        "TransactionType": "Pay Bill",
        "TransID": f"STILL{n:06}",
        "TransTime": "20260102030405",
        "TransAmount": f"{AMOUNT}.00",
        "BusinessShortCode": TILLS[0],
        "BillRefNumber": order_reference(victim(scene)),
        "MSISDN": str(PHONE),
        "FirstName": "NICHOLAS",
    } | values


def at_till(scene, body, word="till", which=0):
    return Delivery(address(scene, word, which), json.dumps(body).encode())


def address_made_up(scene, n):
    body = json.dumps(confirmation(scene, n)).encode()
    return Delivery(f"/hooks/till/{scene.random.getrandbits(128):032x}/", body)


def address_of_another_thing(scene, n):
    """At the address of cards, of PayPal or of a refund, under the word for tills."""
    tokens = [scene.cards[0].hook_token, scene.paypals[0].hook_token, result_token(scene.refunds[0])]
    return Delivery(
        f"/hooks/till/{scene.random.choice(tokens)}/", json.dumps(confirmation(scene, n)).encode()
    )


def another_till(scene, n):
    return at_till(scene, confirmation(scene, n, BusinessShortCode=TILLS[1]))


def till_next_door(scene, n):
    """Byte by byte what is true for us, at the neighbour's address."""
    return at_till(scene, confirmation(scene, n), which=1)


def only_asked(scene, n):
    return at_till(scene, confirmation(scene, n), word="check")


def between_organisations(scene, n):
    return at_till(scene, confirmation(scene, n, TransactionType="Organization To Organization Transfer"))


def receipt_used_before(scene, n):
    """The receipt of the genuine one, with another amount."""
    return at_till(scene, confirmation(scene, 0, TransAmount=f"{AMOUNT + 1 + n}.00"))


def no_receipt(scene, n):
    return at_till(scene, confirmation(scene, n, TransID=scene.random.choice(["", None, "-", n])))


def no_amount(scene, n):
    amount = scene.random.choice(["0.00", "-250.00", "", None, "250 KES", 1e300, "NaN"])
    return at_till(scene, confirmation(scene, n, TransAmount=amount))


def wrong_amount(scene, n):
    return at_till(scene, confirmation(scene, n, TransID=f"SLESS{n:06}", TransAmount=f"{AMOUNT - 1}.00"))


def order_next_door(scene, n):
    named = order_reference(scene.next_door)
    return at_till(scene, confirmation(scene, n, TransID=f"SNEXT{n:06}", BillRefNumber=named))


def mistyped(scene, n):
    named = order_reference(victim(scene))
    wrong = named[:-1] + ("A" if named[-1] != "A" else "B")
    return at_till(scene, confirmation(scene, n, TransID=f"SMIST{n:06}", BillRefNumber=wrong))


FORGERIES = [
    address_made_up,
    address_of_another_thing,
    another_till,
    till_next_door,
    only_asked,
    between_organisations,
    receipt_used_before,
    no_receipt,
    no_amount,
]
MISMATCHES = [wrong_amount, order_next_door, mistyped]
