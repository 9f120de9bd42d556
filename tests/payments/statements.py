"""Builders for statements."""

from datetime import UTC, datetime
from decimal import Decimal

from payments.models import StatementLine

NOON = datetime(2026, 11, 20, 9, tzinfo=UTC)


def make_line(business, receipt="TKL1A2B3C4", amount="250.00", **values):
    """A customer's money in a statement, at noon in Nairobi."""
    bank = values.get("bank", "")
    line = StatementLine(
        business=business,
        key=f"{bank}:{receipt}:{values.get('kind', 'customer')}:{amount}",
        receipt=receipt,
        **{"happened_at": NOON, "kind": "customer", "paid_in": Decimal(amount), **values},
    )
    line.save()
    return line
