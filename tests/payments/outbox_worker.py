"""A worker as a process of its own that does nothing but deliver the outbox, on the database of a test.

    python -m tests.payments.outbox_worker <address of a provider> [--without-claim]

Each item is posted to the provider under its key. It goes on until nothing is left to be done.
"""

import os
import sys
import time
from datetime import timedelta


def main(address, *arguments):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    import django

    django.setup()
    import requests

    from payments.models import OutboxItem, OutboxTopic
    from payments.services import outbox

    def send(subject):
        try:
            answer = requests.post(f"{address}/{subject}", timeout=10)
        except requests.RequestException as error:
            raise outbox.Retry("no answer") from error
        if answer.status_code != 200:
            raise outbox.Retry(f"HTTP {answer.status_code}")

    outbox.import_string = lambda name: send
    outbox.HANDLERS = {OutboxTopic.REFUND: "send"}
    outbox.LEASE = timedelta(seconds=3)
    outbox.FIRST_PAUSE = outbox.LONGEST_PAUSE = timedelta(seconds=0.05)
    if "--without-claim" in arguments:
        outbox.claim_item = lambda: outbox.due_items().first()
    while OutboxItem._base_manager.filter(done_at=None).exists():
        if not outbox.deliver_due(1):
            time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
