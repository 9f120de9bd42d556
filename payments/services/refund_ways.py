"""How money goes back: by the provider by which it came, in the currency in which it was paid there."""

from decimal import ROUND_DOWN

from django.utils.translation import gettext as _

from backoffice.errors import RuleBroken
from backoffice.money import CENT
from payments.gateways.gateway import RefundAsk
from payments.gateways.mpesa import normalise_phone
from payments.models import AttemptStatus, PaymentMethod, Provider
from payments.services.accounts import account_for, gateway_for
from payments.services.result_tokens import result_addresses

PROVIDERS = {
    PaymentMethod.MPESA: Provider.MPESA,
    PaymentMethod.CARD: Provider.STRIPE,
    PaymentMethod.PAYPAL: Provider.PAYPAL,
}
# These know our key: the same request may be sent again for about a day, and acts once.
REPEATABLE = (Provider.STRIPE, Provider.PAYPAL)


def provider_of(payment):
    """Return the provider by which a payment goes back, or None when somebody hands it out."""
    return PROVIDERS.get(payment.method)


def is_whole(payment, amount):
    """Whether this amount is all of a payment; what was rounded up goes back with it."""
    return amount + payment.rounding == payment.amount


def amount_back(refund):
    """Return what leaves by a refund in the payment's currency, with what was rounded up."""
    payment = refund.payment
    return payment.amount if is_whole(payment, refund.amount) else refund.amount


def needs_phone(payment, amount):
    """Whether M-Pesa pays this out to a phone; a whole payment it reverses instead."""
    return provider_of(payment) == Provider.MPESA and not is_whole(payment, amount)


def check_way(payment, amount, phone):
    """Return the phone to pay out to, "" where none is needed. Raises RuleBroken for what can't go back."""
    provider = provider_of(payment)
    if provider and not payment.transaction_id:
        raise RuleBroken(_("%s has no receipt yet; without it the provider gives nothing back.") % payment)
    if not needs_phone(payment, amount):
        return ""
    if amount != amount.to_integral_value():
        raise RuleBroken(_("M-Pesa gives back whole shillings only."))
    attempt = paid_attempt(payment)
    phone = phone or payment.payer_phone or (attempt.phone if attempt else "")
    try:
        return normalise_phone(phone)
    except ValueError as error:
        raise RuleBroken(_("Say to which Safaricom number, written as 0712 345 678.")) from error


def asked_of_provider(refund):
    """Return the amount and the currency in which the provider gives a refund back."""
    payment, attempt = refund.payment, paid_attempt(refund.payment)
    whole = is_whole(payment, refund.amount)
    if attempt is None or attempt.currency == payment.currency:
        return amount_back(refund), payment.currency
    if whole:
        return attempt.amount_requested, attempt.currency
    part = refund.amount * attempt.amount_requested / attempt.worth
    return part.quantize(CENT, ROUND_DOWN), attempt.currency  # parts never make more than the whole


def paid_attempt(payment):
    """Return the request by which a payment was made, or None."""
    return payment.attempts.model._base_manager.filter(
        payment=payment, status=AttemptStatus.SUCCEEDED
    ).first()


def gateway_of(payment):
    """Return the gateway by which a payment goes back. Raises RuleBroken when it is not set up."""
    provider, attempt = provider_of(payment), paid_attempt(payment)
    account = payment.account or (attempt and attempt.account)
    return gateway_for(provider, account or account_for(payment.business, provider))


def ask_for(refund):
    """Return the request for a refund, as gateways take it."""
    payment, (amount, currency) = refund.payment, asked_of_provider(refund)
    return RefundAsk(
        key=str(refund.pk),
        receipt=payment.transaction_id,
        amount=amount,
        currency=currency,
        is_whole=is_whole(payment, refund.amount),
        reason=refund.reason,
        phone=refund.phone,
        **result_addresses(refund),
    )
