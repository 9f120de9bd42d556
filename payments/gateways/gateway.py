"""What every payment provider can do for us, and the words in which it is said.

A provider is one class with these methods. Gateways know protocols and nothing of orders or the database;
dataclasses go in and come out. Amounts are Decimals in whole units of `currency` (KES 249.97).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """Where money is, as far as the provider has told."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    UNKNOWN = "unknown"  # nobody can tell now: ask again later; never taken for a failure


@dataclass(frozen=True, slots=True)
class Ask:
    """A customer to be asked for money.

    `key` is ours, the same each time this very request is made; `reference` is what the customer sees.
    `phone` is 254XXXXXXXXX, for providers that ask on a phone. `callback_url` is where the provider tells how
    it ended, `return_url` where the customer's browser goes afterwards.
    """

    key: str
    amount: Decimal
    currency: str
    reference: str
    description: str = ""
    phone: str = field(default="", repr=False)
    callback_url: str = field(default="", repr=False)
    return_url: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The provider took the request. `reference` is its own name for it; `link` is for the customer."""

    reference: str = field(repr=False)
    second_reference: str = ""
    link: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the provider says now about money asked for, or about a refund.

    `receipt` is its own number of the money that moved; `amount` and `currency` are None and "" where it does
    not say. `text` is a sentence for staff.
    """

    state: State
    code: str = ""
    text: str = ""
    amount: Decimal | None = None
    currency: str = ""
    receipt: str = ""
    reference: str = field(default="", repr=False)


class Kind(StrEnum):
    """What a delivery is about."""

    ATTEMPT = "attempt"  # money that we asked for: `state` tells how it stands
    MONEY = "money"  # money that a customer sent unasked
    CHECK = "check"  # the provider asks whether we would take money: nothing moved
    REFUND = "refund"  # money going back: `state` tells how it stands
    DISPUTE = "dispute"  # the bank takes money back, or lets it go again
    STATUS = "status"  # the answer to a question about money
    OTHER = "other"  # well formed, and nothing to us


@dataclass(frozen=True, slots=True)
class Notice:
    """One delivery, read. A claim, until what it says was compared with what was asked.

    `event_id` is the provider's id of the delivery, empty where it has none. `key` is our key as the provider
    gives it back (see Ask and RefundAsk), empty where it cannot. `reference` and `second_reference` are those
    of Asked. `account` is the shop's own account there: paybill, till or merchant. `billref` is what the
    customer typed. `phone` is 254XXXXXXXXX or empty; `phone_hash` the SHA-256 in hex where only that is told.
    `original_receipt` is, for refunds and disputes, the receipt of the money that goes back. `problems` stand
    in the way of counting it as money, `remarks` do not; both are English, marked for translation.
    """

    kind: Kind
    state: State = State.UNKNOWN
    event_id: str = ""
    key: str = ""
    reference: str = field(default="", repr=False)
    second_reference: str = ""
    account: str = ""
    amount: Decimal | None = None
    currency: str = ""
    receipt: str = ""
    original_receipt: str = ""
    paid_at: datetime | None = None
    billref: str = ""
    phone: str = field(default="", repr=False)
    phone_hash: str = field(default="", repr=False)
    payer: str = field(default="", repr=False)
    code: str = ""
    text: str = ""
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefundAsk:
    """Money to be given back: `amount` of the payment with `receipt`, to `phone` where that is the way."""

    key: str
    receipt: str
    amount: Decimal
    currency: str
    is_whole: bool
    reason: str
    phone: str = field(default="", repr=False)
    callback_url: str = field(default="", repr=False)
    timeout_url: str = field(default="", repr=False)


class AskRefused(Exception):
    """Definite: the provider did nothing.

    `code` is its own or one of ours, `text` a sentence for staff, `retry_after` the seconds after which the
    same request may work, None when something has to be changed first.
    """

    def __init__(self, code: str, text: str, retry_after: int | None = None):
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text
        self.retry_after = retry_after


class AskUnknown(Exception):
    """No clear answer. `may_repeat`: the provider knows our key, so that asking again is safe."""

    def __init__(self, text: str, *, may_repeat: bool = False):
        super().__init__(text)
        self.text = text
        self.may_repeat = may_repeat


class Forged(Exception):
    """The delivery is not from the provider; `reason` is for the log and quotes nothing of it."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Unverified(Exception):
    """Nobody can say now whether the delivery is the provider's: it must be sent again later."""


class Unreadable(Exception):
    """The body is not what the provider sends; `reason` says why without quoting it."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Gateway(Protocol):
    """A payment provider. Calls go out with time limits and must be made outside database transactions."""

    def ask(self, ask: Ask) -> Asked:
        """Ask for money. Raises AskRefused, AskUnknown, and RuleBroken for what can't be asked for."""

    def standing(self, reference: str) -> Standing:
        """Return how money asked for stands by now; State.UNKNOWN when nobody answers."""

    def verify(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> None:
        """Let the provider's own delivery pass; raises Forged, Unverified, or RuleBroken without a secret."""

    def read(self, body: bytes, *, received_at: datetime) -> Notice:
        """Read a delivery that passed. Raises Unreadable, and nothing else."""

    def refund(self, ask: RefundAsk) -> Standing:
        """Ask for money to be given back. Raises AskRefused and AskUnknown."""
