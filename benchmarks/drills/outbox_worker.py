"""A worker that does nothing but deliver the outbox to a pretend Stripe, with pauses of seconds.

python -m benchmarks.drills.outbox_worker <address of the simulator> [--without-claim]
"""

import sys
import time
from datetime import timedelta

from benchmarks.office import open_office


def main(address, *arguments):
    open_office()
    from django.conf import settings

    from payments.models import OutboxItem
    from payments.services import outbox, refund_sending

    settings.PAYMENT_SIMULATOR_URL = address
    outbox.LEASE = refund_sending.CLAIM_LIFETIME = timedelta(seconds=5)
    outbox.FIRST_PAUSE = outbox.LONGEST_PAUSE = timedelta(seconds=0.2)
    if "--without-claim" in arguments:
        take_away_the_claims(outbox, refund_sending)
    while OutboxItem._base_manager.filter(done_at=None).exists():
        if not outbox.deliver_due():
            time.sleep(0.05)


def take_away_the_claims(outbox, refund_sending):
    from payments.models import Refund

    outbox.claim_item = lambda: outbox.due_items().first()
    refund_sending.claim_refund = lambda key: Refund._base_manager.get(pk=key)


if __name__ == "__main__":
    main(*sys.argv[1:])
