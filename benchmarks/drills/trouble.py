"""PostgreSQL is in trouble while money comes in: what cannot be stored is refused in time, and comes again.

The control's office waits without any limit, as PostgreSQL does unless it is told otherwise.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from threading import Thread
from time import monotonic, sleep

from benchmarks.drills.client import send_all, send_until_taken, warm
from benchmarks.drills.full_disk import can_mount, full_disk
from benchmarks.drills.told import Told, counted

ENGINES = ["postgresql"]
OWN = True
SIZES = {
    "small": {"rounds": 1, "lock_timeout": 1, "statement_timeout": 2},
    "full": {"rounds": 3, "lock_timeout": 10, "statement_timeout": 30},  # as in the settings
}
CONNECTIONS = 4  # as many as one process has threads, so that none waits behind another
MARGIN = 3  # seconds that a busy machine may add
BACK = 10  # seconds until money is taken again


def run(stage, random, *, rounds, lock_timeout, statement_timeout):
    from benchmarks.drills.books import breaches, decide_all, times_paid
    from benchmarks.drills.prompts import open_prompts

    lasts = 2 * statement_timeout
    troubles = {
        "a row is held": (lambda prompts: hold_a_row(), CONNECTIONS * rounds, lock_timeout),
        "a statement hangs": (lambda prompts: hang(lasts), CONNECTIONS, statement_timeout),
        "two wait in a circle": (wait_in_a_circle, 1, lock_timeout),
    }
    if stage.cluster:
        troubles["no connection is left"] = (lambda prompts: take_connections(), 100, lock_timeout)
    if stage.cluster and can_mount():
        troubles["the disk is full"] = (lambda prompts: fill_the_disk(), 100, lock_timeout)
    prompts, must, figures = open_prompts(sum(count for _act, count, _limit in troubles.values())), {}, {}
    web = open_office(stage, lock_timeout, statement_timeout)
    warm(web.port)
    rest = list(prompts)
    for name, (act, count, limit) in troubles.items():
        share, rest = rest[:count], rest[count:]
        during, after = deliver_in(act(share), web.port, share)
        must[f"{name}: all answered in {limit} seconds, with 503 and Retry-After if not taken"] = all(
            is_proper(each, limit + MARGIN) for each in during
        )
        must[f"{name}: once it is over, money is taken again within {BACK} seconds"] = after <= BACK
        figures |= {name: f"{counted(during)} in at most {max(each.seconds for each in during):.1f} s"}
    decide_all()
    moves, broken = times_paid(), breaches()
    must["every order was paid once"] = len(moves) == len(prompts) and set(moves.values()) == {1}
    must["all invariants hold"] = not broken
    return Told(f"{len(prompts)} payments in {len(troubles)} kinds of trouble", must, figures)


def open_office(stage, lock_timeout, statement_timeout):
    """Start the web server, with limits to its patience or, for the control, without."""
    limits = {"lock_timeout": lock_timeout, "statement_timeout": statement_timeout}
    told = " ".join(f"-c {name}={0 if stage.control else limit}s" for name, limit in limits.items())
    stage.control = False  # the intake itself is the real one
    return stage.open_rehearsed(DRILL_PATIENCE=told)


def deliver_in(trouble, port, prompts):
    """Deliver while there is trouble, and what was refused again after it.

    Returns the answers given meanwhile, and the seconds until the first of the refused was taken after it.
    """
    from benchmarks.drills.prompts import success

    deliveries = [success(each) for each in prompts]
    with trouble:
        during = send_all(port, deliveries, CONNECTIONS)
    start = monotonic()
    refused = [each for each, answer in zip(deliveries, during, strict=True) if not answer.taken]
    back = [send_until_taken(port, each)[-1].at for each in refused[:1]]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda each: send_until_taken(port, each), refused[1:]))
    return during, max(back, default=start) - start


def is_proper(answer, limit):
    refused = answer.status == 503 and bool(answer.retry_after)
    return answer.seconds <= limit and (answer.taken or refused)


def connect():
    import psycopg2

    return psycopg2.connect(os.environ["DATABASE_URL"])


def ask(line, query, *values):
    with line.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def hold_a_row():
    """Somebody locks the business, to which every delivery belongs, and goes to lunch."""
    with closing(connect()) as line:
        ask(line, "SELECT 1 FROM people_business FOR UPDATE")
        yield


@contextmanager
def hang(seconds):
    """Each delivery takes so long to be stored."""
    with closing(connect()) as line:
        line.autocommit = True
        ask(
            line,
            "CREATE FUNCTION drill_hang() RETURNS trigger LANGUAGE plpgsql AS "
            f"'BEGIN PERFORM pg_sleep({seconds}); RETURN NEW; END'",
        )
        ask(
            line,
            "CREATE TRIGGER drill_hang BEFORE INSERT ON payments_webhookevent "
            "FOR EACH ROW EXECUTE FUNCTION drill_hang()",
        )
        try:
            yield
        finally:
            ask(line, "DROP FUNCTION drill_hang CASCADE")


@contextmanager
def wait_in_a_circle(prompts):
    """Somebody has the payment and wants its order, which whoever decides has, wanting the payment."""
    payment, order = prompts[0].payment_id, prompts[0].order_id
    with closing(connect()) as line:
        ask(line, "SELECT 1 FROM payments_payment WHERE id = %s FOR UPDATE", str(payment))
        circle = Thread(target=want, args=[line, order])
        circle.start()
        yield
        circle.join()


def want(line, order):
    """Lock the order once somebody waits for us; who closes the circle second may be told to give up."""
    from psycopg2.errors import DeadlockDetected

    waits = "SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    deadline = monotonic() + BACK
    while not ask(line, waits) and monotonic() < deadline:
        ask(line, "SELECT pg_stat_clear_snapshot()")  # else a transaction sees the same for ever
        sleep(0.02)
    with suppress(DeadlockDetected):
        ask(line, "SELECT 1 FROM sales_order WHERE id = %s FOR UPDATE", str(order))
    line.rollback()


@contextmanager
def fill_the_disk():
    """There is no room for another page of deliveries; what fits into the pages there are is kept."""
    with closing(connect()) as line:
        line.autocommit = True
        with full_disk(line):
            yield


@contextmanager
def take_connections():
    """Somebody has taken all connections there are, those of the office too."""
    from django.db import connections

    connections.close_all()
    taken = [connect()]
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> ALL(%s) AND usename = user"
    try:
        take_all(taken)
        ask(taken[0], others, [line.info.backend_pid for line in taken])
        take_all(taken)
        yield
    finally:
        for line in taken:
            line.close()


def take_all(taken):
    from psycopg2 import OperationalError

    with suppress(OperationalError):  # there are no more
        while True:
            taken.append(connect())
