"""Workers, web server and PostgreSQL are killed again and again while money comes in.

The control has PostgreSQL acknowledge commits before they are on disk: some of what was acknowledged is lost.
"""

import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic, sleep

from benchmarks.drills.client import send_until_taken
from benchmarks.drills.told import Told, counted

ENGINES = ["postgresql"]
OWN = True
SIZES = {
    "small": {"payments": 60, "connections": 4, "pause": 3, "least": 4},
    "full": {"payments": 4_000, "connections": 16, "pause": 6, "least": 9},
}
RUNS = 5  # of the control, until something is lost
OUTAGE = 1.5  # seconds that PostgreSQL stays away


@dataclass
class Faults:
    """A thread that does one harm after the other until it is told to stop, and notes when it mended each."""

    harms: list
    pause: float
    mended: list = field(default_factory=list)

    def __enter__(self):
        self.over, self.trouble = Event(), None
        self.thread = Thread(target=self.run, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.over.set()
        self.thread.join()
        if self.trouble:
            raise self.trouble

    def run(self):
        try:
            while not self.over.wait(self.pause):
                harm = self.harms[len(self.mended) % len(self.harms)]
                self.mended.append(harm())
        except Exception as error:  # told by the thread that waits for this one
            self.trouble = error


def run(stage, random, *, payments, connections, pause, least):
    if stage.control:
        return lose_commits(stage, payments=payments, connections=connections, pause=pause)
    from benchmarks.drills.books import breaches, decide_all, times_paid
    from benchmarks.drills.prompts import open_prompts, success

    prompts = open_prompts(payments)
    web, worker = stage.open_web(), stage.open_worker()
    deliveries = [success(each) for each in prompts + random.sample(prompts, payments // 2)]
    random.shuffle(deliveries)
    harms = [
        lambda: restart(worker),
        lambda: crash(stage.cluster),
        lambda: kill_one_worker(web),
        lambda: restart(web),
    ]
    with Faults(harms, pause) as faults:
        answers = deliver(web.port, deliveries, connections, lambda: len(faults.mended) >= least)
    left, seconds = decide_all()
    lost, moves, broken = lost_ones(deliveries, answers), times_paid(), breaches()
    every = [each for tries in answers for each in tries]
    refused = [each for each in every if each.status and not each.taken]
    longest = longest_silence(every, faults.mended)
    return Told(
        f"{len(deliveries):,} deliveries for {payments:,} payments, {len(faults.mended)} kills",
        {
            "every delivery was taken in the end": all(tries[-1].taken for tries in answers),
            "nothing acknowledged is lost": not lost,
            "every order was paid once": len(moves) == payments and set(moves.values()) == {1},
            "the first 2xx comes at most 10 seconds after each restart": longest <= 10,
            "an outage of the database is answered with 503 and Retry-After": bool(refused)
            and all(each.status == 503 and each.retry_after for each in refused),
            "all invariants hold": not broken,
        },
        {"kills": len(faults.mended), "answers": counted(every), "lost": len(lost), "paid": len(moves)}
        | {
            "longest silence s": longest,
            "left to take up": left,
            "taken up in s": seconds,
            "breaches": broken[:2],
        },
    )


def deliver(port, deliveries, connections, is_enough):
    """Deliver each until it is taken, and one of them again and again until enough harm was done."""
    half = len(deliveries) // 2

    def one(number):
        answers = send_until_taken(port, deliveries[number])
        while number == half and not is_enough():
            sleep(0.1)
            answers += send_until_taken(port, deliveries[number])
        return answers

    with ThreadPoolExecutor(connections) as pool:
        return list(pool.map(one, range(len(deliveries))))


def restart(program):
    program.kill()
    program.start()
    return monotonic()


def kill_one_worker(web):
    """Kill one of the processes that answer; gunicorn replaces it."""
    import os

    for child in web.children():
        os.kill(child, signal.SIGKILL)
        break
    return monotonic()


def crash(cluster):
    cluster.kill()
    sleep(OUTAGE)
    cluster.start()
    return monotonic()


def lost_ones(deliveries, answers):
    """Return the deliveries that were acknowledged and of which the books know nothing, or not all."""
    from benchmarks.drills.books import times_paid
    from payments.models import PaymentAttempt, WebhookEvent
    from payments.services.tokens import hash_token

    kept = set(WebhookEvent._base_manager.values_list("attempt__token_hash", flat=True))
    paid = times_paid()
    orders = dict(PaymentAttempt._base_manager.values_list("token_hash", "order__number"))
    acknowledged = {
        hash_token(each.path.split("/")[3])
        for each, tries in zip(deliveries, answers, strict=True)
        if tries[-1].taken
    }
    return [each for each in acknowledged if each not in kept or orders[each] not in paid]


def longest_silence(answers, mended):
    """Return the most seconds between a mended harm and the next 2xx."""
    taken = sorted(each.at for each in answers if each.taken)
    waits = [next((at - moment for at in taken if at >= moment), 0) for moment in mended]
    return round(max(waits, default=0), 1)


def lose_commits(stage, *, payments, connections, pause):
    """Deliver while PostgreSQL crashes, with commits that do not wait for the disk, until one is lost."""
    from django.db import connection

    from benchmarks.drills.prompts import open_prompts, success

    prompts = open_prompts(payments)
    with connection.cursor() as cursor:
        cursor.execute("ALTER DATABASE postgres SET synchronous_commit = off")
        cursor.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")  # the most: nothing is written in time
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("CHECKPOINT")
    stage.control = False  # the intake itself is the real one
    web, lost, stops, runs = stage.open_web(), [], 0, 0
    batch = max(1, payments // RUNS)
    while not lost and runs < RUNS:
        deliveries = [success(each) for each in prompts[runs * batch : (runs + 1) * batch]]
        runs += 1
        with Faults([lambda: crash(stage.cluster)], min(pause, 1)) as faults:
            answers = deliver(web.port, deliveries, connections, lambda seen=faults: len(seen.mended) >= 1)
        stops += len(faults.mended)
        connection.close()  # its database has crashed since
        lost = lost_ones(deliveries, answers)
    return Told(
        f"{stops} crashes of PostgreSQL without synchronous commits, {runs} runs",
        {"nothing acknowledged is lost": not lost},
        {"lost": len(lost), "of": batch * runs},
    )
