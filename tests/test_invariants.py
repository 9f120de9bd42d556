"""Every invariant is broken once by raw SQL, guards and constraints removed, and says so."""

import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection

from backoffice.guards import drop_guards
from backoffice.invariants import all_invariants, check, check_all
from backoffice.scoping import every_business
from payments.models import CashDrawer
from payments.services.attempts import mark_submitted, request_payment
from payments.services.counting import close_till
from payments.services.events import process_event, record_event
from payments.services.payments import record_cash
from payments.services.settlement import amount_due
from payments.services.tills import open_till, save_drawer
from payments.services.transfers import confirm_transfer, record_transfer
from sales.services.orders import confirm_order, ship_order
from tests.builders import make_business, make_order, make_product, make_user

pytestmark = pytest.mark.django_db

FIRST = "(SELECT id FROM sales_order ORDER BY sequence LIMIT 1)"
UNPAID = "UPDATE payments_payment SET status = 'failed', paid_at = NULL"
WITHOUT_CHECKS = ["stock_reserved_within_quantity", "payment_paid_at_iff_received"]

BREAKS = {
    "backoffice.guards_are_present": "SELECT 1",
    "backoffice.references_stay_inside_the_business": "UPDATE sales_order SET business_id = "
    "(SELECT id FROM people_business ORDER BY name DESC LIMIT 1)",
    "backoffice.history_ends_at_the_present": "UPDATE inventory_product SET name = 'Renamed in secret'",
    "backoffice.deleted_rows_have_a_last_word": "DELETE FROM sales_orderitem",
    "backoffice.statuses_moved_as_allowed": "UPDATE sales_historicalorder SET status = 'delivered' "
    "WHERE status = 'confirmed'",
    "inventory.stock_is_the_sum_of_levels": "UPDATE inventory_product SET stock = stock + 1",
    "inventory.levels_are_the_sum_of_movements": "UPDATE inventory_stocklevel SET reserved = reserved - 1",
    "inventory.movements_have_a_level": "DELETE FROM inventory_stocklevel",
    "inventory.levels_are_possible": "UPDATE inventory_stocklevel SET reserved = quantity + 1",
    "sales.totals_are_the_sum_of_items": "UPDATE sales_order SET total_amount = total_amount + 0.01",
    "sales.numbers_have_no_gaps": "UPDATE sales_order SET sequence = sequence + 100 WHERE sequence = 1",
    "sales.statuses_have_their_moment": "UPDATE sales_order SET paid_at = NULL",
    "sales.reservations_are_the_open_orders": "UPDATE sales_orderitem SET quantity = quantity + 1",
    "sales.issues_are_the_shipped_orders": "UPDATE sales_order SET shipped_at = NULL",
    "payments.paid_orders_have_their_money": "UPDATE payments_allocation SET amount = amount - 1",
    "payments.payments_are_dated_when_received": "UPDATE payments_payment SET paid_at = NULL",
    "payments.payments_are_used_once": "UPDATE payments_payment SET amount = amount - 1",
    "payments.refunds_stay_within_what_was_used": "UPDATE payments_allocation SET refunded = 1",
    "payments.given_back_payments_are_refunded": "UPDATE payments_payment SET status = 'refunded'",
    "payments.orders_await_one_payment": (
        f"UPDATE payments_payment SET order_id = {FIRST}, status = 'pending', paid_at = NULL"
    ),
    "payments.answered_prompts_have_their_money": UNPAID,
    "payments.prompts_agree_with_the_order": "UPDATE payments_paymentattempt SET status = 'failed', "
    f"order_id = {FIRST}",
    "payments.deliveries_are_dealt_with": "UPDATE payments_webhookevent SET outcome = 'error', "
    "received_at = '2026-01-01 00:00:00+00:00', next_try_at = '2026-01-01 00:01:00+00:00'",
    "payments.applied_deliveries_have_their_money": UNPAID,
    "payments.tills_add_up": "UPDATE payments_tillsession SET difference = difference + 1",
    "payments.cash_in_tills_is_that_of_payments": "UPDATE payments_cashmovement SET amount = amount + 1",
    "payments.bank_money_has_its_payment": "UPDATE payments_banktransfer SET amount = amount + 1",
}


@pytest.fixture
def office():
    """Two businesses; in one of them two orders paid by M-Pesa, one by hand after it left, one pending."""
    business, _other = make_business("A shop"), make_business("Z shop")
    clerk = make_user((business, "Staff"))
    with every_business():
        pay(make_order(business, by=clerk), clerk)
        pay(make_order(business, by=clerk), clerk)
        credit = ship_order(confirm_order(make_order(business, by=clerk), by=clerk), by=clerk)
        pay_by_hand(credit, clerk)
        make_order(business, [(make_product(business, stock=5), 2)], by=clerk)
        yield business


