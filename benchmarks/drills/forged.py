"""Deliveries that are not what they seem: nothing moves, and nobody sees an error of the server."""

import json

from benchmarks.drills.client import Delivery, send_all
from benchmarks.drills.told import Told, counted

ENGINES = ["postgresql"]
SIZES = {"small": {"count": 8}, "full": {"count": 1_000}}
PROMPTS = 40


def run(stage, random, *, count):
    from benchmarks.drills.books import breaches, money
    from benchmarks.drills.prompts import open_prompts, success

    prompts = open_prompts(PROMPTS)
    web = stage.open_web()
    paid, victims = prompts[:5], prompts[5:]
    true = [success(each) for each in paid]
    genuine = send_all(web.port, true)
    before, figures, must = money(), {}, {"the genuine ones are taken": all(each.taken for each in genuine)}
    for name, forge in FORGERIES.items():
        forged = [forge(random, random.choice(victims), random.choice(true), n) for n in range(count)]
        answers = send_all(web.port, forged)
        must[f"{name}: nothing moves"] = money() == before
        must[f"{name}: no server error"] = all(0 < each.status < 500 for each in answers)
        figures[name] = counted(answers)
        before = money()
    broken = breaches()
    must["all invariants hold"] = not broken
    return Told(
        f"{count:,} each of {len(FORGERIES)} kinds of forgery", must, figures | {"breaches": broken[:2]}
    )


def unknown_address(random, victim, true, n):
    from benchmarks.drills.prompts import success

    return Delivery(f"/hooks/lnm/{random.getrandbits(128):032x}/", success(victim).body)


def ids_made_up(random, victim, true, n):
    return with_parts(victim, CheckoutRequestID=f"ws_CO_{random.getrandbits(60)}", MerchantRequestID=f"m-{n}")


def ids_of_another(random, victim, true, n):
    """The body of another prompt, sent to the victim's address."""
    other = json.loads(true.body)
    other["Body"]["stkCallback"]["ResultDesc"] = f"forged {n}"
    return Delivery(path_of(victim), json.dumps(other).encode())


def replayed_elsewhere(random, victim, true, n):
    """A true delivery, byte by byte, to the address of another prompt."""
    return Delivery(path_of(victim), true.body)


def receipt_used_before(random, victim, true, n):
    """The victim's own ids with the receipt that paid another order."""
    from benchmarks.drills.prompts import success

    items = json.loads(true.body)["Body"]["stkCallback"]["CallbackMetadata"]["Item"]
    receipt = next(each["Value"] for each in items if each["Name"] == "MpesaReceiptNumber")
    return success(victim, words=f"forged {n}", MpesaReceiptNumber=receipt)


def without_receipt(random, victim, true, n):
    from benchmarks.drills.prompts import success

    return success(victim, words=f"forged {n}", MpesaReceiptNumber="")


def without_amount(random, victim, true, n):
    from benchmarks.drills.prompts import success

    return success(victim, amount=random.choice([0, -250, "", None, "250 KES", 1e300]), words=f"forged {n}")


def as_a_form(random, victim, true, n):
    from benchmarks.drills.prompts import success

    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    return Delivery(path_of(victim), success(victim).body, form)


def with_parts(victim, **parts):
    from benchmarks.drills.prompts import success

    body = json.loads(success(victim).body)
    body["Body"]["stkCallback"] |= parts
    return Delivery(path_of(victim), json.dumps(body).encode())


def path_of(victim):
    from benchmarks.drills.prompts import address_of

    return address_of(victim)


FORGERIES = {
    "address made up": unknown_address,
    "ids made up": ids_made_up,
    "ids of another": ids_of_another,
    "replayed elsewhere": replayed_elsewhere,
    "receipt used before": receipt_used_before,
    "no receipt": without_receipt,
    "no amount": without_amount,
    "as a form": as_a_form,
}
