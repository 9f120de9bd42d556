"""Deliveries that are not what they seem: nothing moves, and nobody sees an error of the server.

What is rightly signed and does not fit is money all the same, and kept; it may pay no order.
"""

from importlib import import_module

from benchmarks.drills.client import send_all
from benchmarks.drills.told import Told, counted

ENGINES = ["postgresql"]
SIZES = {"small": {"count": 1}, "full": {"count": 1_000}, "control": {"count": 100}}
ADDRESSES = {
    "prompts": "M-Pesa's prompts",
    "tills": "M-Pesa's till",
    "claims": "answers about the till",
    "refunds": "refunds at M-Pesa",
    "cards": "Stripe",
    "paypal": "PayPal",
}


def run(stage, random, *, count):
    from benchmarks.drills.books import breaches
    from benchmarks.drills.scene import set_scene
    from payments.simulator import Simulator

    scene, must, figures, every = set_scene(random), {}, {}, []
    with Simulator(delay=0) as simulator:
        web = stage.open_rehearsed(DRILL_PAYPAL=simulator.paypal.url)
        must["the genuine ones are taken, and each is booked"] = take_genuine(web, scene)
        for name, told in ADDRESSES.items():
            forgers = import_module(f"benchmarks.drills.forgeries.{name}")
            answers = []
            for forge in [*forgers.FORGERIES, *forgers.MISMATCHES]:
                given, orders, payments = forge_many(web, scene, forge, count)
                kind = f"{told}, {forge.__name__.replace('_', ' ')}"
                if forge in forgers.FORGERIES:
                    must[f"{kind}: nothing moves"] = orders and payments
                else:
                    must[f"{kind}: no order moves"] = orders
                answers += given
            figures[told] = counted(answers)
            every += answers
    broken, done = breaches(), f"{count:,} each of {len(must) - 1} kinds of forgery"
    must["no server error, and every one is answered"] = all(0 < each.status < 500 for each in every)
    must["all invariants hold"] = not broken
    return Told(done, must, figures | {"breaches": broken[:2]})


def take_genuine(web, scene):
    """Deliver what is true. Returns whether all of it is in the books then."""
    from benchmarks.drills.books import decide_all, times_paid
    from payments.models import Refund, RefundStatus

    modules = [import_module(f"benchmarks.drills.forgeries.{name}") for name in ADDRESSES]
    answers = send_all(web.port, scene.used + [each.genuine(scene) for each in modules])
    decide_all()
    back = Refund._base_manager.filter(status=RefundStatus.SUCCEEDED).count()
    paid = len(scene.used) + len(modules) - 1  # the refund pays nothing
    return all(each.taken for each in answers) and (len(times_paid()), back) == (paid, 1)


def forge_many(web, scene, forge, count):
    """Deliver so many of one kind. Returns the answers, and whether orders and payments are as before."""
    from benchmarks.drills.books import decide_all, money

    before = money()
    answers = send_all(web.port, [forge(scene, n) for n in range(count)])
    decide_all()
    after = money()
    return answers, before.orders == after.orders, before.payments == after.payments
