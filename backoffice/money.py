"""Amounts of money: decimals with two places and a currency code beside them; never floats."""

from decimal import Decimal

from django.utils.html import format_html

CENT = Decimal("0.01")
CURRENCIES = [("KES", "KES"), ("GHS", "GHS"), ("USD", "USD")]


def format_money(amount, currency):
    """Return an amount as staff read it: `KES 1,234.50`; a dash for None."""
    return "–" if amount is None else f"{currency} {amount:,.2f}"


def money_cell(amount, currency):
    """Return an amount for a table cell: never broken over two lines, digits under digits."""
    return format_html('<span class="money">{}</span>', format_money(amount, currency))
