"""Bank transfers: claimed by one person, seen on the statement by another."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.demo import clock_at
from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.models import BankTransfer, TransferStatus
from payments.services.payments import record_cash
from payments.services.settlement import amount_due
from payments.services.transfers import confirm_transfer, record_transfer, reject_transfer
from sales.models import OrderStatus
from sales.services.orders import cancel_order
from tests.builders import make_business, make_user
from tests.payments.money import ask, attempts, fresh, make_bill, pay, payments

pytestmark = pytest.mark.django_db


def claim(order, amount="250.00", reference="FT2611", by=None, **values):
    values = {"bank_account": "KCB 0110", "value_date": timezone.localdate(), **values}
    return record_transfer(order, amount=Decimal(amount), reference=reference, by=by, **values)


def broken():
    return [each.name for each in check_all() if not each.holds]


def test_a_claim_is_no_money_and_a_confirmed_one_pays(store):
    clerk, accountant = make_user((store, STAFF)), make_user((store, ACCOUNTANT))
    order = make_bill(store)
    transfer = claim(order, by=clerk)
    assert not payments() and fresh(order).status == OrderStatus.PENDING
    transfer = confirm_transfer(transfer, by=accountant)
    payment = transfer.payment
    assert (payment.method, payment.status, payment.amount) == ("bank_transfer", "successful", 250)
    assert (payment.order, payment.payer_reference) == (order, "FT2611")
    assert (transfer.status, transfer.decided_by) == (TransferStatus.CONFIRMED, accountant)
    assert fresh(order).status == OrderStatus.PAID
    assert not broken()


def test_a_claim_holds_nothing_back(store):
    order = make_bill(store)
    transfer = claim(order)
    pay(ask(order))
    assert fresh(order).status == OrderStatus.PAID
    payment = confirm_transfer(transfer, by=None).payment
    assert (payment.free, payment.order, payment.customer) == (250, None, order.customer)
    assert not broken()


def test_more_than_is_due_stays_as_credit(store):
    order = make_bill(store)
    payment = confirm_transfer(claim(order, "300.00"), by=None).payment
    assert (payment.free, fresh(order).status) == (50, OrderStatus.PAID)


def test_less_than_is_due_pays_a_part(store):
    order = make_bill(store)
    confirm_transfer(claim(order, "100.00"), by=None)
    record_cash(order, amount=Decimal(150), by=None)
    assert fresh(order).status == OrderStatus.PAID and not broken()


def test_money_for_a_cancelled_order_is_kept_as_credit(store):
    order = make_bill(store)
    transfer = claim(order)
    cancel_order(order, by=None)
    assert confirm_transfer(transfer, by=None).payment.free == 250


def test_a_prompt_on_the_phone_is_waited_for(store, later):
    order = make_bill(store)
    transfer = claim(order)
    ask(order)
    with pytest.raises(RuleBroken, match="may still answer the prompt"):
        confirm_transfer(transfer, by=None)
    later(minutes=4)
    confirm_transfer(transfer, by=None)
    assert [each.status for each in attempts()] == ["expired"]
    assert amount_due(fresh(order)) == 0 and not broken()


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_an_amount_is_more_than_nothing(store, amount):
    with pytest.raises(RuleBroken, match="more than nothing"):
        claim(make_bill(store), amount)


def test_a_value_date_is_not_in_the_future(store):
    with pytest.raises(RuleBroken, match="in the future"):
        claim(make_bill(store), value_date=timezone.localdate() + timedelta(days=1))


def test_a_claim_written_down_late_is_marked(store):
    assert claim(make_bill(store), value_date=timezone.localdate() - timedelta(days=9)).is_late
    assert not claim(make_bill(store), reference="FT2").is_late


def test_the_list_tells_days_as_the_wall_calendar_of_the_business_does(client, store):
    """Half past ten in the evening in UTC is the next day in Nairobi."""
    with clock_at(datetime(2026, 11, 20, 22, 30, tzinfo=UTC)):
        claim(make_bill(store), value_date=date(2026, 11, 2))
    client.force_login(make_user((store, STAFF)))
    page = client.get("/admin/payments/banktransfer/").content.decode()
    assert "2 Nov 2026" in page and "written down on 21 Nov 2026" in page


def test_a_transfer_is_claimed_once_however_it_is_spelled(store):
    claim(make_bill(store))
    with pytest.raises(RuleBroken, match="is recorded already, for Order"):
        claim(make_bill(store), reference=" ft2611 ", bank_account="kcb  0110")
    claim(make_bill(store), reference="FT2612")
    claim(make_bill(store), "100.00")
    assert BankTransfer._base_manager.count() == 3


def test_the_same_reference_at_another_business_is_another_transfer(store):
    claim(make_bill(store))
    other = make_business()
    assert claim(make_bill(other)).business == other


def test_the_database_refuses_a_second_claim_too(store):
    transfer = claim(make_bill(store))
    twin = BankTransfer._base_manager.get(pk=transfer.pk)
    twin.pk = make_bill(store).pk
    twin._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_a_reference_is_needed(store):
    with pytest.raises(RuleBroken, match="bank's reference"):
        claim(make_bill(store), reference="  ")


def test_a_rejected_claim_can_be_made_again(store):
    order = make_bill(store)
    rejected = reject_transfer(claim(order), by=None, reason="Not on the statement")
    assert rejected.status == TransferStatus.REJECTED and not payments()
    with pytest.raises(RuleBroken, match="is rejected already"):
        confirm_transfer(rejected, by=None)
    assert confirm_transfer(claim(order), by=None).payment


def test_a_claim_is_confirmed_once(store):
    transfer = claim(make_bill(store))
    confirm_transfer(transfer, by=None)
    with pytest.raises(RuleBroken, match="is confirmed already"):
        confirm_transfer(transfer, by=None)
    with pytest.raises(RuleBroken, match="cannot become rejected"):
        reject_transfer(transfer, by=None)
    assert len(payments()) == 1


@pytest.fixture
def limit(store):
    """Up to KES 10,000 one person is enough."""
    store.second_person_above = Decimal(10000)
    store.save()


def test_above_the_limit_a_second_person_confirms(store, limit):
    owner, accountant = make_user((store, OWNER)), make_user((store, ACCOUNTANT))
    order = make_bill(store, "10000.01")
    large = claim(order, "10000.01", by=owner)
    with pytest.raises(RuleBroken, match="above KES 10,000.00 somebody else"):
        confirm_transfer(large, by=owner)
    assert confirm_transfer(large, by=accountant).payment
    small = claim(make_bill(store, "10000.00"), "10000.00", by=owner)
    assert confirm_transfer(small, by=owner).payment


def test_a_form_sent_twice_claims_once(store):
    order = make_bill(store)
    assert claim(order, key="c" * 32) == claim(order, key="c" * 32)
    assert BankTransfer._base_manager.count() == 1


# Pages


def address(order):
    return f"/admin/sales/order/{order.pk}/do-record-transfer/"


def form(**values):
    day = timezone.localdate().isoformat()
    return {"amount": "250", "reference": "FT9", "bank_account": "KCB", "value_date": day, **values}


def test_staff_claim_and_the_accountant_confirms(client, store):
    order = make_bill(store)
    client.force_login(make_user((store, STAFF)))
    assert "in any other way" in client.get(address(order)).content.decode()
    assert "HX-Redirect" in client.post(address(order), form()).headers
    transfer = BankTransfer._base_manager.get()
    confirm = f"/admin/payments/banktransfer/{transfer.pk}/do-confirm/"
    assert client.post(confirm).status_code == 403
    page = client.get(f"/admin/sales/order/{order.pk}/change/").content.decode()
    assert "From the bank" in page and "FT9" in page and "Claimed" in page
    client.force_login(make_user((store, ACCOUNTANT)))
    today = client.get("/admin/").content.decode()
    assert "Transfers to confirm" in today
    assert f"KES 250.00 pays {order}" in client.get(confirm).content.decode()
    client.post(confirm)
    assert fresh(order).status == OrderStatus.PAID
    assert "Transfers to confirm" not in client.get("/admin/").content.decode()


def test_the_same_amount_on_the_same_day_is_asked_about(client, store):
    first, order = make_bill(store), make_bill(store)
    order.customer = first.customer
    order.save(update_fields=["customer"])
    record_cash(first, amount=Decimal(250), by=None)
    client.force_login(make_user((store, STAFF)))
    asked = client.post(address(order), form()).content.decode()
    assert "paid the same amount today" in asked and "It is other money" in asked
    assert not BankTransfer._base_manager.exists()
    client.post(address(order), form(is_another="on"))
    assert BankTransfer._base_manager.get().order == order


def test_a_wrong_date_is_said_in_the_dialog(client, store):
    client.force_login(make_user((store, STAFF)))
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    order = make_bill(store)
    answer = client.post(address(order), form(value_date=tomorrow, amount="-1")).content.decode()
    assert "greater than or equal to 0.01" in answer
    assert "in the future" in client.post(address(order), form(value_date=tomorrow)).content.decode()
