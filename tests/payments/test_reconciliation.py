"""Statements against books: what only one side has, what differs, and what staff do about it."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from backoffice.scoping import business_scope
from payments.models import AttemptStatus, Payment, PaymentMethod, StatementLine
from payments.services.findings import Kind
from payments.services.fitting import payments_that_fit
from payments.services.receipts import claim_receipt
from payments.services.reconciliation import Source, differences, oldest_open, sources_of
from payments.services.settlement import receive_payment
from payments.services.statements import book_line, explain_payment, park_line
from payments.services.transfers import record_transfer
from tests.builders import make_business
from tests.payments.money import ask, body_for, deliver, failure_for, fresh, make_bill, pay
from tests.payments.statements import NOON, make_line

DAY = date(2026, 11, 20)


def make_money(business, receipt="TKL1A2B3C4", amount="250.00", paid_at=NOON, method=PaymentMethod.MPESA):
    """A received payment that is for no order yet."""
    payment = Payment(business=business, amount=Decimal(amount), currency="KES", method=method)
    payment.save()
    return receive_payment(payment, by=None, reason="came", transaction_id=receipt, paid_at=paid_at)


def look(business, first=DAY, last=DAY, bank=""):
    found = differences(Source(business, bank=bank), first, last)
    assert found.difference == sum((each.amount for each in found.findings), Decimal(0))
    return found


def kinds(found):
    return [each.kind for each in found.findings]


def test_nothing_differs_when_each_receipt_is_on_both_sides(store):
    make_line(store)
    make_money(store)
    found = look(store)
    assert (found.statement, found.books, found.findings) == (250, 250, [])


def test_a_line_without_a_payment_is_booked_once_with_its_receipt_payer_and_time(store):
    line = make_line(store, counterparty="254712345678 - JANE DOE", payer_reference="W-0427")
    assert kinds(look(store)) == [Kind.UNBOOKED]
    payment = book_line(line, by=None)
    assert (payment.transaction_id, payment.paid_at, payment.free) == ("TKL1A2B3C4", NOON, 250)
    told = payment.payer_name, payment.payer_phone, payment.payer_reference
    assert told == ("JANE DOE", "254712345678", "W-0427")
    assert look(store).findings == []
    with pytest.raises(RuleBroken):
        book_line(line, by=None)
    assert Payment._base_manager.count() == 1


def test_a_payment_that_no_statement_shows_is_explained_and_kept(store):
    payment = make_money(store)
    found = look(store)
    assert (kinds(found), found.difference, found.has_statement) == ([Kind.UNSEEN], -250, False)
    explain_payment(payment, text="Other till, moved tomorrow", by=None)
    assert (kinds(look(store)), look(store).waiting) == ([Kind.ASIDE], [])
    with pytest.raises(RuleBroken):
        explain_payment(payment, text="again", by=None)


def test_amounts_that_differ_wait_for_a_person(store):
    make_line(store, amount="300.00")
    make_money(store, amount="250.00")
    [finding] = look(store).findings
    assert (finding.kind, finding.amount, finding.is_open) == (Kind.AMOUNT, 50, True)


def test_money_around_midnight_is_found_on_the_other_day(store):
    midnight = datetime(2026, 11, 20, 21, tzinfo=UTC)
    make_line(store, happened_at=midnight - timedelta(seconds=1))
    make_money(store, paid_at=midnight + timedelta(seconds=1))
    for day, difference in ((DAY, 250), (DAY + timedelta(days=1), -250)):
        found = look(store, day, day)
        assert (kinds(found), found.difference, found.waiting) == ([Kind.ELSEWHERE], difference, [])
    assert look(store, DAY, DAY + timedelta(days=1)).findings == []


def test_charges_and_own_money_are_told_apart(store):
    make_line(store, kind="charge", paid_in=0, paid_out=Decimal("5.00"))
    make_line(store, kind="transfer", amount="900.00")
    found = look(store)
    assert (found.statement, found.findings) == (0, [])
    assert found.apart == {"Charge": (0, 5), "Own money moved": (900, 0)}


def test_a_line_put_aside_is_explained_and_can_still_be_booked(store):
    line = make_line(store)
    park_line(line, note="The owner's own deposit", by=None)
    assert (kinds(look(store)), look(store).waiting) == ([Kind.ASIDE], [])
    book_line(fresh(line), by=None)
    assert look(store).findings == []


def test_a_payment_whose_receipt_is_missing_gets_it_from_the_line(store):
    payment = make_money(store, receipt=None)
    line = make_line(store, happened_at=NOON + timedelta(minutes=3))
    assert kinds(look(store)) == [Kind.UNBOOKED, Kind.UNSEEN]
    assert [*payments_that_fit(line)] == [payment]
    assert book_line(line, by=None, payment=payment).transaction_id == "TKL1A2B3C4"
    assert look(store).findings == []


@pytest.mark.parametrize(
    "other", [{"amount": "251.00"}, {"paid_at": NOON - timedelta(days=1)}, {"receipt": "TKL9A2B3C4"}]
)
def test_other_money_is_not_taken_for_the_line(store, other):
    line, payment = make_line(store), make_money(store, **{"receipt": None, **other})
    with pytest.raises(RuleBroken, match="not the money"):
        book_line(line, by=None, payment=payment)
    assert fresh(line).payment_id is None


def test_a_receipt_that_the_customer_showed_is_confirmed_and_pays_the_order(store):
    attempt = ask(make_bill(store, "250.00"))
    claim_receipt(attempt, receipt="TKL1A2B3C4", by=None)
    payment = book_line(make_line(store), by=None)
    assert fresh(attempt).status == AttemptStatus.SUCCEEDED
    assert (payment.transaction_id, fresh(attempt.order).status) == ("TKL1A2B3C4", "paid")
    assert Payment._base_manager.count() == 1
    assert look(store, DAY - timedelta(days=9), date(2100, 1, 1)).findings == []


@pytest.mark.parametrize("news, status", [({}, "failed"), ({"items": {"Amount": ...}}, "review")])
def test_a_receipt_shown_for_a_request_that_failed_or_is_to_be_looked_at_counts_too(store, news, status):
    attempt = ask(make_bill(store, "250.00"))
    deliver(attempt, body_for(attempt, **news) if news else failure_for(attempt))
    assert fresh(attempt).status == status
    claim_receipt(attempt, receipt="TKL1A2B3C4", by=None)
    payment = book_line(make_line(store), by=None)
    assert fresh(attempt).status == AttemptStatus.SUCCEEDED
    assert (payment.transaction_id, fresh(attempt.order).status) == ("TKL1A2B3C4", "paid")


def test_a_callback_after_the_line_was_booked_makes_no_second_payment(store):
    book_line(make_line(store), by=None)
    pay(ask(make_bill(store, "250.00")), "TKL1A2B3C4")
    assert Payment._base_manager.filter(status="successful").count() == 1


def test_a_bank_transfer_that_was_only_claimed_is_confirmed_by_its_line(store):
    order = make_bill(store, "250.00")
    account = {"bank_account": "Equity", "reference": "FT1", "value_date": DAY}
    claim = record_transfer(order, amount=Decimal(250), by=None, **account)
    line = make_line(store, "FT1", bank="Equity")
    book_line(line, by=None, noted=claim)
    assert (fresh(claim).status, fresh(order).status) == ("confirmed", "paid")
    assert look(store, bank="Equity").findings == []


def test_two_deposits_with_one_reference_are_one_payment_each(store):
    lines = [make_line(store, "SAME", bank=bank) for bank in ("Equity", "KCB")]
    payments = {book_line(line, by=None).pk for line in lines}
    assert len(payments) == 2
    assert look(store, bank="Equity").findings == look(store, bank="KCB").findings == []
    assert [each.bank for each in sources_of(store)] == ["", "Equity", "KCB"]


def test_what_is_no_customers_money_is_never_booked(store):
    with pytest.raises(RuleBroken, match="no customer"):
        book_line(make_line(store, kind="transfer"), by=None)
    assert not Payment._base_manager.exists()


def test_another_business_receipts_are_never_touched(store):
    other = make_business()
    with business_scope(store, other):
        theirs = make_money(other)
        line = make_line(store)
        assert kinds(look(store)) == [Kind.UNBOOKED]
        with pytest.raises(RuleBroken, match="belongs to another payment"):
            book_line(line, by=None)
        assert not payments_that_fit(line).exists()
    assert fresh(theirs).business_id == other.pk and not Payment._base_manager.filter(business=store).exists()


def test_the_oldest_money_that_waits_is_known(store):
    assert oldest_open(Source(store)) is None
    make_line(store, "TKL1A2B3C4")
    make_line(store, "TKL2A2B3C4", happened_at=NOON - timedelta(days=3))
    make_money(store, "TKL2A2B3C4", paid_at=NOON - timedelta(days=3))
    assert oldest_open(Source(store)) == NOON


def test_many_lines_take_as_many_queries_as_few(store):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            look(store)
        return len(captured)

    make_line(store)
    make_money(store, "TKL0A2B3C4")
    few = queries()
    for n in range(10, 30):
        make_line(store, f"TKL{n}A2B3C")
        make_money(store, f"TKL{n}X2B3C")
    assert queries() == few


RECEIPTS = st.sampled_from([f"TKL{n}A2B3C4" for n in range(4)])
AMOUNTS = st.sampled_from(["100.00", "250.00"])
HOURS = st.integers(-30, 30)
LINES = st.lists(st.tuples(RECEIPTS, AMOUNTS, HOURS), max_size=5, unique_by=lambda each: each[0])
MONEY = st.lists(st.tuples(RECEIPTS, AMOUNTS, HOURS), max_size=5, unique_by=lambda each: each[0])


@pytest.mark.django_db
@settings(suppress_health_check=list(HealthCheck))
@given(lines=LINES, money=MONEY, book=st.booleans())
def test_every_line_and_every_payment_is_matched_once_or_listed(lines, money, book):
    with transaction.atomic():
        check_story(make_business(), lines, money, book)
        transaction.set_rollback(True)


def check_story(business, lines, money, book):
    with business_scope(business):
        made = [make_line(business, *each[:2], happened_at=NOON + timedelta(hours=each[2])) for each in lines]
        for receipt, amount, hours in money:
            if not Payment._base_manager.filter(transaction_id=receipt).exists():
                make_money(business, receipt, amount, NOON + timedelta(hours=hours))
        expect_all_accounted_for(business)
        if book:
            book_all(business, made)
            assert Kind.UNBOOKED not in kinds(look(business, date(2026, 11, 1), date(2026, 11, 30)))
        assert [finding for finding in check_all() if not finding.holds] == []


def expect_all_accounted_for(business):
    lines = {each.receipt: each.paid_in for each in StatementLine._base_manager.filter(business=business)}
    money = dict(Payment._base_manager.filter(business=business).values_list("transaction_id", "amount"))
    found = look(business, date(2026, 11, 1), date(2026, 11, 30))
    listed = sorted((each.line or each.payment).pk for each in found.findings)
    assert len(listed) == len(set(listed))
    alone = set(lines) ^ set(money)
    unequal = {each for each in set(lines) & set(money) if lines[each] != money[each]}
    assert len(listed) == len(alone) + len(unequal)
    look(business)


def book_all(business, lines):
    for line in lines:
        with suppress(RuleBroken):
            book_line(fresh(line), by=None)
