"""What PayPal's issues and statuses mean, in words for staff.

An issue is the code in `details` of a refusal; where there is none, the refusal's name is. Both are the
contract, the prose beside them is not.
"""

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

# The customer has yet to act, or may act again: the order stays open.
STILL_OPEN = {
    "CREATED": _("The customer has not yet agreed at PayPal."),
    "SAVED": _("The customer has not yet agreed at PayPal."),
    "PAYER_ACTION_REQUIRED": _("The customer has not yet agreed at PayPal."),
    "APPROVED": _("The customer agreed; the money is still to be collected."),
    "ORDER_NOT_APPROVED": _("The customer has not yet agreed at PayPal."),
    "INSTRUMENT_DECLINED": _(
        "The customer's card or bank refused. The customer may choose another at PayPal."
    ),
}

# Collecting was refused for good: no money moved, and this order can bring none.
FINAL_REFUSALS = {
    "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED": _(
        "The customer tried too often. Ask again with a new request."
    ),
    "ORDER_EXPIRED": _("The customer took too long. Ask again with a new request."),
    "ORDER_CANNOT_BE_CAPTURED": _("PayPal cancelled this request. Ask again with a new one."),
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED": _("The customer's PayPal account is locked or closed."),
    "PAYER_ACCOUNT_RESTRICTED": _("The customer's PayPal account is restricted."),
    "PAYER_CANNOT_PAY": _("The customer cannot pay with this PayPal account."),
    "TRANSACTION_LIMIT_EXCEEDED": _("The payment is above the customer's limit at PayPal."),
    "TRANSACTION_REFUSED": _("PayPal refused the payment."),
    "VOIDED": _("PayPal cancelled this request. Ask again with a new one."),
    "REVERSED": _(
        "The customer agreed, but the money was not collected in time. Ask again with a new request."
    ),
}

# Of one capture or refund.
MONEY = {
    "COMPLETED": _("PayPal has moved the money."),
    "PENDING": _("PayPal holds the money back and decides later."),
    "DECLINED": _("The payment was declined."),
    "DENIED": _("The payment was declined."),
    "FAILED": _("The payment failed at PayPal."),
    "CANCELLED": _("PayPal cancelled it."),
    "REFUNDED": _("The payment was given back at PayPal. Look there before anything else."),
    "PARTIALLY_REFUNDED": _(
        "A part of the payment was given back at PayPal. Look there before anything else."
    ),
    "ECHECK": _("The customer pays by eCheck; the money takes some days."),
    "PENDING_REVIEW": _("PayPal is looking at this payment and decides later."),
    "RECEIVING_PREFERENCE_MANDATES_MANUAL_ACTION": _("Somebody must accept this payment at PayPal."),
    "UNILATERAL": _("The PayPal account of the business is not confirmed yet. Look there."),
    "CAPTURE_REVERSED": _("A bank took this money back. Look at PayPal."),
    "DISPUTE": _("The customer disputes this payment. Look at PayPal, and answer in time."),
    "SEVERAL_CAPTURES": _("PayPal shows several payments for one request. Look there."),
}

REFUSALS = {
    "CURRENCY_NOT_SUPPORTED": _("PayPal does not take this currency."),
    "DECIMALS_NOT_SUPPORTED": _("PayPal takes no decimals in this currency."),
    "DUPLICATE_REQUEST_ID": _("PayPal has already taken another request under this key."),
    "DUPLICATE_INVOICE_ID": _("PayPal has already taken a payment with this reference. Look there."),
    "AMOUNT_MISMATCH": _("PayPal refused the request because its amounts do not add up."),
    "PAYEE_ACCOUNT_RESTRICTED": _("The PayPal account of the business is restricted. Look there."),
    "PAYEE_ACCOUNT_LOCKED_OR_CLOSED": _("The PayPal account of the business is locked or closed."),
    "COMPLIANCE_VIOLATION": _("PayPal refused the payment because of its rules."),
    "CAPTURE_FULLY_REFUNDED": _("This payment was already given back in full."),
    "REFUND_AMOUNT_EXCEEDED": _("PayPal has less left of this payment than is to be given back."),
    "REFUND_TIME_LIMIT_EXCEEDED": _("PayPal gives payments back for 180 days, and this one is older."),
    "REFUND_NOT_ALLOWED": _("PayPal does not allow this payment to be given back."),
    "PARTIAL_REFUND_NOT_ALLOWED": _("PayPal gives this payment back only in full."),
    "REFUND_FAILED_INSUFFICIENT_FUNDS": _(
        "The PayPal account of the business does not hold enough to give back."
    ),
    "REFUND_CAPTURE_CURRENCY_MISMATCH": _("A payment is given back in the currency in which it was paid."),
    "CAPTURE_DISPUTED_PARTIAL_REFUND_NOT_ALLOWED": _(
        "The customer disputes this payment. Settle that at PayPal."
    ),
    "CHARGEBACK_REFUND_NOT_ALLOWED": _("The customer's bank disputes this payment. Settle that at PayPal."),
    "PERMISSION_DENIED": _("The PayPal application may not do this. Check its rights at PayPal."),
    "NOT_AUTHORIZED": _("The PayPal application may not do this. Check its rights at PayPal."),
    "RESOURCE_NOT_FOUND": _("PayPal does not know this payment, or no longer."),
    "INVALID_RESOURCE_ID": _("PayPal does not know this payment, or no longer."),
    "INVALID_REQUEST": _("PayPal refused the request because a field of it is not valid."),
    "RATE_LIMIT_REACHED": _("Too many requests for now. Ask again in a few minutes."),
    "AUTHENTICATION_FAILURE": _("PayPal refused the client id and secret. Check the PayPal settings."),
    "wrong_credentials": _("PayPal refused the client id and secret. Check the PayPal settings."),
    "no_connection": _("PayPal could not be reached and nothing was sent. Check the connection."),
    "no_token": _("PayPal is not answering, so nothing was sent. Ask again in a minute."),
    "no_answer": _("PayPal did not answer clearly. It is asked again later."),
}

MEANINGS = {**STILL_OPEN, **FINAL_REFUSALS, **MONEY, **REFUSALS}


def explain_issue(issue: str) -> str:
    """Return what a PayPal issue or status means, in a sentence for staff, in the language now active."""
    meaning = MEANINGS.get(issue)
    if meaning is not None:
        return str(meaning)
    return now("PayPal answered with %(code)s, which is not on our list. Look at PayPal.") % {
        "code": issue[:60]
    }
