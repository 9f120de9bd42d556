"""Thousands of different deliveries for one payment, and thousands of payments, all mixed up.

What must come of them is said by a model of a few lines that knows no order of arrival.
"""

from benchmarks.drills.client import send_all
from benchmarks.drills.told import Told, counted, p99

ENGINES = ["postgresql"]
SIZES = {"small": {"same": 30, "payments": 25}, "full": {"same": 5_000, "payments": 2_000}}
FINAL = (1032, 1037, 2001, 1)  # the customer said no, did not answer, a wrong PIN, too little money
OPEN = (4999, 500_001)  # still being processed; unknown: neither decides anything


def run(stage, random, *, same, payments):
    from benchmarks.drills.books import breaches, decide_all, times_paid, undone_events
    from benchmarks.drills.prompts import fresh, open_prompts, success
    from payments.models import WebhookEvent

    prompts = open_prompts(payments + 1)
    first, rest = prompts[0], prompts[1:]
    many = [success(first, words=f"Processed, notice {n}") for n in range(same)]
    stories = {prompt: story(random) for prompt in rest}
    mixed = [make(prompt, part) for prompt, parts in stories.items() for part in parts]
    random.shuffle(mixed)
    web = stage.open_web()
    answers = send_all(web.port, many) + send_all(web.port, mixed)
    decide_all()
    wrong = [
        (parts, state(now), expected(parts))
        for (prompt, parts), now in zip(stories.items(), fresh(rest), strict=True)
        if state(now) != expected(parts)
    ]
    moves, kept, broken = times_paid(), WebhookEvent._base_manager.count(), breaches()
    return Told(
        f"{same:,} different deliveries for one payment, {len(mixed):,} shuffled ones for {payments:,}",
        {
            "every one is answered with 2xx": all(each.taken for each in answers),
            "the one payment was taken once": moves.get(first.order.number) == 1,
            "no order was paid twice": set(moves.values()) == {1},
            "every different delivery is kept once": kept
            == len({(each.path, each.body) for each in many + mixed}),
            "every delivery is dealt with": not undone_events(),
            "every payment ends as the model says": not wrong,
            "all invariants hold": not broken,
        },
        {"answers": counted(answers), "kept": kept, "wrong ends": len(wrong), "p99 s": p99(answers)},
    )


def story(random):
    """Return the deliveries about one prompt: (kind, number), repeated, some never true."""
    parts = [("fails", random.choice(FINAL)) for _ in range(random.choice([0, 0, 1, 1, 2]))]
    parts += [("open", random.choice(OPEN)) for _ in range(random.choice([0, 0, 1]))]
    # At most one truth about the money: a customer answers a prompt once.
    parts += random.choice(
        [[], [("paid", 0)], [("paid", 0)], [("paid", 0), ("paid", 1)], [("other amount", 0)]]
    )
    parts = parts or [("paid", 0)]
    return parts + random.choices(parts, k=random.choice([0, 1, 2]))


def make(prompt, part):
    from benchmarks.drills.prompts import AMOUNT, failure, success

    kind, number = part
    if kind == "paid":
        return success(prompt, words=f"Processed, notice {number}")
    if kind == "other amount":
        return success(prompt, amount=AMOUNT - 1)
    return failure(prompt, code=number, words="no")


def expected(parts):
    """The model: (attempt, its payment, if the order is paid). Success follows anything, and stays."""
    kinds = {kind for kind, _number in parts}
    if "paid" in kinds:
        return "succeeded", "successful", True
    if "other amount" in kinds:
        return "succeeded", "successful", False  # booked, as money of no order
    if "fails" in kinds:
        return "failed", "failed", False
    return "submitted", "pending", False


def state(attempt):
    return attempt.status, attempt.payment.status, attempt.order.paid_at is not None
