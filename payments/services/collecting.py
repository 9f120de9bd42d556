"""Collecting at PayPal what a customer agreed to, while it is still wanted.

The agreement takes no money yet: until we collect it, it lapses by itself and nobody is charged.
"""

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext as _

from backoffice.transitions import lock
from payments.gateways.gateway import State
from payments.models import AttemptStatus
from payments.models.attempt import UNDECIDED
from payments.services.settlement import amount_due, can_take_money

NOT_COLLECTED = "not_collected"


def collect(attempt, gateway, standing):
    """Collect the money of an approved PayPal order. Returns the Standing after it; never raises.

    What is not wanted any more is not collected: the Standing then says failed, and why.
    """
    why = why_not_collected(attempt)
    if why:
        return replace(standing, state=State.FAILED, code=NOT_COLLECTED, text=why)
    return gateway.capture(attempt.checkout_request_id)


@transaction.atomic
def why_not_collected(attempt):
    """Say why the money is not wanted any more, or return an empty string.

    Order and attempt are read under their locks right before the call, which is made outside of them.
    """
    order, attempt = lock(attempt.order), lock(attempt)
    if attempt.status == AttemptStatus.SUCCEEDED:  # somebody was faster, and PayPal collects once
        return ""
    if attempt.status not in UNDECIDED:
        return _("The customer agreed at PayPal when nobody waited for it any more. Nothing was collected.")
    told = {"order": order, "status": order.get_status_display().lower()}
    if not can_take_money(order):
        return _("The customer agreed at PayPal when %(order)s was %(status)s. Nothing was collected.") % told
    if not 0 <= attempt.worth - amount_due(order) < 1:
        return _("The customer agreed at PayPal to what %(order)s cost before. Nothing was collected.") % told
    return ""
