"""How refunds are told on a page: which way they go, for whom they wait, what happened so far."""

from django.utils.translation import gettext as _

from backoffice.money import format_money
from payments.models import Provider, RefundStatus
from payments.services.refund_ways import is_whole, provider_of
from payments.services.refunds import needs_second_person
from payments.words import local_phone

S = RefundStatus
REFUND_COLOURS = {
    S.REQUESTED: "warning",
    S.APPROVED: "info",
    S.SENT: "info",
    S.SUCCEEDED: "success",
    S.FAILED: "danger",
    S.UNKNOWN: "warning",
    S.REJECTED: "",
}


def describe_way(payment, amount, phone=""):
    """Return in a sentence how this amount of a payment goes back."""
    provider = provider_of(payment)
    told = {"amount": format_money(amount, payment.currency), "phone": local_phone(phone) or _("the phone")}
    if provider is None:
        return _("Somebody hands out %(amount)s and says so here.") % told
    if provider == Provider.STRIPE:
        return _("Stripe gives %(amount)s back to the card, which may take some days.") % told
    if provider == Provider.PAYPAL:
        return _("PayPal gives %(amount)s back to the account that it came from.") % told
    if is_whole(payment, amount):
        return _("Safaricom reverses the whole payment, to the phone that paid.")
    return _("M-Pesa pays %(amount)s out to %(phone)s.") % told


def waits_for(refund):
    """Return for what or whom a refund waits, or how it ended."""
    provider = provider_of(refund.payment)
    if refund.status == S.REQUESTED:
        return waits_for_approval(refund)
    if refund.status == S.APPROVED and provider is None:
        return _("Waits for somebody to hand out the money.")
    if refund.status == S.APPROVED:
        return refund.message or _("Waits to be sent.")
    if refund.status == S.SENT:
        return _("Waits for the result of %s.") % provider.label
    if refund.status == S.UNKNOWN:
        told = {"provider": provider.label, "message": refund.message}
        return _("%(message)s Look at the pages of %(provider)s, then say how it ended.") % told
    return refund.message


def waits_for_approval(refund):
    if refund.requested_by and needs_second_person(refund):
        return _("Waits for another person than %s to approve it.") % refund.requested_by
    return _("Waits for somebody to approve it.")


def status_word(refund):
    """Return the status as staff say it; money that somebody hands out is not being sent."""
    if refund.status == S.APPROVED and provider_of(refund.payment) is None:
        return _("To be handed out")
    return refund.get_status_display()
