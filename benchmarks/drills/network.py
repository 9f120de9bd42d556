"""Money comes over a broken network: late, drop by drop, cut in the middle, cut before the answer.

Who gets no answer delivers again, so that the office often sees what it has committed before.
"""

from concurrent.futures import ThreadPoolExecutor

from benchmarks.drills.broken_line import BrokenLine
from benchmarks.drills.client import send, send_until_taken, warm
from benchmarks.drills.told import Told, counted, p99

ENGINES = ["postgresql", "sqlite"]
SIZES = {
    "small": {"payments": 40, "connections": 8, "patience": 5, "forgotten_for": 3},
    "full": {"payments": 4_000, "connections": 24, "patience": 10, "forgotten_for": 20},
    "control": {"payments": 400, "connections": 24, "patience": 10, "forgotten_for": 20},
}
ON_SQLITE = 1_000  # payments


def run(stage, random, *, payments, connections, patience, forgotten_for):
    from django.db import connection

    from benchmarks.drills.books import breaches, decide_all, times_paid
    from benchmarks.drills.prompts import open_prompts, success

    payments = min(payments, ON_SQLITE) if connection.vendor == "sqlite" else payments
    prompts = open_prompts(payments)
    deliveries = [success(each) for each in prompts]
    web = stage.open_web()
    warm(web.port)
    send(web.port, deliveries[0])
    processes = web.children()
    with BrokenLine(web.port, random, forgotten_for) as line, ThreadPoolExecutor(connections) as pool:
        tries = list(
            pool.map(lambda each: send_until_taken(line.port, each, timeout=patience), deliveries[1:])
        )
    afterwards = send(web.port, deliveries[0])
    decide_all()
    moves, broken = times_paid(), breaches()
    answers = [each for every in tries for each in every]
    came = [each for each in answers if each.status]
    return Told(
        f"{payments:,} payments over a broken line, {len(answers):,} connections",
        {
            "every delivery was taken in the end": all(each[-1].taken for each in tries),
            "what came again had one effect": len(moves) == payments and set(moves.values()) == {1},
            "every line broke in each way": len(line.seen) == 6,
            "no process ended, and none held a connection beyond its timeout": processes == web.children()
            and not line.stuck,
            "p99 of the answers is at most 5 seconds": p99(came) <= 5,
            "the office answers at once afterwards": afterwards.taken and afterwards.seconds <= 5,
            "all invariants hold": not broken,
        },
        {"answers": counted(answers), "p99 s": p99(came), "breaches": broken[:2]}
        | {name.replace("_", " "): count for name, count in sorted(line.seen.items())},
    )
