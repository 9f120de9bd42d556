"""Stripe's webhooks, signed with the secret of the account to whose address they go."""

import json
import time
from uuid import uuid4

from benchmarks.drills.client import JSON, Delivery
from benchmarks.drills.scene import CARD_SECRETS
from payments.simulator.stripe.webhook import new_event, sign

PAID = "payment_intent.succeeded"
THING = ("data", "object")
PARTS = [
    ("id",),
    ("type",),
    ("livemode",),
    ("data",),
    THING,
    *((*THING, name) for name in ("id", "object", "amount_received", "currency", "status", "metadata")),
]
MALFORMED = ["t=", "v1=00", "t=1,t=2,v1=00", "t=now,v1=00", ",,,=", "t=1;v1=0", "t=1,v1=" + "0" * 3000]


def genuine(scene):
    return signed(scene, event_for(scene.links["stripe"][0]))


def victim(scene):
    """Return a link that nobody has paid by yet."""
    return scene.random.choice(scene.links["stripe"][1:])


def example(scene, n):
    return event_for(victim(scene))


def deliver(scene, body):
    return signed(scene, body)


def event_for(link, thing=None, **values):
    """The customer paid."""
    units = int(link.amount_requested * 100)
    intent = {
        "id": f"pi_{link.pk.hex}",
        "object": "payment_intent",
        "amount": units,
        "amount_received": units,
        "currency": link.currency.lower(),
        "livemode": False,
        "metadata": {"key": str(link.pk)},
        "status": "succeeded",
    }
    return new_event(PAID, intent | (thing or {})) | values


def signed(scene, body, *, secret=CARD_SECRETS[0], age=0, which=0, header=None, token=None):
    """Deliver an event or bytes, signed `age` seconds ago; `header` takes the place of the signature."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    header = sign(body, secret, at=int(time.time()) - age) if header is None else header
    signature = {"Stripe-Signature": header} if header else {}
    path = f"/hooks/card/{token or scene.cards[which].hook_token}/"
    return Delivery(path, body, tuple((JSON | signature).items()))


def told(scene, thing=None, **values):
    """An event about a victim with something wrong in it, and the right signature."""
    return signed(scene, event_for(victim(scene), thing, **values))


def no_signature(scene, n):
    return signed(scene, event_for(victim(scene)), header="")


def malformed_signature(scene, n):
    return signed(scene, event_for(victim(scene)), header=scene.random.choice(MALFORMED))


def signature_made_up(scene, n):
    made_up = f"t={int(time.time())},v1={scene.random.getrandbits(256):064x}"
    return signed(scene, event_for(victim(scene)), header=made_up)


def weak_signature(scene, n):
    """The right sum in the scheme of tests, which real deliveries do not have."""
    body = json.dumps(event_for(victim(scene))).encode()
    header = sign(body, CARD_SECRETS[0], at=int(time.time()))
    return signed(scene, body, header=header.partition(",v0=")[0].replace("v1=", "v0="))


def secret_of_another(scene, n):
    return signed(scene, event_for(victim(scene)), secret=CARD_SECRETS[1])


def signed_long_ago(scene, n):
    return signed(scene, event_for(victim(scene)), age=scene.random.choice([600, 86_400, -600]))


def changed_afterwards(scene, n):
    """Signed for one order, then said to be for another."""
    body = json.dumps(event_for(scene.links["stripe"][0])).encode()
    header = sign(body, CARD_SECRETS[0], at=int(time.time()))
    return signed(scene, event_for(victim(scene)), header=header)


def address_made_up(scene, n):
    return signed(scene, event_for(victim(scene)), token=f"{scene.random.getrandbits(128):032x}")


def replayed_next_door(scene, n):
    return signed(scene, event_for(victim(scene)), which=1)


def told_by_neighbour(scene, n):
    """The neighbour's own Stripe, rightly signed, says that our customer has paid."""
    return signed(scene, event_for(victim(scene)), which=1, secret=CARD_SECRETS[1])


def other_mode(scene, n):
    return told(scene, livemode=True)


def of_a_connected_account(scene, n):
    return told(scene, account="acct_1")


def unknown_payment(scene, n):
    return told(scene, {"metadata": {"key": str(uuid4())}})


def not_succeeded(scene, n):
    return told(scene, {"status": scene.random.choice(["processing", "requires_action", "", None])})


def receipt_used_before(scene, n):
    return told(scene, {"id": f"pi_{scene.links['stripe'][0].pk.hex}"})


def no_amount(scene, n):
    return told(scene, {"amount_received": scene.random.choice([0, -25_000, "25000", None, True, 1e300])})


def wrong_amount(scene, n):
    target = scene.random.choice(scene.links["stripe"][1:6])
    return signed(scene, event_for(target, {"amount_received": 24_900 + scene.random.choice([0, 1000])}))


def wrong_currency(scene, n):
    target = scene.random.choice(scene.links["stripe"][6:])
    return signed(scene, event_for(target, {"currency": scene.random.choice(["usd", "eur", "jpy", "xxx"])}))


FORGERIES = [
    no_signature,
    malformed_signature,
    signature_made_up,
    weak_signature,
    secret_of_another,
    signed_long_ago,
    changed_afterwards,
    address_made_up,
    replayed_next_door,
    told_by_neighbour,
    other_mode,
    of_a_connected_account,
    unknown_payment,
    not_succeeded,
    receipt_used_before,
    no_amount,
]
MISMATCHES = [wrong_amount, wrong_currency]
