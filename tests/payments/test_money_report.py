"""The daily report from the command line: nothing differs, or why, and an exit code for cron."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from payments.services.statements import park_line
from tests.builders import make_business
from tests.payments.statements import make_line
from tests.payments.test_reconciliation import make_money


def report(**options):
    """Run the report of the day of the lines. Returns (exit code, what it says)."""
    out, code = StringIO(), 0
    try:
        call_command("money_report", "--day", "2026-11-20", stdout=out, **options)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue()


def test_a_day_on_which_nothing_differs(store):
    make_line(store)
    make_money(store)
    code, text = report()
    assert code == 0
    assert "KES 250.00" in text and "Difference  KES 0.00" in text


def test_what_differs_is_named_until_somebody_settles_it(store):
    line = make_line(store)
    code, text = report()
    assert code == 1
    assert "In the statement, not in the books: 1" in text
    assert "TKL1A2B3C4" in text and "Oldest that waits: 2026-11-20 12:00" in text
    park_line(line, note="Owner's deposit", by=None)
    code, text = report()
    assert (code, "Owner's deposit" in text, "Oldest" in text) == (0, True, False)


def test_money_without_any_statement_is_said_to_be_so(store):
    make_money(store)
    code, text = report()
    assert code == 1 and "No statement of this day was loaded." in text


def test_one_business_can_be_asked_for_alone(store):
    make_line(store)
    quiet = make_business()
    assert report(business=quiet.code) == (0, "")
    with pytest.raises(CommandError):
        report(business="nobody")
