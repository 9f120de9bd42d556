"""Ten thousand bodies of each provider that nobody should ever send: no server error, no worker gone, nothing
moved. Those of Stripe and PayPal come ten thousand times unsigned, and as often rightly signed.
"""

import json
from importlib import import_module

from benchmarks.drills.client import Delivery, send_all, warm
from benchmarks.drills.told import Told, counted, p99

ENGINES = ["postgresql"]
SIZES = {"small": {"count": 30}, "full": {"count": 10_000}, "control": {"count": 500}}
RUBBISH = [
    None, True, [], {}, [0], {"": 0}, "", " ", "\x00", "\ud800", "-0.", "0 ", "\u0660", 0.0, 1e300, -1,
    10**400, "x" * 5000, "' OR 1=1 --", "<script>", "=cmd()", "\u202e0", [[[[]]]],
]  # fmt: skip
WHOLE = [
    b"", b"null", b"[]", b'"paid"', b"{", b"\xff\xfe\x00", "{}".encode("utf-16"), b'{"Body": NaN}',
    b"1" * 5000, b"[" * 60_000, b'{"a":' * 10_000,
    b'{"Body": {}, "Body": {}}', b"1e400", b"x" * 300_000, b"\x00" * 99,
]  # fmt: skip
TYPES = ["application/json", "text/plain", "application/json; charset=\xff", "", "application/xml"]
# Whose deliveries are fuzzed, whether they are signed where one signs, and how many share the count.
LINES = {
    "M-Pesa's prompts": ("prompts", True, 3),
    "M-Pesa's till": ("tills", True, 3),
    "refunds at M-Pesa": ("refunds", True, 3),
    "Stripe, unsigned": ("cards", False, 1),
    "Stripe, signed": ("cards", True, 1),
    "PayPal, unsigned": ("paypal", False, 1),
    "PayPal, signed": ("paypal", True, 1),
}


def run(stage, random, *, count):
    from benchmarks.drills.books import breaches, decide_all, money
    from benchmarks.drills.scene import set_scene
    from payments.simulator import Simulator

    scene, must, figures, every = set_scene(random), {}, {}, []
    with Simulator(delay=0) as simulator:
        web = stage.open_rehearsed(DRILL_PAYPAL=simulator.paypal.url)
        warm(web.port)
        before, processes = money(), web.children()
        for told, (name, signed, share) in LINES.items():
            line = import_module(f"benchmarks.drills.forgeries.{name}")
            answers = send_all(web.port, (hostile(scene, line, signed, n) for n in range(count // share)))
            must[f"{told}: no server error, and every one is answered"] = all(
                0 < each.status < 500 for each in answers
            )
            figures[told] = counted(answers)
            every += answers
        decide_all()
        after, gone, broken = money(), processes - web.children(), breaches()
    must |= {
        "no worker process ended": not gone,
        "nothing moved": before == after,
        "p99 is at most 1 second": p99(every) <= 1,
        "all invariants hold": not broken,
    }
    figures |= {"processes gone": len(gone), "p99 s": p99(every), "breaches": broken[:2]}
    return Told(f"{len(every):,} hostile bodies over {len(LINES)} lines", must, figures)


def hostile(scene, line, signed, n):
    """A delivery with one vital part replaced by rubbish, and then perhaps mangled."""
    random = scene.random
    body = (
        random.choice(WHOLE) if random.random() < 0.1 else spoilt(random, line.example(scene, n), line.PARTS)
    )
    true = line.deliver(scene, body)
    kept = dict(true.headers) if signed else {}
    return Delivery(true.path, body, tuple((kept | {"Content-Type": random.choice(TYPES)}).items()))


def spoilt(random, body, parts):
    *way, last = random.choice(parts)
    place = body
    for step in way:
        place = place[step]
    place[last] = random.choice(RUBBISH)
    return mangled(random, json.dumps(body).encode())


def mangled(random, body):
    """Cut, repeat, flip or insert bytes; every other body stays as it is."""
    place = random.randrange(1, len(body))
    other = bytes([random.randrange(256)])
    odd = random.choice([b"\x00", b"\xff", b"[", b'"', b"\\u0000", b"\xed\xa0\x80"])
    changes = [body[:place], body[place:], body + body[:place], body[:place] + odd + body[place:]]
    changes += [body[:place] + other + body[place + 1 :], body.decode().encode("utf-16")]
    return random.choice([body, random.choice(changes)])