def pay(order, clerk):
    attempt = request_payment(order, phone="0712345678", by=clerk)
    ids = {"merchant_request_id": "1-2-3", "checkout_request_id": f"ws_CO_{attempt.pk}"}
    attempt = mark_submitted(attempt, **ids)
    items = {"Amount": int(attempt.amount_requested), "MpesaReceiptNumber": f"TKK{order.sequence:07}"}
    callback = {
        "MerchantRequestID": ids["merchant_request_id"],
        "CheckoutRequestID": ids["checkout_request_id"],
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {"Item": [{"Name": name, "Value": value} for name, value in items.items()]},
    }
    body = json.dumps({"Body": {"stkCallback": callback}}).encode()
    assert process_event(record_event(attempt, body=body)).outcome == "applied"


def pay_by_hand(order, clerk):
    """A part by bank transfer, the rest in cash, into a till that is counted."""
    transfer = {"bank_account": "KCB", "reference": "FT1", "value_date": date(2026, 1, 5)}
    confirm_transfer(record_transfer(order, amount=Decimal(50), by=None, **transfer), by=clerk)
    drawer = save_drawer(CashDrawer(business=order.business, name="Counter"), by=None)
    session = open_till(drawer, counts={"100": 1}, by=clerk)
    record_cash(order, amount=amount_due(order), by=clerk)
    close_till(session, counts={"200": 1}, by=clerk, reason="50 too little")


@pytest.fixture
def defenceless():
    """A database without guards, and without the constraints that stand in the way."""
    yield remove_defences
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def remove_defences():
    connection.check_constraints()  # PostgreSQL alters no table that still has checks to make
    drop_guards()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_awaited_payment_per_order")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            for name in WITHOUT_CHECKS:
                table = "inventory_stocklevel" if name.startswith("stock") else "payments_payment"
                cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def run(query):
    with connection.cursor() as cursor:
        cursor.execute(query)


def test_every_invariant_holds_after_a_day_of_work(office):
    assert [each for each in check_all() if not each.holds] == []


def test_every_invariant_holds_on_an_empty_database():
    assert [each for each in check_all() if not each.holds] == []


def test_every_invariant_says_what_it_means_and_is_broken_below():
    findings = [check(invariant) for invariant in all_invariants()]
    assert {each.name for each in findings} == set(BREAKS)
    assert all(each.meaning.endswith(".") for each in findings)


@pytest.mark.parametrize("name", BREAKS)
def test_a_breach_is_named_with_examples(office, defenceless, name):
    defenceless()
    run(BREAKS[name])
    broken = {each.name: each for each in check_all() if not each.holds}
    assert name in broken
    assert 0 < len(broken[name].examples) <= 5


@pytest.mark.parametrize(
    "waits",
    [
        ["UPDATE payments_webhookevent SET next_try_at = '2999-01-01 00:00:00+00:00'"],
        [
            "UPDATE payments_webhookevent SET outcome = 'waiting'",
            "UPDATE payments_paymentattempt SET next_look_at = '2999-01-01 00:00:00+00:00'",
        ],
    ],
    ids=["for its next try", "for the provider"],
)
def test_an_old_delivery_that_waits_is_no_breach(office, defenceless, waits):
    defenceless()
    run(BREAKS["payments.deliveries_are_dealt_with"])
    for wait in waits:
        run(wait)
    assert "payments.deliveries_are_dealt_with" not in {each.name for each in check_all() if not each.holds}


def test_a_move_without_a_reason_is_a_breach(office, defenceless):
    defenceless()
    run("UPDATE sales_historicalorder SET history_change_reason = NULL WHERE status = 'paid'")
    assert "backoffice.statuses_moved_as_allowed" in {each.name for each in check_all() if not each.holds}


def test_the_command_says_ok_for_each_and_changes_nothing(office, capsys):
    call_command("check_invariants")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(BREAKS)
    assert all(line.endswith("ok") for line in lines)


def test_the_command_names_the_breach_and_exits_with_1(office, capsys):
    run("UPDATE inventory_product SET stock = stock + 1")
    with pytest.raises(SystemExit) as end:
        call_command("check_invariants")
    assert end.value.code == 1
    out = capsys.readouterr().out
    assert "inventory.stock_is_the_sum_of_levels" in out
    assert "breach" in out
    assert "its levels add up to" in out


def test_the_command_speaks_json(office, capsys):
    run("UPDATE sales_order SET sequence = 50 WHERE sequence = 1")
    with pytest.raises(SystemExit):
        call_command("check_invariants", "--json")
    findings = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert findings["sales.numbers_have_no_gaps"]["examples"] == ["A shop has 4 order numbers from 2 to 50"]
    assert findings["sales.totals_are_the_sum_of_items"]["holds"] is True


def test_only_five_examples_are_shown(office):
    business = make_business()
    for _ in range(7):
        make_product(business)
    run("UPDATE inventory_product SET stock = stock + 1")
    (finding,) = [each for each in check_all() if each.name == "inventory.stock_is_the_sum_of_levels"]
    assert len(finding.examples) == 5
    assert finding.more
