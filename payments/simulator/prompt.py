"""One payment request on the customer's phone, and how it ends."""

import secrets
import string
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from payments.gateways.mpesa.values import NAIROBI

LETTERS = string.ascii_uppercase
IGNORE = "ignore"
LATE = "late"
UNREACHED = "1037"

# choice: (result code, words of the callback)
ENDINGS = {
    "pin": ("0", "The service request is processed successfully."),
    "cancel": ("1032", "Request cancelled by user."),
    "wrong_amount": ("0", "The service request is processed successfully."),
    "wrong_pin": ("2001", "The initiator information is invalid."),
    "no_money": ("1", "The balance is insufficient for the transaction."),
    IGNORE: (UNREACHED, "No response from user."),
    LATE: ("0", "The service request is processed successfully."),
}
LABELS = {
    "pin": _("Enter PIN"),
    "cancel": _("Cancel"),
    IGNORE: _("Ignore"),
    "wrong_amount": _("Pay a wrong amount"),
    "wrong_pin": _("Wrong PIN"),
    "no_money": _("Not enough money"),
}


class AlreadyAnswered(Exception):
    """The prompt was answered before, or its time is over; or it cannot be paid late."""


@dataclass(eq=False)
class Prompt:
    """A prompt as the phone shows it. `amount` and `paid` are whole KES; `choice` is empty while it is open.
    `answered_with` is the HTTP status that the shop gave to the callback, 0 for none.

    `schedule(prompt)` is called once when the customer chose, to end the prompt after the network's delay.
    """

    merchant_request_id: str
    checkout_request_id: str
    shortcode: str
    payee: str
    phone: str
    amount: int
    reference: str
    description: str
    callback_url: str
    asked_at: datetime
    schedule: Callable[["Prompt"], None] = field(repr=False)
    choice: str = ""
    result_code: str = ""
    result_desc: str = ""
    paid: int = 0
    receipt: str = ""
    ended_at: datetime | None = None
    answered_with: int = 0
    delivered: threading.Event = field(default_factory=threading.Event, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def answer(self, choice: str) -> None:
        """Do what the customer does: pin, cancel, ignore, wrong_amount, wrong_pin or no_money.

        Raises AlreadyAnswered, and ValueError for another choice.
        """
        if choice not in LABELS:
            raise ValueError(f"a customer cannot {choice!r}; only {', '.join(LABELS)}")
        with self._lock:
            if self.choice:
                raise AlreadyAnswered
            self.choice = choice
        if choice != IGNORE:  # an ignored prompt stays on the phone until its time is over
            self.schedule(self)

    @property
    def can_be_paid_late(self) -> bool:
        """Whether Safaricom has told that this prompt failed; at times money moves all the same."""
        return self.delivered.is_set() and self.result_code not in ("", "0")

    def pay_late(self) -> None:
        """Let the network pay a prompt after it was reported as failed: a second callback, with success.

        Raises AlreadyAnswered unless the failure has been reported.
        """
        with self._lock:
            if not self.can_be_paid_late:
                raise AlreadyAnswered
            self.choice = LATE
            self.delivered.clear()
        self.schedule(self)

    def time_is_over(self) -> bool:
        """Close a prompt that nobody answered; tell whether this was one."""
        with self._lock:
            if self.choice not in ("", IGNORE):
                return False
            self.choice = IGNORE
            return True

    def end(self) -> None:
        """Let Safaricom decide: set the result and, for a payment, the receipt."""
        self.ended_at = datetime.now(NAIROBI)
        code, self.result_desc = ENDINGS[self.choice]
        if code == "0":
            wrong = max(1, self.amount // 2) if self.amount > 1 else self.amount + 1
            self.paid = wrong if self.choice == "wrong_amount" else self.amount
            self.receipt = new_receipt(self.ended_at)
        self.result_code = code


def new_receipt(moment: datetime) -> str:
    """Return a receipt number like Safaricom's: ten characters, of which three are year, month and day."""
    day = (string.digits + LETTERS)[moment.day]
    tail = "".join(secrets.choice(LETTERS + string.digits) for _place in range(7))
    return f"{LETTERS[(moment.year - 2006) % 26]}{LETTERS[moment.month - 1]}{day}{tail}"
