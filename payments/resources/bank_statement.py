"""The statement of a bank account, as its online banking exports it, under any bank's headings."""

from collections import Counter
from hashlib import sha256

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.imports.engine.staged import staged_column
from backoffice.spreadsheets.columns import Column
from backoffice.spreadsheets.widgets import CellWidget, DateWidget
from payments.models import LineKind, StatementLine
from payments.resources.statement_rows import (
    MomentWidget,
    SignedMoneyWidget,
    StatementImport,
    came_in,
    went_out,
)

CHARGES = ("charge", "fee", "commission", "excise", "ledger fee", "stamp duty")


class BankStatementImport(StatementImport):
    """The part of BankStatementResource that the engine asks.

    The name under which the columns are remembered is that of the bank account.
    """

    name = "bank_statement"
    title = gettext_lazy("Bank statement")

    @property
    def bank(self):
        return (self.job and self.job.supplier) or _("Bank")

    def stage_details(self, column):
        return staged_column(StatementLine, "details", column, self.reader(column))

    def key_maker(self):
        """A bank numbers no lines: the same text twice on a day is two lines, the first and the second."""
        seen = Counter()

        def line_key(row):
            parts = [self.bank.casefold(), row["happened_at"], row.get("receipt") or "", row["details"]]
            told = repr([*parts, came_in(row), went_out(row)])
            seen[told] += 1
            return f"bank:{sha256(f'{told}{seen[told]}'.encode()).hexdigest()}"

        return line_key

    def kind_of(self, row):
        if came_in(row):
            return LineKind.CUSTOMER
        text = (row["details"] or "").casefold()
        return LineKind.CHARGE if any(word in text for word in CHARGES) else LineKind.OTHER


class BankStatementResource(BankStatementImport):
    """The lines of a bank account: credit and debit in two columns, or one amount with a sign."""

    happened_at = Column(
        "happened_at",
        "Date",
        MomentWidget(),
        aliases=["transaction_date", "trans_date", "posting_date", "booking_date", "txn_date", "post_date"],
        needed="always",
        examples=["20/11/2026", "20/11/2026"],
    )
    value_date = Column(
        "value_date",
        "Value date",
        DateWidget(),
        aliases=["value", "val_date", "value_dt"],
        examples=["20/11/2026", "20/11/2026"],
    )
    details = Column(
        "details",
        "Description",
        CellWidget(),
        aliases=["details", "narration", "narrative", "particulars", "transaction_details", "remarks"],
        needed="always",
        examples=["RTGS from Jane Doe, W-0427", "Ledger fee"],
    )
    receipt = Column(
        "receipt",
        "Reference",
        CellWidget(),
        aliases=["ref", "reference_no", "reference_number", "transaction_reference", "cheque_no", "txn_id"],
        examples=["FT26325XK1", ""],
        when_empty=gettext_lazy("The line is known by its day, text and amount."),
    )
    paid_in = Column(
        "paid_in",
        "Credit",
        SignedMoneyWidget(),
        aliases=["paid_in", "deposit", "deposits", "credits", "money_in", "credit_amount", "cr"],
        examples=["12500.00", ""],
    )
    paid_out = Column(
        "paid_out",
        "Debit",
        SignedMoneyWidget(),
        aliases=["paid_out", "withdrawal", "withdrawals", "debits", "money_out", "debit_amount", "dr"],
        examples=["", "150.00"],
    )
    amount = Column(
        "amount",
        "Amount",
        SignedMoneyWidget(),
        aliases=["transaction_amount", "value_amount"],
        when_empty=gettext_lazy("For banks that write what went out with a minus."),
    )
    balance = Column(
        "balance",
        "Balance",
        SignedMoneyWidget(),
        aliases=["running_balance", "closing_balance", "ledger_balance", "book_balance"],
        examples=["80500.00", "80350.00"],
    )

    class Meta:
        model = StatementLine
        import_id_fields = ["details"]
        fields = [
            "happened_at",
            "value_date",
            "details",
            "receipt",
            "paid_in",
            "paid_out",
            "amount",
            "balance",
        ]
