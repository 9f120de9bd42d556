from payments.models.account import Provider, ProviderAccount
from payments.models.allocation import Allocation
from payments.models.attempt import AttemptStatus, PaymentAttempt
from payments.models.cheque import Cheque, ChequeStatus
from payments.models.drawer import CashDrawer
from payments.models.event import Channel, EventOutcome, WebhookEvent
from payments.models.outbox import OutboxItem, OutboxTopic
from payments.models.payment import Payment, PaymentMethod, PaymentStatus, UnmatchedMoney
from payments.models.refund import Refund, RefundStatus
from payments.models.statement import Explanation, LineKind, StatementLine
from payments.models.till import CashMovement, CashReason, TillSession, TillStatus
from payments.models.transfer import BankTransfer, TransferStatus

__all__ = [
    "Allocation",
    "AttemptStatus",
    "BankTransfer",
    "CashDrawer",
    "CashMovement",
    "CashReason",
    "Channel",
    "Cheque",
    "ChequeStatus",
    "EventOutcome",
    "Explanation",
    "LineKind",
    "OutboxItem",
    "OutboxTopic",
    "Payment",
    "PaymentAttempt",
    "PaymentMethod",
    "PaymentStatus",
    "Provider",
    "ProviderAccount",
    "Refund",
    "RefundStatus",
    "StatementLine",
    "TillSession",
    "TillStatus",
    "TransferStatus",
    "UnmatchedMoney",
    "WebhookEvent",
]
