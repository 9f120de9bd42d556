"""The statement that the M-Pesa organisation portal exports, as CSV or Excel."""

import re
from zoneinfo import ZoneInfo

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.imports.engine.stage import select
from backoffice.imports.engine.staged import StagedColumn, as_money
from backoffice.spreadsheets.columns import Column
from backoffice.spreadsheets.numbers import shortened
from backoffice.spreadsheets.widgets import CellWidget
from payments.models import LineKind, Provider, StatementLine
from payments.resources.statement_rows import (
    MomentWidget,
    SignedMoneyWidget,
    StatementImport,
    came_in,
    went_out,
)
from payments.services.accounts import account_for

RECEIPT = re.compile(r"[A-Z0-9]{6,20}")
COMPLETED = ("completed", "complete", "")
# Words of the reason, or of the details where the file has no reason; the first that is found counts.
WORDS = [
    (LineKind.CHARGE, ("charge", "fee", "tariff")),
    (LineKind.REVERSAL, ("reversal", "reversed")),
    (
        LineKind.TRANSFER,
        ("organization", "organisation", "withdraw", "settlement", "transfer", "business to business", "b2b"),
    ),
    (LineKind.PAYOUT, ("business payment", "promotion payment", "salary", "b2c", "business to customer")),
    (
        LineKind.CUSTOMER,
        (
            "pay bill",
            "paybill",
            "merchant payment",
            "pay merchant",
            "buy goods",
            "customer payment",
            "payment",
        ),
    ),
]


class ReceiptWidget(CellWidget):
    def read(self, text):
        receipt = text.upper()
        if not RECEIPT.fullmatch(receipt):
            raise ValueError(_("“%s” is no M-Pesa receipt.") % shortened(text))
        return receipt


class StatusWidget(CellWidget):
    def read(self, text):
        if text.casefold() not in COMPLETED:
            raise ValueError(_("M-Pesa says “%s”, so no money moved.") % shortened(text))
        return text


class MpesaStatementImport(StatementImport):
    """The part of MpesaStatementResource that the engine asks."""

    name = "mpesa_statement"
    title = gettext_lazy("M-Pesa statement")
    zone = ZoneInfo("Africa/Nairobi")  # Safaricom's clock, wherever the business is

    @cached_property
    def account(self):
        return account_for(self.business, Provider.MPESA)

    def stage_status(self, column):
        return StagedColumn(column, "line_status", "text", self.reader(column), now="NULL", extra=True)

    def key_maker(self):
        return line_key

    def kind_of(self, row):
        return kind_of(row.get("reason_type") or row.get("details") or "")

    def problems(self, plan):
        yield from super().problems(plan)
        others = select(
            f"SELECT p.number, s.line_in, t.paid_in FROM {plan.planned} "
            f"WHERE t.id IS NOT NULL AND NOT s.bad AND s.line_in <> t.paid_in"
        )
        for number, amount, was in others:
            text = _("This receipt is in the office already, with %s.") % as_money(was)
            yield [number, plan.key, as_money(amount), text]


def line_key(row):
    """A receipt brings money in once; it may go out with it in several parts, such as a charge."""
    if not row["receipt"]:
        return None
    if came_in(row):
        return f"mpesa:{row['receipt']}:in"
    return f"mpesa:{row['receipt']}:out:{went_out(row)}"


def kind_of(text):
    text = text.casefold()
    return next((kind for kind, words in WORDS if any(word in text for word in words)), LineKind.OTHER)


class MpesaStatementResource(MpesaStatementImport):
    """The lines of an organisation's M-Pesa account."""

    receipt = Column(
        "receipt",
        "Receipt No.",
        ReceiptWidget(),
        aliases=["receipt", "receipt_number", "transaction_id", "trans_id", "mpesa_receipt"],
        needed="always",
        examples=["TKL4A1B2C3", "TKL4D5E6F7"],
    )
    happened_at = Column(
        "happened_at",
        "Completion Time",
        MomentWidget(),
        aliases=["completed", "completion_date", "date", "time", "transaction_time"],
        needed="always",
        examples=["2026-11-20 14:05:33", "2026-11-20 18:40:02"],
    )
    details = Column(
        "details",
        "Details",
        CellWidget(),
        aliases=["description", "transaction_details"],
        examples=["Pay Bill from 254712***678 - JANE DOE Acc. W-0427", "Pay Bill Charge"],
    )
    status = Column(
        "line_status",
        "Transaction Status",
        StatusWidget(),
        aliases=["status"],
        examples=["Completed", "Completed"],
    )
    paid_in = Column(
        "paid_in",
        "Paid In",
        SignedMoneyWidget(),
        aliases=["credit", "amount_in", "received", "money_in"],
        examples=["250.00", ""],
    )
    paid_out = Column(
        "paid_out",
        "Withdrawn",
        SignedMoneyWidget(),
        aliases=["withdrawal", "debit", "paid_out", "amount_out", "money_out"],
        examples=["", "-5.00"],
    )
    balance = Column("balance", "Balance", SignedMoneyWidget(), examples=["1250.00", "1245.00"])
    reason_type = Column(
        "reason_type",
        "Reason Type",
        CellWidget(),
        aliases=["reason", "transaction_type"],
        examples=["Pay Bill Online", "Pay Bill Charge"],
    )
    counterparty = Column(
        "counterparty",
        "Other Party Info",
        CellWidget(),
        aliases=["other_party", "opposite_party", "counterparty"],
        examples=["254712***678 - JANE DOE", ""],
    )
    linked_receipt = Column(
        "linked_receipt",
        "Linked Transaction ID",
        CellWidget(),
        aliases=["linked_transaction"],
        examples=["", "TKL4A1B2C3"],
    )
    payer_reference = Column(
        "payer_reference",
        "A/C No.",
        CellWidget(),
        aliases=["account_no", "account_number", "bill_ref", "bill_ref_number", "account_reference"],
        examples=["W-0427", ""],
    )

    class Meta:
        model = StatementLine
        import_id_fields = ["receipt"]
        fields = [
            "receipt",
            "happened_at",
            "details",
            "status",
            "paid_in",
            "paid_out",
            "balance",
            "reason_type",
            "counterparty",
            "linked_receipt",
            "payer_reference",
        ]
