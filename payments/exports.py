"""Money as spreadsheets. Deliveries stay inside: their bytes name phones, and payments say what came."""

from django.utils.translation import gettext_lazy as _

from backoffice.spreadsheets.listing import ListColumn, Listing, labels, person
from payments.models import AttemptStatus, PaymentMethod, PaymentStatus, RefundStatus
from payments.words import local_phone


class PaymentListing(Listing):
    name = _("Payments")
    columns = (
        ListColumn(_("Receipt"), "transaction_id"),
        ListColumn(_("Paid"), "paid_at", moment=True),
        ListColumn(_("Customer"), "customer__name"),
        ListColumn(_("Order"), "order__number"),
        ListColumn(_("Amount"), "amount"),
        ListColumn(_("Rounded up by"), "rounding"),
        ListColumn(_("Currency"), "currency"),
        ListColumn(_("Method"), "method", told=labels(PaymentMethod)),
        ListColumn(_("Status"), "status", told=labels(PaymentStatus)),
        ListColumn(_("Note"), "note"),
        ListColumn(_("Created"), "created_at", moment=True),
    )


class AttemptListing(Listing):
    """Every prompt, as the list tells it."""

    name = _("Payment attempts")
    columns = (
        ListColumn(_("Created"), "created_at", moment=True),
        ListColumn(_("Order"), "order__number"),
        ListColumn(_("Phone"), "phone", told=local_phone),
        ListColumn(_("Asked for"), "amount_requested"),
        ListColumn(_("Currency"), "payment__currency"),
        ListColumn(_("Status"), "status", told=labels(AttemptStatus)),
        ListColumn(_("What happened"), "message"),
        ListColumn(_("Paid late"), "is_late"),
        ListColumn(_("By"), person("by")),
    )


class RefundListing(Listing):
    name = _("Refunds")
    columns = (
        ListColumn(_("Created"), "created_at", moment=True),
        ListColumn(_("Customer"), "payment__customer__name"),
        ListColumn(_("Order"), "allocation__order__number"),
        ListColumn(_("Payment"), "payment__transaction_id"),
        ListColumn(_("Amount"), "amount"),
        ListColumn(_("Currency"), "payment__currency"),
        ListColumn(_("Method"), "payment__method", told=labels(PaymentMethod)),
        ListColumn(_("Status"), "status", told=labels(RefundStatus)),
        ListColumn(_("Reason"), "reason"),
        ListColumn(_("Asked by"), person("requested_by")),
        ListColumn(_("Approved by"), person("approved_by")),
        ListColumn(_("Given back"), "done_at", moment=True),
        ListColumn(_("Receipt"), "receipt"),
        ListColumn(_("What happened"), "message"),
    )
