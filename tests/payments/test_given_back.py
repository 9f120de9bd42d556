"""Money that went back: what M-Pesa's statement has, what the refunds of the books have, and what differs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from backoffice.roles import ACCOUNTANT
from payments.services.findings import Kind
from payments.services.reconciliation import Source, differences
from payments.services.refunds import resolve_refund
from payments.services.statements import explain_payment, park_line
from tests.builders import make_user
from tests.payments.money import fresh
from tests.payments.refunds import make_free, result_for
from tests.payments.statements import make_line
from tests.payments.test_refund_results import deliver, sent

pytestmark = pytest.mark.django_db
PAGE = reverse_lazy("admin:payments_statementline_reconciliation")


def went_out(business, receipt="SKE52PAWR9", amount="250.00", kind="reversal", **values):
    """A line of today by which money left."""
    out = {"paid_in": 0, "paid_out": Decimal(amount), "happened_at": timezone.now()}
    return make_line(business, receipt, kind=kind, **out, **values)


def given_back(business, amount=250, code=0):
    """A refund that Safaricom has carried out."""
    refund = sent(make_free(business), amount)
    deliver(refund, result_for(refund, code))
    return fresh(refund)


def look(business, bank=""):
    today = timezone.localdate(timezone=business.clock)
    return differences(Source(business, bank=bank), today - timedelta(days=1), today + timedelta(days=1))


def found(business):
    return [(each.kind, each.amount) for each in look(business).given_back]


@pytest.mark.parametrize(("amount", "kind"), [(250, "reversal"), (100, "payout"), (100, "other")])
def test_nothing_differs_when_each_receipt_is_on_both_sides(store, amount, kind):
    given_back(store, amount)
    went_out(store, amount=f"{amount}.00", kind=kind)
    went_out(store, amount="5.00", kind="charge")
    assert found(store) == []


def test_what_was_reversed_before_is_known_by_its_payment(store):
    refund = given_back(store, code="R000001")
    assert refund.receipt is None
    went_out(store, "SKE52PAWR7", linked_receipt=refund.payment.transaction_id)
    assert found(store) == []


def test_a_reversal_of_which_the_books_know_nothing_waits_for_a_person(store):
    line = went_out(store)
    (finding,) = look(store).given_back
    assert (finding.kind, finding.amount, finding.in_statement, finding.in_books) == (
        Kind.BACK_UNBOOKED,
        -250,
        250,
        None,
    )
    assert look(store).waiting == [finding]
    park_line(line, note="Reversed by Safaricom", by=None)
    assert (found(store), look(store).waiting) == ([(Kind.ASIDE, -250)], [])


def test_a_refund_in_doubt_that_the_statement_shows_is_listed_until_its_end_is_known(store):
    refund = sent(make_free(store))
    went_out(store, linked_receipt=refund.payment.transaction_id)
    assert found(store) == [(Kind.BACK_UNBOOKED, -250)]
    deliver(refund, result_for(refund))
    assert found(store) == []


def test_a_refund_said_to_have_failed_that_the_statement_shows_is_listed_until_that_is_corrected(store):
    refund = resolve_refund(sent(make_free(store)), went=False, by=None, reason="Not seen")
    went_out(store, linked_receipt=refund.payment.transaction_id)
    assert found(store) == [(Kind.BACK_UNBOOKED, -250)]
    resolve_refund(refund, went=True, by=None, reason="Statement")
    assert found(store) == []


def test_a_refund_that_the_statement_does_not_show_waits_for_a_person(store):
    refund = given_back(store)
    assert found(store) == [(Kind.BACK_UNSEEN, 250)]
    explain_payment(refund.payment, text="On tomorrow's statement", by=None)
    assert found(store) == [(Kind.ASIDE, 250)]


def test_amounts_that_differ_wait_for_a_person(store):
    given_back(store, 100)
    went_out(store, amount="90.00", kind="payout")
    assert found(store) == [(Kind.BACK_AMOUNT, 10)]


def test_money_is_paid_out_for_other_reasons_too(store):
    went_out(store, kind="payout")
    went_out(store, amount="900.00", kind="transfer")
    went_out(store, kind="reversal", bank="Equity")
    assert found(store) == look(store, bank="Equity").given_back == []


def test_the_page_and_the_report_tell_of_it(client, store, capsys):
    line, refund = went_out(store, "SKE52PAWR7"), given_back(store)
    with pytest.raises(SystemExit):
        call_command("money_report", "--day", str(timezone.localdate(timezone=store.clock)))
    sides = "statement, not in the books", "books, not in the statement"
    told = [f"Given back in the {side}: 1" for side in sides]
    report = capsys.readouterr().out
    client.force_login(make_user((store, ACCOUNTANT)))
    day = refund.done_at.date()
    days = {"first": day - timedelta(days=1), "last": day + timedelta(days=1)}
    page = client.get(PAGE, days).text
    assert all(each in report and each in page for each in told) and "SKE52PAWR7" in report
    settle(client, page, "statementline", "park_line", line)
    settle(client, page, "payment", "explain_payment", refund.payment)
    assert client.get(PAGE, days).text.count("It belongs to the other till") == 3


def settle(client, page, model, window, row):
    """Open a window that the page offers, and write why."""
    address = reverse(f"admin:payments_{model}_{window}", args=[row.pk])
    assert address in page
    client.post(address, {"note": "It belongs to the other till"})
