"""What has to be done outside: written in the transaction that decided it, done after its commit.

A worker takes an item by moving its next try ahead before it begins. So two workers never do the same thing
at once, and what a killed one left comes up again; it goes out under the same key, so that the provider does
it once.
"""

import logging
from datetime import timedelta
from functools import partial
from random import uniform

from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from backoffice.scoping import business_scope
from payments.models import OutboxItem, OutboxTopic
from payments.tasks import deliver_outbox

# Who does it: function(subject), which raises Retry to be called again later. It makes its calls outside of
# transactions, and looks first: it may have done the same before and been killed.
HANDLERS = {OutboxTopic.REFUND: "payments.services.refunds.send_refund"}
# Longer than a provider may take to answer: so long nobody else takes what a worker has begun.
LEASE = timedelta(minutes=2)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)

logger = logging.getLogger(__name__)


class Retry(Exception):
    """Not done yet; the text says why. Not an error: it is tried again later."""


def write(topic, key, subject, business):
    """Note that something has to be done about `subject`, a row's key. Returns the item.

    The same `key` is the same thing, however often it is written. Call it in the deciding transaction.
    """
    defaults = {"topic": topic, "subject": subject, "business_id": getattr(business, "pk", business)}
    item, is_new = OutboxItem._base_manager.get_or_create(key=key, defaults=defaults)
    if is_new:
        transaction.on_commit(partial(deliver_outbox.enqueue))
    return item


def due_items():
    """Return what has to be done now, the longest waiting first."""
    due = OutboxItem._base_manager.filter(done_at=None, next_try_at__lte=timezone.now())
    return due.order_by("next_try_at", "pk")


def deliver_due(limit=20):
    """Do what is due, at most so many things. Returns how many were tried."""
    for tried in range(limit):
        item = claim_item()
        if item is None:
            return tried
        deliver(item)
    return limit


@transaction.atomic
def claim_item():
    """Take one due item that nobody else is taking; None when there is none."""
    item = due_items().select_for_update(skip_locked=True, of=("self",), no_key=True).first()
    if item:
        item.tries += 1
        item.next_try_at = timezone.now() + LEASE
        item.save(update_fields=["tries", "next_try_at"])
    return item


def deliver(item):
    """Do one thing; whatever goes wrong is written on it, and it is tried again later."""
    try:
        with business_scope(item.business_id):
            import_string(HANDLERS[item.topic])(item.subject)
    except Retry as problem:
        put_off(item, str(problem))
    except Exception as error:  # a bug must not keep the next one from being done
        logger.exception("The outgoing request %s failed.", item.pk)
        put_off(item, type(error).__name__)
    else:
        mine(item).update(done_at=timezone.now(), problem="")


def put_off(item, problem):
    mine(item).update(problem=problem[:255], next_try_at=timezone.now() + pause_after(item.tries))


def mine(item):
    """The item, unless somebody else took it because this process was away for too long."""
    return OutboxItem._base_manager.filter(pk=item.pk, tries=item.tries, done_at=None)


def pause_after(tries):
    """Return how long to wait after so many tries: twice as long each time, never quite the same."""
    pause = min(FIRST_PAUSE * 2 ** min(tries - 1, 20), LONGEST_PAUSE)
    return pause * uniform(0.8, 1.2)
