"""Ten thousand bodies that nobody should ever send: no server error, no worker gone, nothing moved."""

import json

from benchmarks.drills.client import Delivery, send_all
from benchmarks.drills.told import Told, counted, p99

ENGINES = ["postgresql"]
SIZES = {"small": {"count": 60}, "full": {"count": 10_000}}
RUBBISH = [
    None, True, [], {}, [0], {"": 0}, "", " ", "\x00", "\ud800", "-0", "0 ", "\u0660", 0.0, 1e300, -1,
    10**400, "x" * 5000, "' OR 1=1 --", "<script>", "=cmd()", "\u202e0", [[[[]]]],
]  # fmt: skip
WHOLE = [
    b"", b"null", b"[]", b'"paid"', b"{", b"\xff\xfe\x00", "{}".encode("utf-16"), b'{"Body": NaN}',
    b"1" * 5000, b"[" * 60_000, b'{"a":' * 10_000,
    b'{"Body": {}, "Body": {}}', b"1e400", b"x" * 100_000, b"\x00" * 99,
]  # fmt: skip
TYPES = ["application/json", "text/plain", "application/json; charset=\xff", "", "application/xml"]
PARTS = ["ResultCode", "CheckoutRequestID", "MerchantRequestID"]


def run(stage, random, *, count):
    from benchmarks.drills.books import breaches, money
    from benchmarks.drills.prompts import open_prompts

    prompts = open_prompts(20)
    web = stage.open_web()
    before, processes = money(), web.children()
    answers = send_all(web.port, (hostile(random, random.choice(prompts)) for _ in range(count)))
    after, gone, broken = money(), processes - web.children(), breaches()
    return Told(
        f"{count:,} hostile bodies",
        {
            "no server error, and every one is answered": all(0 < each.status < 500 for each in answers),
            "no worker process ended": not gone,
            "nothing moved": before == after,
            "p99 is at most 1 second": p99(answers) <= 1,
            "all invariants hold": not broken,
        },
        {"answers": counted(answers), "processes gone": len(gone), "p99 s": p99(answers)},
    )


def hostile(random, prompt):
    """A delivery with one vital part replaced by rubbish, and then perhaps mangled."""
    from benchmarks.drills.prompts import success

    true = success(prompt)
    headers = (("Content-Type", random.choice(TYPES)),)
    if random.random() < 0.1:
        return Delivery(true.path, random.choice(WHOLE), headers)
    body = json.loads(true.body)
    part, rubbish = random.choice([*PARTS, "Amount", "MpesaReceiptNumber", "Body"]), random.choice(RUBBISH)
    if part == "Body":
        body = {"Body": rubbish}
    elif part in PARTS:
        body["Body"]["stkCallback"][part] = rubbish
    else:
        for item in body["Body"]["stkCallback"]["CallbackMetadata"]["Item"]:
            item["Value"] = rubbish if item["Name"] == part else item["Value"]
    return Delivery(true.path, mangled(random, json.dumps(body).encode()), headers)


def mangled(random, body):
    """Cut, repeat, flip or insert bytes; every other body stays as it is."""
    place = random.randrange(1, len(body))
    other = bytes([random.randrange(256)])
    odd = random.choice([b"\x00", b"\xff", b"[", b'"', b"\\u0000", b"\xed\xa0\x80"])
    changes = [body[:place], body[place:], body + body[:place], body[:place] + odd + body[place:]]
    changes += [body[:place] + other + body[place + 1 :], body.decode().encode("utf-16")]
    return random.choice([body, random.choice(changes)])
