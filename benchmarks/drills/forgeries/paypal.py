"""PayPal's webhooks, of which PayPal itself is asked whether it signed them for the account's webhook."""

import json
from uuid import uuid4

from benchmarks.drills.client import JSON, Delivery
from benchmarks.drills.scene import MERCHANTS
from payments.simulator.paypal.webhooks import sign, write_event

PAID = "PAYMENT.CAPTURE.COMPLETED"
MONEY = ("resource", "amount")
PARTS = [
    ("id",),
    ("event_type",),
    ("resource",),
    ("resource", "id"),
    ("resource", "status"),
    MONEY,
    (*MONEY, "value"),
    (*MONEY, "currency_code"),
]
SIGNATURE = ("PAYPAL-TRANSMISSION-ID", "PAYPAL-TRANSMISSION-SIG", "PAYPAL-CERT-URL", "PAYPAL-AUTH-ALGO")
MALFORMED = {
    "PAYPAL-CERT-URL": [
        "http://api.paypal.com/cert",
        "https://api.paypal.com.evil.example/cert",
        "https://api.paypal.com@evil.example/cert",
    ],
    "PAYPAL-AUTH-ALGO": ["none none", "x" * 200],
    "PAYPAL-TRANSMISSION-SIG": ["A" * 600],
    "PAYPAL-TRANSMISSION-ID": ["1" * 60],
}


def genuine(scene):
    return signed(scene, capture_for(scene.links["paypal"][0]))


def victim(scene):
    """Return a link that nobody has paid by yet."""
    return scene.random.choice(scene.links["paypal"][1:])


def example(scene, n):
    return json.loads(write_event(PAID, "capture", capture_for(victim(scene))))


def deliver(scene, body):
    return signed(scene, body)


def capture_for(link, **values):
    """PayPal has collected what a customer agreed to."""
    return {
        "id": f"CAP{link.pk.hex[-17:].upper()}",
        "status": "COMPLETED",
        "amount": {"currency_code": link.currency, "value": f"{link.amount_requested:.2f}"},
        "custom_id": str(link.pk),
        "payee": {"merchant_id": MERCHANTS[0]},
        "supplementary_data": {"related_ids": {"order_id": link.checkout_request_id}},
    } | values


def signed(scene, body, *, which=0, token=None, **headers):
    """Deliver a capture or bytes as PayPal does; `headers` take the place of its own, None leaves one out."""
    body = body if isinstance(body, bytes) else write_event(PAID, "capture", body)
    named = JSON | sign(body) | {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/hooks/paypal/{token or scene.paypals[which].hook_token}/"
    return Delivery(path, body, tuple((name, value) for name, value in named.items() if value))


def told(scene, **values):
    """A capture about a victim with something wrong in it, and the right signature."""
    return signed(scene, capture_for(victim(scene), **values))


def header_missing(scene, n):
    return signed(scene, capture_for(victim(scene)), **{scene.random.choice(SIGNATURE): None})


def malformed_header(scene, n):
    name = scene.random.choice(list(MALFORMED))
    return signed(scene, capture_for(victim(scene)), **{name: scene.random.choice(MALFORMED[name])})


def signature_made_up(scene, n):
    made_up = f"{scene.random.getrandbits(256):x}"
    return signed(scene, capture_for(victim(scene)), **{"PAYPAL-TRANSMISSION-SIG": made_up})


def changed_afterwards(scene, n):
    """Signed for one order, then said to be for another."""
    other = write_event(PAID, "capture", capture_for(scene.links["paypal"][0]))
    return signed(scene, capture_for(victim(scene)), **sign(other))


def address_made_up(scene, n):
    return signed(scene, capture_for(victim(scene)), token=f"{scene.random.getrandbits(128):032x}")


def replayed_next_door(scene, n):
    """PayPal signed it, for our webhook and not for the neighbour's."""
    return signed(scene, capture_for(victim(scene)), which=1)


def other_merchant(scene, n):
    return told(scene, payee={"merchant_id": MERCHANTS[1]})


def unknown_payment(scene, n):
    return told(scene, custom_id=str(uuid4()), id=f"CAP{n}")


def order_of_another(scene, n):
    return told(scene, supplementary_data={"related_ids": {"order_id": f"OTHER{n}"}})


def not_completed(scene, n):
    return told(scene, status=scene.random.choice(["PENDING", "DECLINED", "", None]))


def receipt_used_before(scene, n):
    return told(scene, id=capture_for(scene.links["paypal"][0])["id"])


def no_amount(scene, n):
    value = scene.random.choice([None, "", "0.00", "USD", 1.93, "1e3"])
    return told(scene, amount=scene.random.choice([None, {"currency_code": "USD", "value": value}]))


def wrong_amount(scene, n):
    target = scene.random.choice(scene.links["paypal"][1:6])
    value = scene.random.choice(["0.93", "1.92", "1.94", "250.00"])
    return signed(scene, capture_for(target, amount={"currency_code": "USD", "value": value}))


def wrong_currency(scene, n):
    target = scene.random.choice(scene.links["paypal"][6:])
    amount = {"currency_code": scene.random.choice(["EUR", "GBP", "KES"]), "value": "1.93"}
    return signed(scene, capture_for(target, amount=amount))


FORGERIES = [
    header_missing,
    malformed_header,
    signature_made_up,
    changed_afterwards,
    address_made_up,
    replayed_next_door,
    other_merchant,
    unknown_payment,
    order_of_another,
    not_completed,
    receipt_used_before,
    no_amount,
]
MISMATCHES = [wrong_amount, wrong_currency]
