"""How money is told on a page: colours of statuses, phones as people say them, bodies as text."""

import contextlib
import json
import re

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from payments.models import AttemptStatus, ChequeStatus, EventOutcome, PaymentStatus, TransferStatus

PAYMENT_COLOURS = {
    PaymentStatus.PENDING: "info",
    PaymentStatus.SUCCESSFUL: "success",
    PaymentStatus.FAILED: "danger",
    PaymentStatus.REFUNDED: "warning",
}
ATTEMPT_COLOURS = {
    AttemptStatus.CREATED: "info",
    AttemptStatus.SUBMITTED: "info",
    AttemptStatus.SUCCEEDED: "success",
    AttemptStatus.FAILED: "danger",
    AttemptStatus.EXPIRED: "warning",
    AttemptStatus.UNKNOWN: "warning",
    AttemptStatus.REVIEW: "warning",
}
CLAIM_COLOURS = {
    TransferStatus.CLAIMED: "info",
    TransferStatus.CONFIRMED: "success",
    TransferStatus.REJECTED: "danger",
    ChequeStatus.RECEIVED: "info",
    ChequeStatus.DEPOSITED: "info",
    ChequeStatus.CLEARED: "success",
    ChequeStatus.BOUNCED: "danger",
}
EVENT_COLOURS = {
    EventOutcome.WAITING: "info",
    EventOutcome.APPLIED: "success",
    EventOutcome.REVIEW: "warning",
    EventOutcome.UNREADABLE: "warning",
    EventOutcome.ERROR: "danger",
}
# Nine digits and more may be a phone number, alone or at the end of Safaricom's id of a prompt;
# fourteen that begin with 20 are a moment.
LONG_NUMBER = re.compile(r"(?<![0-9])(?!20[0-9]{12}(?![0-9]))[0-9]{6,}(?=[0-9]{3})")
MOST_SHOWN = 20_000


def pill(text, colour=""):
    """Return a status as the theme's coloured label, for lists and pages alike."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def local_phone(phone):
    """Return 254712345678 as staff say it: 0712 345 678."""
    if not re.fullmatch(r"254[0-9]{9}", phone):
        return phone
    local = f"0{phone[3:]}"
    return f"{local[:4]} {local[4:7]} {local[7:]}"


def what_happened(attempt):
    """Return how a prompt ended, in a sentence or two; empty while nothing has."""
    late = _("The money came after the request was given up.") if attempt.is_late else ""
    claim = ""
    if attempt.claimed_receipt and attempt.status != AttemptStatus.SUCCEEDED:
        claim = _("The customer shows receipt %s, not verified.") % attempt.claimed_receipt
    return " ".join(filter(None, [attempt.message, late, claim]))


def readable_body(body):
    """Return a delivery as indented JSON, or as whatever text its bytes make; never raises."""
    text = body.decode("utf-8", "backslashreplace")
    with contextlib.suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return "".join(each if each.isprintable() or each == "\n" else "�" for each in text[:MOST_SHOWN])


def mask_numbers(text):
    """Hide phone numbers, all but the last three digits."""
    return LONG_NUMBER.sub(lambda found: "*" * len(found[0]), text)
