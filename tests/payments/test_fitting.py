"""What a line of a statement could be: money of the books whose receipt lacks, transfers that staff noted."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.attempt_dialogs import EnterReceiptDialog
from payments.gateways.gateway import Standing, State
from payments.models import Payment, TransferStatus
from payments.services.cheques import clear_cheque, deposit_cheque, record_cheque
from payments.services.fitting import cheques_that_fit, payments_that_fit, transfers_that_fit
from payments.services.payments import match_payment
from payments.services.receipts import claim_receipt, complete_receipt
from payments.services.statements import book_line
from payments.services.transfers import confirm_transfer, preview_confirm, record_transfer, reject_transfer
from payments.services.verdicts import note_paid
from sales.models import OrderStatus
from sales.services.orders import cancel_order
from tests.builders import make_business, make_user
from tests.payments.money import ask, body_for, deliver, failure_for, fresh, make_bill
from tests.payments.statements import NOON, make_line

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)
DAYS = timedelta(days=1)
NO_AMOUNT = {"Amount": ...}


def note(order, reference="FT1", amount="250.00", value_date=DAY, by=None):
    """Note a transfer that the customer says was made."""
    values = {"reference": reference, "bank_account": "Equity 0110", "value_date": value_date}
    return record_transfer(order, amount=Decimal(amount), by=by, **values)


def bank_line(store, receipt="FT1", amount="250.00", **values):
    return make_line(store, receipt, amount, bank="Equity", **values)


def received():
    """The amounts of all money that came; nothing that must hold is broken."""
    assert [each.name for each in check_all() if not each.holds] == []
    return [each.amount for each in Payment._base_manager.filter(status="successful")]


# Money of the books


@pytest.fixture
def found_late(store, later):
    """A prompt that Safaricom took at once and said to be paid three hours later, without its receipt."""
    attempt = ask(make_bill(store))
    later(hours=3)
    note_paid(attempt, Standing(State.PAID, reference=attempt.checkout_request_id))
    return fresh(attempt)


def test_a_prompt_that_was_found_paid_hours_later_gets_its_receipt_from_its_line(store, found_late):
    line = make_line(store, happened_at=found_late.created_at + timedelta(minutes=1))
    assert [*payments_that_fit(line)] == [found_late.payment]
    payment = book_line(line, by=None, payment=found_late.payment)
    assert (payment.transaction_id, payment.paid_at) == (line.receipt, line.happened_at)
    assert received() == [250]


@pytest.mark.parametrize("hours", [-3, 6])
def test_lines_before_the_prompt_or_after_it_was_found_paid_are_other_money(store, found_late, hours):
    line = make_line(store, happened_at=found_late.created_at + timedelta(hours=hours))
    assert not payments_that_fit(line).exists()


def test_the_receipt_that_the_customer_showed_names_the_payment_however_far(store, found_late):
    claim_receipt(found_late, receipt="TKL1A2B3C4", by=None)
    line = make_line(store, happened_at=found_late.created_at - timedelta(days=9))
    assert [*payments_that_fit(line)] == [found_late.payment]


def test_the_receipt_of_a_paid_request_can_be_entered_while_it_is_missing(client, store, found_late):
    client.force_login(make_user((store, STAFF)))
    address = reverse("admin:payments_paymentattempt_enter_receipt", args=[found_late.pk])
    assert address in client.get(reverse("admin:payments_paymentattempt_change", args=[found_late.pk])).text
    assert "known as this payment" in client.get(address).content.decode()
    assert "HX-Redirect" in client.post(address, {"receipt": "TKL1A2B3C4"}).headers
    assert fresh(found_late).claimed_receipt == "TKL1A2B3C4"
    complete_receipt(found_late.payment, "TKL1A2B3C4", by=None)
    assert not EnterReceiptDialog.is_available(fresh(found_late), make_user((store, OWNER)))


def test_a_receipt_from_the_customer_is_dated_by_its_line(store):
    attempt = ask(make_bill(store))
    claim_receipt(attempt, receipt="TKL1A2B3C4", by=None)
    assert book_line(make_line(store), by=None).paid_at == NOON


def test_the_receipt_of_a_request_that_counts_as_failed_or_is_in_doubt_pays_its_order_too(store):
    for receipt, status in (("TKL1A2B3C4", "failed"), ("TKL2A2B3C4", "review")):
        attempt = ask(make_bill(store))
        deliver(attempt, failure_for(attempt) if status == "failed" else body_for(attempt, items=NO_AMOUNT))
        assert fresh(attempt).status == status
        claim_receipt(attempt, receipt=receipt, by=None)
        book_line(make_line(store, receipt), by=None)
        assert fresh(attempt.order).status == OrderStatus.PAID
    assert received() == [250, 250]


def test_a_transfer_that_was_confirmed_late_is_known_by_its_value_date(store, later):
    transfer, line = note(make_bill(store), reference="FT9"), bank_line(store, happened_at=NOON - DAYS * 2)
    later(days=10)
    payment = confirm_transfer(transfer, by=None).payment
    assert [*payments_that_fit(line)] == [payment]
    book_line(line, by=None, payment=payment)
    assert received() == [250]


def test_a_transfer_that_was_confirmed_late_is_known_by_its_reference(store, later):
    transfer, line = note(make_bill(store), value_date=DAY - DAYS * 90), bank_line(store)
    later(days=10)
    payment = confirm_transfer(transfer, by=None).payment
    assert [*payments_that_fit(line)] == [payment]


def test_a_cheque_that_was_cleared_late_is_known_by_the_day_it_was_deposited(store, later):
    values = {"bank": "KCB", "number": "000001", "due_on": DAY}
    cheque = deposit_cheque(record_cheque(make_bill(store), amount=Decimal(250), by=None, **values), by=None)
    line = bank_line(store, happened_at=timezone.now() + timedelta(days=3))
    later(days=20)
    cheque = clear_cheque(cheque, by=None)
    assert [*payments_that_fit(line)] == [cheque.payment]


# Transfers that staff noted


def test_a_noted_transfer_is_confirmed_by_its_line_with_its_time_and_pays_its_order(store):
    accountant = make_user((store, ACCOUNTANT))
    order = make_bill(store)
    transfer, line = note(order), bank_line(store)
    assert [*transfers_that_fit(line)] == [transfer]
    payment = book_line(line, by=accountant, noted=transfer)
    assert (payment.paid_at, payment.order, received()) == (NOON, order, [250])
    transfer = fresh(transfer)
    assert (transfer.status, transfer.decided_by) == (TransferStatus.CONFIRMED, accountant)
    assert (transfer.payment, fresh(line).payment) == (payment, payment)
    assert fresh(order).status == OrderStatus.PAID


@pytest.mark.parametrize(
    ("noted", "line"),
    [
        ({"reference": "FT9"}, {"happened_at": NOON + timedelta(days=6)}),
        ({"reference": "FT9"}, {"happened_at": NOON + timedelta(days=9), "value_date": DAY}),
        ({"reference": " ft1 "}, {"happened_at": NOON + timedelta(days=60)}),
        ({"reference": "W-0427"}, {"happened_at": NOON + timedelta(days=60), "payer_reference": "w-0427"}),
    ],
)
def test_a_transfer_is_found_by_its_reference_or_its_day(store, noted, line):
    transfer = note(make_bill(store), **noted)
    assert [*transfers_that_fit(bank_line(store, **line))] == [transfer]


@pytest.mark.parametrize(
    ("noted", "line"),
    [
        ({"amount": "249.00"}, {}),
        ({"reference": "FT9"}, {"happened_at": NOON + timedelta(days=8)}),
        ({}, {"bank": ""}),
    ],
)
def test_another_transfer_is_not_taken_for_the_line(store, noted, line):
    transfer, line = note(make_bill(store), **noted), make_line(store, "FT1", **{"bank": "Equity", **line})
    assert not transfers_that_fit(line).exists()
    with pytest.raises(RuleBroken, match="is not the money of this line"):
        book_line(line, by=None, noted=transfer)


def test_transfers_that_were_decided_or_are_another_business_s_are_not_offered(store):
    line = bank_line(store)
    reject_transfer(note(make_bill(store)), by=None)
    confirm_transfer(note(make_bill(store)), by=None)
    note(make_bill(make_business()))
    assert not transfers_that_fit(line).exists()


def test_who_noted_a_large_transfer_does_not_book_it_from_the_line_either(store):
    store.second_person_above = Decimal(100)
    store.save()
    clerk, line = make_user((store, ACCOUNTANT)), bank_line(store)
    transfer = note(make_bill(store), by=clerk)
    with pytest.raises(RuleBroken, match="somebody else"):
        book_line(line, by=clerk, noted=transfer)
    assert (received(), fresh(line).payment) == ([], None)
    book_line(line, by=make_user((store, ACCOUNTANT)), noted=transfer)
    assert received() == [250]


def test_a_line_is_not_booked_twice_by_two_transfers(store):
    line, first = bank_line(store), note(make_bill(store))
    second = note(make_bill(store), reference="FT2")
    book_line(line, by=None, noted=first)
    with pytest.raises(RuleBroken, match="is booked already"):
        book_line(line, by=None, noted=second)
    assert (received(), fresh(second).status) == ([250], TransferStatus.CLAIMED)


# Confirmed after its line was booked


def test_a_transfer_whose_line_was_booked_as_new_money_takes_that_money(store):
    order = make_bill(store)
    transfer = note(order)
    booked = book_line(bank_line(store), by=None)
    assert "no second payment" in " ".join(map(str, preview_confirm(transfer)))
    assert confirm_transfer(transfer, by=None).payment == booked
    assert received() == [250]
    assert (fresh(order).status, fresh(booked).order) == (OrderStatus.PAID, order)


def test_money_that_staff_used_for_the_order_already_is_the_transfers(store):
    order = make_bill(store)
    transfer = note(order)
    booked = match_payment(book_line(bank_line(store), by=None), order=order, by=None)
    assert not any("credit" in each for each in preview_confirm(transfer))
    assert confirm_transfer(transfer, by=None).payment == booked and received() == [250]


def test_what_is_more_than_due_stays_the_customers(store):
    order = make_bill(store)
    transfer = note(order, amount="300.00")
    book_line(bank_line(store, amount="300.00"), by=None)
    assert confirm_transfer(transfer, by=None).payment.free == 50 and received() == [300]


def test_for_a_cancelled_order_the_money_becomes_known_as_the_customers(store):
    order = make_bill(store)
    transfer = note(order)
    book_line(bank_line(store), by=None)
    cancel_order(order, by=None)
    payment = confirm_transfer(transfer, by=None).payment
    assert (payment.free, payment.customer, received()) == (250, order.customer, [250])


def test_money_that_went_to_another_order_or_has_another_amount_is_said(store):
    transfer, other = note(make_bill(store)), make_bill(store)
    match_payment(book_line(bank_line(store), by=None), order=other, by=None)
    less = note(make_bill(store), reference="FT2")
    book_line(bank_line(store, "FT2", "245.00"), by=None)
    for each in (transfer, less):
        with pytest.raises(RuleBroken, match="is in the books already"):
            confirm_transfer(each, by=None)
        assert fresh(each).status == TransferStatus.CLAIMED
    assert sorted(received()) == [245, 250]


def test_a_reference_that_a_payer_gave_with_another_amount_stands_in_nobodys_way(store):
    book_line(bank_line(store, "X1", "100.00", payer_reference="FT1"), by=None)
    confirm_transfer(note(make_bill(store)), by=None)
    assert sorted(received()) == [100, 250]


# The window


def press(client, line, **data):
    return client.post(reverse("admin:payments_statementline_book_line", args=[line.pk]), data)


def window(client, line):
    return client.get(reverse("admin:payments_statementline_book_line", args=[line.pk])).content.decode()


def test_the_window_offers_a_noted_transfer_and_confirms_it(client, store):
    client.force_login(make_user((store, ACCOUNTANT)))
    order = make_bill(store)
    transfer, line = note(order, by=make_user((store, STAFF))), bank_line(store)
    text = window(client, line)
    assert "Transfer FT1" in text and order.number in text and "is confirmed, and pays its order" in text
    assert "HX-Redirect" in press(client, line, payment=str(transfer.pk)).headers
    assert (received(), fresh(order).status) == ([250], OrderStatus.PAID)


def test_the_window_says_when_somebody_else_has_to_confirm(client, store):
    store.second_person_above = Decimal(100)
    store.save()
    accountant = make_user((store, ACCOUNTANT))
    client.force_login(accountant)
    transfer, line = note(make_bill(store), by=accountant), bank_line(store)
    assert "somebody else" in press(client, line, payment=str(transfer.pk)).content.decode()
    assert not received()


def test_several_that_fit_have_to_be_chosen_from(client, store):
    client.force_login(make_user((store, ACCOUNTANT)))
    line = bank_line(store)
    for reference in ("FT1", "FT2"):
        note(make_bill(store), reference=reference)
    assert "HX-Redirect" not in press(client, line).headers and not received()


# Cheques at the bank


def deposited(order, number="000117"):
    values = {"bank": "Equity", "due_on": timezone.localdate(), "number": number}
    return deposit_cheque(record_cheque(order, amount=Decimal("250.00"), by=None, **values), by=None)


def test_a_cheque_at_the_bank_is_cleared_by_its_line_and_booked_once(client, store):
    order = make_bill(store)
    cheque = deposited(order)
    line = bank_line(store, "CHQ DEP", happened_at=cheque.deposited_at + 3 * DAYS)
    client.force_login(make_user((store, ACCOUNTANT)))
    address = reverse("admin:payments_statementline_book_line", args=[line.pk])
    assert "Cheque 000117 of EQUITY" in client.get(address).text
    client.post(address, {"payment": str(cheque.pk)})
    cheque = fresh(cheque)
    assert (cheque.status, cheque.payment.paid_at) == ("cleared", line.happened_at)
    assert fresh(line).payment == cheque.payment and fresh(order).status == OrderStatus.PAID
    assert received() == [250]


@pytest.mark.parametrize("amount", ["250.00", "251.00"])
def test_a_cheque_that_was_not_deposited_or_has_another_amount_is_not_offered(store, amount):
    cheque = deposited(make_bill(store))
    if amount == "250.00":
        clear_cheque(cheque, by=None)
    line = bank_line(store, "CHQ DEP", amount, happened_at=cheque.deposited_at + DAYS)
    assert not cheques_that_fit(line)
    with pytest.raises(RuleBroken, match="not the money of this line"):
        book_line(line, by=None, noted=cheque)
