"""Statements of M-Pesa and of banks, loaded through the import desk: each line once, for ever."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backoffice.roles import ACCOUNTANT
from payments.models import StatementLine
from tests.builders import make_business, make_user
from tests.imports.desk import confirm, counts, csv_bytes, load, reasons, undo, xlsx_bytes
from tests.inventory.sheets import FIXTURES

SAMPLE = (FIXTURES / "mpesa_statement.csv").read_bytes()
BANK = (FIXTURES / "bank_statement.csv").read_bytes()
HEADINGS = ["Receipt No.", "Completion Time", "Details", "Paid In", "Withdrawn", "Reason Type"]


@pytest.fixture
def accountant(store):
    return make_user((store, ACCOUNTANT))


def load_all(business, data, *, by, resource="mpesa_statement"):
    job = load(business, data, by=by, resource=resource)
    assert (job.status, job.error, job.refused_rows and reasons(job)) == ("ready", "", 0)
    job = confirm(job)
    assert job.status == "done", job.error
    return job


def lines(**only):
    return StatementLine._base_manager.filter(**only).order_by("happened_at", "pk")


def row(receipt="TKL1A2B3C4", when="2026-11-20 10:00:00", paid_in="250.00", out="", reason="Pay Bill Online"):
    return [receipt, when, "", paid_in, out, reason]


def mpesa(*rows):
    return csv_bytes(*rows, headings=HEADINGS)


def test_the_portals_export_is_understood_below_its_block_of_headings(store, accountant):
    job = load_all(store, SAMPLE, by=accountant)
    told = [(each.receipt, each.kind, str(each.paid_in), str(each.paid_out)) for each in lines()]
    assert sorted(told) == [
        ("TKK1A2B3C4", "customer", "241.00", "0.00"),
        ("TKK2F3G4H5", "customer", "1250.00", "0.00"),
        ("TKK3K4L5M6", "charge", "0.00", "1.00"),
        ("TKK3K4L5M6", "customer", "100.00", "0.00"),
        ("TKK4P5Q6R7", "reversal", "0.00", "100.00"),
        ("TKK5S6T7U8", "transfer", "0.00", "2500.00"),
    ]
    jane = lines().get(receipt="TKK2F3G4H5")
    assert jane.happened_at == datetime(2026, 11, 20, 11, 5, 33, tzinfo=UTC)
    assert (jane.payer_reference, jane.counterparty) == ("W-0427", "254712***678 - JANE DOE")
    assert (jane.balance, jane.job, jane.bank, jane.account) == (Decimal("11491.00"), job, "", None)


def test_a_workbook_says_the_same(store, accountant):
    when = datetime(2026, 11, 20, 10, 0, 0)  # noqa: DTZ001 (as a workbook keeps it)
    load_all(
        store, xlsx_bytes(["TKL1A2B3C4", when, "", 250, None, "Pay Bill"], headings=HEADINGS), by=accountant
    )
    assert lines().get().happened_at == datetime(2026, 11, 20, 7, tzinfo=UTC)


def test_the_same_file_again_changes_nothing(store, accountant):
    load_all(store, SAMPLE, by=accountant)
    assert counts(load(store, SAMPLE, by=accountant, resource="mpesa_statement")) == (0, 0, 6, 0)


def test_files_that_overlap_bring_each_line_once(store, accountant):
    load_all(store, mpesa(row("TKL1A2B3C4"), row("TKL2A2B3C4")), by=accountant)
    job = load_all(store, mpesa(row("TKL2A2B3C4"), row("TKL3A2B3C4")), by=accountant)
    assert counts(job) == (1, 0, 1, 0)
    assert lines().count() == 3


def test_a_receipt_with_another_amount_than_before_is_refused(store, accountant):
    load_all(store, mpesa(row()), by=accountant)
    job = load(store, mpesa(row(paid_in="999.00")), by=accountant, resource="mpesa_statement")
    assert reasons(job)[2]["Receipt No."] == ["This receipt is in the office already, with 250.00."]


@pytest.mark.parametrize(
    "bad",
    [
        row(receipt="Total"),
        row(receipt=""),
        row(when="soon"),
        row(when="2026-11-20 25:00:00"),
        row(paid_in=""),
        row(paid_in="many"),
        row(paid_in="5.001"),
        row(out="3.00"),
    ],
)
def test_what_is_no_line_is_refused_and_the_others_are_loaded(store, accountant, bad):
    job = load(store, mpesa(bad, row("TKL9A2B3C4")), by=accountant, resource="mpesa_statement")
    assert counts(job) == (1, 0, 0, 1), job.report
    assert confirm(job, leave_out=True).status == "done"
    assert [each.receipt for each in lines()] == ["TKL9A2B3C4"]


def test_a_payment_that_was_not_completed_is_refused(store, accountant):
    data = csv_bytes([*row(), "Declined"], headings=[*HEADINGS, "Transaction Status"])
    job = load(store, data, by=accountant, resource="mpesa_statement")
    [reason] = reasons(job)[2]["Transaction Status"]
    assert "Declined" in reason


def test_undo_takes_the_lines_back_while_nobody_settled_one(store, accountant):
    assert undo(load_all(store, SAMPLE, by=accountant)).status == "undone"
    assert not lines().exists()


def test_another_business_may_load_the_same_receipts(store, accountant):
    other = make_business()
    load_all(store, SAMPLE, by=accountant)
    job = load_all(other, SAMPLE, by=make_user((other, ACCOUNTANT)))
    assert counts(job) == (6, 0, 0, 0)
    assert lines(business=store).count() == lines(business=other).count() == 6


def test_a_bank_statement_keeps_deposits_that_look_alike_apart(store, accountant):
    load_all(store, BANK, by=accountant, resource="bank_statement")
    assert counts(load(store, BANK, by=accountant, resource="bank_statement")) == (0, 0, 4, 0)
    told = [(each.kind, each.paid_in, each.paid_out) for each in lines()]
    assert told.count(("customer", Decimal("1000.00"), Decimal("0.00"))) == 2
    fee = lines().get(kind="charge")
    assert str(fee.value_date) == "2026-11-21"
    assert fee.happened_at == datetime(2026, 11, 19, 21, tzinfo=UTC)  # midnight in Nairobi


def test_a_bank_that_writes_one_amount_with_a_sign(store, accountant):
    headings = ["Date", "Description", "Amount", "Balance"]
    data = csv_bytes(
        ["2026-11-20", "TRF JANE", "300.00", "1"], ["2026-11-20", "Fee", "-20.00", "2"], headings=headings
    )
    load_all(store, data, by=accountant, resource="bank_statement")
    assert sorted((each.paid_in, each.paid_out) for each in lines()) == [(0, 20), (300, 0)]


def test_what_looks_like_a_formula_stays_a_text(store, accountant):
    load_all(store, SAMPLE, by=accountant)
    assert lines().get(receipt="TKK1A2B3C4").payer_reference == "=SUM(A1)"
