"""Prices that begin on a day: applied when it comes, cancelled until then."""

import logging
from datetime import datetime, time, timedelta
from functools import partial

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.transitions import lock, record_change
from inventory.models import PlannedPrice
from inventory.services.prices import change_price

# No day begins earlier anywhere than this before it begins in UTC.
EARLIEST = timedelta(hours=14)

logger = logging.getLogger(__name__)


def apply_due_prices():
    """Give every product the prices whose day has come where its business is. Returns how many were applied.

    May run at any time, twice or too late; each price is a transaction of its own.
    """
    latest = (timezone.now() + EARLIEST).date()
    due = PlannedPrice._base_manager.filter(applied_at=None, starts_on__lte=latest)
    applied = 0
    for planned in due.select_related("business").order_by("starts_on", "pk"):
        if planned.starts_on <= today_of(planned.business):
            try:
                applied += apply_planned_price(planned)
            except (RuleBroken, ObjectDoesNotExist) as error:
                logger.warning("%s could not be applied: %s", planned.pk, error)
    return applied


@transaction.atomic
def apply_planned_price(planned):
    """Make a planned price the price of its product. Returns whether it was not applied before."""
    product = lock(planned.product)
    planned = lock(planned)
    if planned.applied_at:
        return False
    if product.price != planned.price:
        change_price(product, price=planned.price, by=planned.by, reason=reason_of(planned))
    record_change(planned, ["applied_at"], by=None, reason=_("applied"), applied_at=timezone.now())
    return True


@transaction.atomic
def cancel_planned_price(planned, *, by):
    """Drop a price that has not begun. Raises RuleBroken when it was applied already."""
    planned = lock(planned)
    if planned.applied_at:
        raise RuleBroken(why_kept(planned))
    planned._history_user, planned._change_reason = by, _("cancelled")
    planned.delete()


def why_kept(planned):
    return _("%s was applied already. Change the price of the product instead.") % planned


def reason_of(planned):
    """Return what the history of the product says about the change."""
    name = planned.price_list or _("planned price")
    return (_("%(list)s from %(day)s") % {"day": planned.starts_on.isoformat(), "list": name})[:100]


def today_of(business):
    """Return the day that it is where the business is."""
    return timezone.now().astimezone(business.clock).date()


def wake_on(business, days):
    """Have the worker apply what begins on these days at the start of each, once this is committed."""
    task = import_string("inventory.tasks.apply_due_prices")
    if not task.get_backend().supports_defer:
        return  # then only the command does it
    for day in days:
        begin = datetime.combine(day, time.min, tzinfo=business.clock)
        transaction.on_commit(partial(task.using(run_after=begin).enqueue))
