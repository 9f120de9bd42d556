"""What Daraja's codes mean, in words for staff.

The code is the contract; the description beside it is prose that changes by channel and by year. Meanings are
from Safaricom's portal and from integrators who published what they saw on the wire.
"""

from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from payments.gateways.gateway import State

SUCCESS = "0"

# An M-Pesa prompt that ends with one of these has moved no money, as far as Safaricom knows at that moment.
FINAL_FAILURES = {
    "1": _("The customer did not have enough money on M-Pesa."),
    "2": _("The amount is below the least that M-Pesa takes."),
    "3": _("The amount is above the most that M-Pesa takes in one payment."),
    "4": _("The payment would take the customer over the daily limit."),
    "8": _("The payment would take the receiving account over its limit."),
    "17": _("The same amount was asked of this customer less than two minutes ago. Wait, then ask again."),
    "26": _("M-Pesa is busy. Ask again in a few minutes."),
    "1001": _("Another M-Pesa request is open on this phone. Ask again in a few minutes."),
    "1019": _("The request expired before it was answered. Ask again."),
    "1025": _("M-Pesa could not send the request to the phone. Ask again."),
    "1031": _("The customer cancelled the request."),
    "1032": _("The customer cancelled the request, or it closed on the phone unanswered."),
    "1036": _("The phone could not be reached. Ask again when it is on and has signal."),
    "1037": _("The customer did not answer, or the phone could not be reached."),
    "2001": _("The customer entered a wrong PIN."),
    "2028": _("This till or paybill number may not ask for this kind of payment. Check the M-Pesa settings."),
    "8006": _("M-Pesa has locked the credential of this account. Call Safaricom."),
    "9999": _("M-Pesa could not send the request to the phone. Ask again."),
    "SFC_IC0003": _("M-Pesa does not know this phone, till or paybill number. Check them."),
}

STILL_OPEN = "4999"

NOT_DECIDED = {
    STILL_OPEN: _("The request is still open on the phone."),
    "500.001.1001": _("M-Pesa refused: another request is open on this phone, or the settings are wrong."),
}

# Codes of payouts, reversals and checks of the customer's own payments.
OTHER_SERVICES = {
    "11": _("The paying account is not active."),
    "21": _("The API operator of this account may not do this. Ask Safaricom for the role."),
    "2006": _("The account is not active, or a rule of it forbids this."),
    "2032": _("M-Pesa does not know this receipt number."),
    "2040": _("The receiver is not registered with M-Pesa."),
    "R000001": _("This payment was already reversed."),
    "R000002": _("M-Pesa does not know the payment to be reversed."),
    "C2B00011": _("We refused the payment: the phone number is not valid."),
    "C2B00012": _("We refused the payment: the account number is not known."),
    "C2B00013": _("We refused the payment: the amount is not right."),
    "C2B00014": _("We refused the payment: the customer's details are not right."),
    "C2B00015": _("We refused the payment: the paybill number is not ours."),
    "C2B00016": _("We refused the payment."),
}

# A request that Daraja refused at once: nothing was shown on any phone.
REFUSALS = {
    "400.002.02": _("Safaricom refused the request because a field of it is not valid."),
    "400.002.05": _("Safaricom could not read the request."),
    "400.003.01": _("Safaricom did not accept our access. Check the consumer key and secret."),
    "401.001": _("Safaricom did not accept our access. Check the consumer key and secret."),
    "404.001.03": _("Safaricom did not accept our access. Check the consumer key and secret."),
    "404.001.04": _("Safaricom did not accept our access. Check the consumer key and secret."),
    "404.001.01": _("Safaricom has no such service at this address. Check the M-Pesa settings."),
    "404.003.01": _("Safaricom has no such service at this address. Check the M-Pesa settings."),
    "405.001": _("Safaricom does not take this kind of request at this address."),
    "500.003.02": _("Safaricom is busy. Ask again in a minute."),
    "500.003.03": _("Too many requests for now. Ask again in a few minutes."),
    "500.003.1001": _("Safaricom has a fault. Ask again in a few minutes."),
    "500.002.1001": _("Safaricom has this very request already."),
    "no_connection": _("Safaricom could not be reached and nothing was sent. Check the connection."),
    "no_token": _("Safaricom is not answering, so nothing was sent. Ask again in a minute."),
    "wrong_credentials": _("Safaricom refused the consumer key and secret. Check the M-Pesa settings."),
}

# Payouts and reversals that end with one of these have moved no money. Some differ from prompts.
ALREADY_REVERSED = "R000001"
UNKNOWN_RECEIPT = "2032"
OPERATION_FAILURES = {
    "1": _("There is not enough money on our M-Pesa account."),
    "2": FINAL_FAILURES["2"],
    "3": FINAL_FAILURES["3"],
    "4": _("The payment would take the receiver over the daily limit."),
    "8": FINAL_FAILURES["8"],
    "11": OTHER_SERVICES["11"],
    "17": _("The same amount was sent to this receiver less than two minutes ago."),
    "21": OTHER_SERVICES["21"],
    "26": FINAL_FAILURES["26"],
    "2001": _("M-Pesa refused the name or credential of our API operator. Check the M-Pesa settings."),
    "2006": OTHER_SERVICES["2006"],
    "2028": _("Our M-Pesa account may not make this kind of payment. Ask Safaricom for the product."),
    "2040": OTHER_SERVICES["2040"],
    "8006": FINAL_FAILURES["8006"],
    "R000002": OTHER_SERVICES["R000002"],
    "SFC_IC0003": FINAL_FAILURES["SFC_IC0003"],
}

MEANINGS = {SUCCESS: _("Paid."), **FINAL_FAILURES, **NOT_DECIDED, **OTHER_SERVICES, **REFUSALS}


def explain_code(code: object) -> str:
    """Return what a Daraja result or error code means, in a sentence for staff, in the language now active.

    A code that is not known says so; it is neither a success nor a failure.
    """
    meaning = MEANINGS.get(str(code))
    if meaning is not None:
        return str(meaning)
    return now("M-Pesa answered with code %(code)s, which is not on its list. Treat it as not decided.") % {
        "code": str(code)[:40]
    }


def is_final_failure(code: object) -> bool:
    """Tell whether a prompt with this result code has failed.

    False for success, for "still open" and for every unknown code: those must be left undecided.
    """
    return str(code) in FINAL_FAILURES


def prompt_state(code: object) -> State:
    """Return where the money of a prompt is that ended, or stands, with this result code."""
    if str(code) == SUCCESS:
        return State.PAID
    if str(code) == STILL_OPEN:
        return State.PENDING
    return State.FAILED if is_final_failure(code) else State.UNKNOWN


def operation_state(code: object) -> State:
    """Return where money is that we sent, or sent back, and that ended with this result code."""
    if str(code) in (SUCCESS, ALREADY_REVERSED):
        return State.PAID
    return State.FAILED if str(code) in OPERATION_FAILURES else State.UNKNOWN


def explain_operation(code: object) -> str:
    """Return what the result code of a payout or reversal means, as explain_code does for prompts."""
    if str(code) == SUCCESS:
        return now("Done.")
    return str(OPERATION_FAILURES.get(str(code)) or explain_code(code))
