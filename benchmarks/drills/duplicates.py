"""One delivery of paid money, ten thousand times over 64 connections: it is taken once."""

from benchmarks.drills.client import send_all
from benchmarks.drills.told import Told, counted, p99

ENGINES = ["postgresql", "sqlite"]
SIZES = {"small": {"count": 60, "connections": 12}, "full": {"count": 10_000, "connections": 64}}
ON_SQLITE = {"count": 2_000, "connections": 32}


def run(stage, random, *, count, connections):
    from django.db import connection

    from benchmarks.drills.books import breaches, decide_all, times_paid
    from benchmarks.drills.prompts import fresh, open_prompts, success
    from payments.models import Payment, PaymentStatus, WebhookEvent

    if connection.vendor == "sqlite":
        count, connections = min(count, ON_SQLITE["count"]), min(connections, ON_SQLITE["connections"])
    prompts = open_prompts(1)
    web = stage.open_web()
    answers = send_all(web.port, [success(prompts[0])] * count, connections)
    decide_all()
    moves = times_paid()
    came = Payment._base_manager.filter(status=PaymentStatus.SUCCESSFUL).count()
    broken = breaches()
    return Told(
        f"one delivery {count:,} times over {connections} connections",
        {
            "every one is answered with 2xx": all(each.taken for each in answers),
            "p99 is at most 2 seconds": p99(answers) <= 2,
            "one delivery is kept": WebhookEvent._base_manager.count() == 1,
            "one payment came": came == 1,
            "the order was paid once": list(moves.values()) == [1],
            "the prompt is answered": fresh(prompts)[0].status == "succeeded",
            "all invariants hold": not broken,
        },
        {"answers": counted(answers), "payments": came, "moves": sum(moves.values()), "p99 s": p99(answers)},
    )
