"""The payment that an order awaits while its customer is asked for money."""

from django.utils.translation import gettext as _

from backoffice.transitions import move, record_change
from payments.models import PaymentMethod, PaymentStatus, Provider
from payments.services.settlement import create_payment, live_payment

METHODS = {
    Provider.MPESA: PaymentMethod.MPESA,
    Provider.STRIPE: PaymentMethod.CARD,
    Provider.PAYPAL: PaymentMethod.PAYPAL,
}


def payment_to_try(order, *, method, by, **values):
    """Return the pending payment of an order, its last failed one of this method tried again, or a new one.

    A pending one of another method is given up: money that comes by it after all makes it successful.
    """
    pending = live_payment(order)
    if pending and pending.method == method:
        return record_change(pending, list(values), by=by, reason=_("asked again"), **values)
    if pending:
        move(pending, to=PaymentStatus.FAILED, by=by, reason=_("asked in another way"))
    failed = order.payments.filter(method=method, status=PaymentStatus.FAILED).first()
    if failed:
        return move(failed, to=PaymentStatus.PENDING, by=by, reason=_("asked again"), **values)
    return create_payment(order, method=method, by=by, **values)
