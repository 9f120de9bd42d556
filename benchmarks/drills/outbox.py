"""Refunds go out through the outbox while workers are killed and Stripe fails: each once, none missing.

The control's workers do not take a refund before they send it: two ask Stripe for the same one at once.
"""

from collections import Counter
from decimal import Decimal
from time import monotonic, sleep

from benchmarks.drills.told import Told

ENGINES = ["postgresql"]
SIZES = {
    "small": {"count": 24, "kills": 3},
    "full": {"count": 1_000, "kills": 20},
    "control": {"count": 200, "kills": 5},
}
AMOUNT = Decimal(250)
PATIENCE = 300  # seconds until the workers are done


def run(stage, random, *, count, kills):
    from benchmarks.drills.books import breaches
    from benchmarks.drills.failing_stripe import FailingStripe
    from payments.models import OutboxItem, Refund, RefundStatus
    from payments.simulator import Simulator

    with Simulator(delay=0) as simulator:
        stripe = simulator.stripe = FailingStripe(simulator, random)
        keys = approve_refunds(simulator, count)
        workers = [open_worker(stage, simulator.url) for _worker in range(2)]
        for kill in range(kills):
            wait_until(lambda: stripe.asked >= (kill + 1) * count // (kills + 1))  # noqa: B023
            workers[kill % 2].kill()
            workers[kill % 2].start()
        wait_until(lambda: all(worker.process.poll() is not None for worker in workers))
    made = Counter(refund["metadata"]["key"] for refund in stripe.refunds.values())
    left, broken = OutboxItem._base_manager.filter(done_at=None).count(), breaches()
    done = Refund._base_manager.filter(status=RefundStatus.SUCCEEDED).count()
    return Told(
        f"{count:,} refunds, {kills} kills, Stripe failing {stripe.failures:,} of {stripe.asked:,} times",
        {
            "every refund was made once": made == Counter(keys),
            "no two workers asked for the same at once": not stripe.overlaps,
            "nothing is left to do": not left,
            "the books know every refund": done == count,
            "all invariants hold": not broken,
        },
        {"made": sum(made.values()), "in the books": done, "asked": stripe.asked, "left": left}
        | {"asked at once": stripe.overlaps, "breaches": broken[:2]},
    )


def open_worker(stage, url):
    from benchmarks.drills.programs import Program

    without = ["--without-claim"] if stage.control else []
    return stage.keep(Program("benchmarks.drills.outbox_worker", url, *without, log=stage.log))


def wait_until(is_so):
    """Return when it is so, or when the patience is over: the drill is not passed then."""
    deadline = monotonic() + PATIENCE
    while not is_so() and monotonic() < deadline:
        sleep(0.02)


def approve_refunds(simulator, count):
    """Have so many payments by card, and a refund of each that waits in the outbox. Returns the keys."""
    from backoffice.scoping import every_business
    from benchmarks.drills.prompts import open_prompts
    from payments.services.refunds import approve_refund, request_refund

    order = open_prompts(1)[0].order
    with every_business():
        payments = [pay_by_card(simulator, order, number) for number in range(count)]
        asked = [request_refund(each, amount=AMOUNT, reason="drill", by=None) for each in payments]
        return [str(approve_refund(each, by=None).pk) for each in asked]


def pay_by_card(simulator, order, number):
    """Pay at the pretend Stripe, for no order. Returns the payment."""
    from payments.models import PaymentMethod
    from payments.services.settlement import create_payment, receive_payment

    intent = simulator.stripe.take_payment(f"pi_{number:024}", AMOUNT)
    payment = create_payment(order, amount=AMOUNT, method=PaymentMethod.CARD, by=None, order=None)
    return receive_payment(payment, by=None, reason="drill", transaction_id=intent)
