"""Graceful reloads under load fail no delivery; the control ends the web server and starts it again."""

import signal
from time import sleep

from benchmarks.drills.client import send, send_all
from benchmarks.drills.kills import Faults
from benchmarks.drills.told import Told, counted, p99

ENGINES = ["postgresql"]
SIZES = {
    "small": {"payments": 40, "reloads": 2, "pause": 0.3},
    "full": {"payments": 2_000, "reloads": 20, "pause": 3},
    "control": {"payments": 200, "reloads": 5, "pause": 3},
}


def run(stage, random, *, payments, reloads, pause):
    from benchmarks.drills.books import breaches, decide_all, times_paid
    from benchmarks.drills.prompts import open_prompts, success

    prompts, without = open_prompts(payments), stage.control
    stage.control = False  # the intake itself is the real one
    web = stage.open_web()
    true = [success(each) for each in prompts]
    send(web.port, true[0])  # answered once the first processes are ready
    harm = (lambda: end_and_start(web)) if without else (lambda: reload(web, true[0]))
    answers = []
    with Faults([harm], pause) as faults:
        while len(faults.mended) < reloads or len(answers) < payments:
            answers += send_all(web.port, true, 8)
    decide_all()
    moves, broken = times_paid(), breaches()
    return Told(
        f"{len(faults.mended)} reloads during {len(answers):,} deliveries",
        {
            "no delivery failed": all(each.taken for each in answers),
            "every order was paid once": len(moves) == payments and set(moves.values()) == {1},
            "all invariants hold": not broken,
        },
        {"answers": counted(answers), "reloads": len(faults.mended), "p99 s": p99(answers)},
    )


def reload(web, delivery):
    """Have gunicorn replace its processes while it goes on listening; wait until one of the new answers.

    gunicorn ends the old ones before the new ones have loaded: deliveries wait at its door meanwhile.
    A next reload within that time would end the new ones, too, and nobody would answer for long.
    """
    before = web.children()
    web.send(signal.SIGHUP)
    while before & web.children():
        sleep(0.05)
    send(web.port, delivery)


def end_and_start(web):
    web.stop()
    web.start()
