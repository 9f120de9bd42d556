"""What Stripe's error and decline codes mean, in words for staff. The codes are Stripe's own."""

from typing import Any

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from payments.gateways.stripe.fields import read_code, read_prose

# Why a bank or Stripe declined one try; the customer may try again on the same page.
DECLINES = {
    "approve_with_id": _("The bank could not be reached. The customer can try again."),
    "authentication_required": _(
        "The bank wants the customer to confirm the payment. Try again, and confirm it."
    ),
    "call_issuer": _("The bank declined without a reason. The customer should call the bank."),
    "card_declined": _("The bank declined the card."),
    "card_not_supported": _("The card does not allow this kind of payment. Use another card."),
    "card_velocity_exceeded": _("The card is over its limit of payments or of money. Use another card."),
    "currency_not_supported": _("The card does not pay in this currency. Use another card."),
    "do_not_honor": _("The bank declined without a reason. The customer should call the bank."),
    "expired_card": _("The card has expired. Use another card."),
    "fraudulent": _("Stripe took the payment for fraud and declined it."),
    "generic_decline": _("The bank declined without a reason. The customer should call the bank."),
    "incorrect_cvc": _("The security code of the card was wrong. Try again with the right one."),
    "incorrect_number": _("The number of the card was wrong. Try again with the right one."),
    "insufficient_funds": _("There was not enough money on the card."),
    "invalid_cvc": _("The security code of the card was wrong. Try again with the right one."),
    "invalid_expiry_month": _("The expiry date of the card was wrong. Try again with the right one."),
    "invalid_expiry_year": _("The expiry date of the card was wrong. Try again with the right one."),
    "invalid_number": _("The number of the card was wrong. Try again with the right one."),
    "issuer_not_available": _("The bank could not be reached. The customer can try again."),
    "lost_card": _("The bank declined without a reason. The customer should call the bank."),
    "payment_intent_authentication_failure": _("The customer did not confirm the payment with the bank."),
    "payment_intent_payment_attempt_failed": _(
        "This try to pay did not go through. The customer can try again."
    ),
    "pickup_card": _("The bank declined without a reason. The customer should call the bank."),
    "processing_error": _("The card could not be processed. The customer can try again."),
    "stolen_card": _("The bank declined without a reason. The customer should call the bank."),
    "try_again_later": _("The bank could not decide. The customer can try again later."),
    "withdrawal_count_limit_exceeded": _(
        "The card is over its limit of payments or of money. Use another card."
    ),
}

# A request that Stripe refused at once: nothing was done.
REFUSALS = {
    "amount_too_large": _("The amount is above the most that Stripe takes in one payment."),
    "amount_too_small": _("The amount is below the least that Stripe takes."),
    "api_key_expired": _("Stripe no longer takes this secret key. Put the new one into the settings."),
    "charge_already_refunded": _("All of this payment was already given back."),
    "charge_disputed": _(
        "The customer's bank has taken this payment back, so it cannot be given back again."
    ),
    "insufficient_balance": _("The balance at Stripe is too low for this refund."),
    "invalid_amount": _("Stripe did not take the amount. Give back no more than is left of the payment."),
    "invalid_charge_amount": _("Stripe did not take the amount."),
    "lock_timeout": _("Stripe is working on this payment. Try again in a minute."),
    "no_connection": _("Stripe could not be reached and nothing was sent. Check the connection."),
    "payment_intent_unexpected_state": _(
        "The payment is not in a state that allows this. Look at it at Stripe."
    ),
    "rate_limit": _("Too many requests to Stripe for now. Try again in a minute."),
    "resource_missing": _(
        "Stripe does not know this payment. Check that the settings are of the right account."
    ),
    "url_invalid": _("Stripe did not take the address to which the customer returns. Check the settings."),
    "wrong_credentials": _("Stripe refused the secret key. Check the Stripe settings."),
    "no_permission": _("The secret key of Stripe may not do this. Check its rights at Stripe."),
}

# How money asked for, or given back, ended without moving.
ENDINGS = {
    "abandoned": _("The payment was cancelled at Stripe because nobody went on with it."),
    "async_payment_failed": _("The customer's bank did not pay in the end."),
    "canceled": _("It was cancelled at Stripe."),
    "duplicate": _("The payment was cancelled at Stripe as a duplicate."),
    "expired": _("The link to the payment page has expired, unpaid. Ask again."),
    "expired_or_canceled_card": _("The card has expired or was cancelled, so its bank sent the refund back."),
    "lost_or_stolen_card": _("The card was reported lost or stolen, so its bank sent the refund back."),
    "declined": _("The bank did not take the refund."),
    "requested_by_customer": _("The payment was cancelled at Stripe, because the customer wanted it."),
    "unknown": _("The refund did not go through, and Stripe does not say why."),
}

DISPUTES = {
    "credit_not_processed": _("The customer says that a promised refund never came."),
    "duplicate": _("The customer says that the same was paid twice."),
    "fraudulent": _("The customer says that somebody else used the card."),
    "general": _("The customer disputes the payment."),
    "product_not_received": _("The customer says that the goods never came."),
    "product_unacceptable": _("The customer says that the goods were not as described."),
    "unrecognized": _("The customer does not recognise the payment."),
}

MEANINGS = {**ENDINGS, **DECLINES, **REFUSALS}


def explain_code(code: str, own_words: object = "") -> str:
    """Return what one of Stripe's codes means, in a sentence for staff, in the language now active.

    For a code that is not known here `own_words`, Stripe's English, stands in.
    """
    meaning = MEANINGS.get(code)
    if meaning is not None:
        return str(meaning)
    return read_prose(own_words) or now(
        "Stripe answered with the code “%(code)s”, which is not known here."
    ) % {"code": code}


def explain_dispute(reason: str) -> str:
    """Return why the customer's bank disputes a payment, in a sentence for staff."""
    return str(DISPUTES.get(reason, DISPUTES["general"]))


def read_error(error: Any) -> tuple[str, str]:
    """Return the code and the sentence of an error, the bank's reason before Stripe's; or two blanks."""
    if not isinstance(error, dict):
        return "", ""
    code = next(filter(None, (read_code(error.get(name)) for name in ("decline_code", "code", "type"))), "")
    if code not in MEANINGS and read_code(error.get("code")) in MEANINGS:
        code = read_code(error["code"])
    return code, explain_code(code, error.get("message"))
