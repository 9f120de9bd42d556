"""Cash in drawers: who answers for it, what is expected, and what a count says."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.models import CashDrawer, CashMovement, CashReason, TillStatus
from payments.models.till import DENOMINATIONS, worth_of
from payments.services.by_hand import reverse_payment
from payments.services.counting import accept_difference, close_till, refused_counts
from payments.services.payments import record_cash
from payments.services.tills import (
    expected_cash,
    move_cash,
    open_till,
    pay_out,
    save_drawer,
)
from tests.builders import make_business, make_user
from tests.payments.money import fresh, make_bill, payments

pytestmark = pytest.mark.django_db
FLOAT = {"1000": 1, "100": 5, "50": 10}  # KES 2,000


def make_drawer(business, **values):
    return save_drawer(CashDrawer(**{"business": business, "name": "Counter", **values}), by=None)


@pytest.fixture
def clerk(store):
    return make_user((store, STAFF))


@pytest.fixture
def till(store, clerk):
    return open_till(make_drawer(store), counts=FLOAT, by=clerk)


def movements():
    return [(each.reason, each.amount) for each in CashMovement._base_manager.order_by("id")]


def broken():
    return [each.name for each in check_all() if not each.holds]


def test_the_float_is_counted_by_denomination(till, clerk):
    assert (till.opening_float, till.float_counts, till.opened_by) == (2000, FLOAT, clerk)
    assert expected_cash(till) == 2000


def test_the_coins_of_both_countries_are_known():
    assert worth_of(dict.fromkeys(DENOMINATIONS["KES"], 1)) == Decimal("1926")
    assert worth_of(dict.fromkeys(DENOMINATIONS["GHS"], 1)) == Decimal("388.80")


@pytest.mark.parametrize("counts", [{"75": 1}, {"1000": -1}, {"0.50": 1}])
def test_money_that_is_not_in_use_is_no_count(store, clerk, counts):
    with pytest.raises(RuleBroken, match="no count of KES"):
        open_till(make_drawer(store), counts=counts, by=clerk)


def test_cash_lies_in_the_till_of_the_clerk_and_change_is_no_income(store, till, clerk):
    order = make_bill(store, "749.97")
    payment = record_cash(order, amount=Decimal("749.97"), handed=Decimal(1000), by=clerk)
    (movement,) = CashMovement._base_manager.all()
    assert (movement.payment, movement.session, movement.handed) == (payment, till, 1000)
    assert (movement.amount, payment.amount) == (Decimal("749.97"), Decimal("749.97"))
    assert expected_cash(till) == Decimal("2749.97")
    assert not broken()


def test_less_than_the_amount_cannot_be_handed_over(store, till, clerk):
    with pytest.raises(RuleBroken, match="less than that"):
        record_cash(make_bill(store), amount=Decimal(250), handed=Decimal(200), by=clerk)
    assert not payments() and not movements()


def test_with_a_drawer_in_the_house_cash_needs_an_open_till(store):
    drawer, clerk = make_drawer(store), make_user((store, STAFF))
    order = make_bill(store)
    with pytest.raises(RuleBroken, match="Open your till first"):
        record_cash(order, amount=Decimal(250), by=clerk)
    assert not payments()
    # The control: once the drawer is given up, cash is recorded as before.
    drawer.is_active = False
    save_drawer(drawer, by=None)
    assert record_cash(order, amount=Decimal(250), by=clerk).amount == 250


def test_the_till_of_a_colleague_is_not_ones_own(store, till):
    with pytest.raises(RuleBroken, match="Open your till first"):
        record_cash(make_bill(store), amount=Decimal(250), by=make_user((store, STAFF)))


def test_a_drawer_has_one_open_session_and_a_person_one_drawer(store, till, clerk):
    with pytest.raises(RuleBroken, match="is open already, by"):
        open_till(till.drawer, counts={}, by=make_user((store, STAFF)))
    with pytest.raises(RuleBroken, match="You answer for Counter already"):
        open_till(make_drawer(store, name="Back"), counts={}, by=clerk)


def test_the_database_holds_that_too(store, till):
    till.pk = None
    till.id = make_bill(store).pk
    till._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        till.save()


def test_a_drawer_in_use_stays_active(till):
    till.drawer.is_active = False
    with pytest.raises(RuleBroken, match="close its till session first"):
        save_drawer(till.drawer, by=None)


def test_cash_goes_to_the_bank_and_comes_back_as_coins(till, clerk):
    move_cash(till, amount=Decimal(1500), reason=CashReason.BANKED, by=clerk)
    move_cash(till, amount=Decimal(200), reason=CashReason.ADDED, by=clerk)
    assert movements() == [("banked", -1500), ("added", 200)]
    assert expected_cash(till) == 700


def test_no_more_goes_out_than_should_be_there_and_no_number_is_told(till, clerk):
    with pytest.raises(RuleBroken, match="^So much should not be in the drawer.$"):
        move_cash(till, amount=Decimal("2000.01"), reason=CashReason.OWNER, by=clerk)
    move_cash(till, amount=Decimal(2000), reason=CashReason.OWNER, by=clerk)


@pytest.mark.parametrize(
    "amount, reason", [("-5", "banked"), ("0", "added"), ("5", "taken"), ("5", "mistake")]
)
def test_only_positive_amounts_for_known_reasons_move(till, clerk, amount, reason):
    with pytest.raises(RuleBroken, match="Say how much"):
        move_cash(till, amount=Decimal(amount), reason=CashReason(reason), by=clerk)
    assert not movements()


def test_a_form_sent_twice_moves_cash_once(till, clerk):
    twice = {"amount": Decimal(100), "reason": CashReason.BANKED, "by": clerk, "key": "a" * 32}
    assert move_cash(till, **twice) == move_cash(till, **twice)
    assert expected_cash(till) == 1900


def test_cash_given_back_leaves_the_till(store, till, clerk):
    payment = record_cash(make_bill(store), amount=Decimal(250), by=clerk)
    pay_out(payment, amount=Decimal(100), by=clerk)
    assert expected_cash(till) == 2150


def test_without_a_till_nothing_is_noted_of_cash_given_back(store):
    payment = record_cash(make_bill(store), amount=Decimal(250), by=None)
    assert pay_out(payment, amount=Decimal(100), by=make_user((store, STAFF))) is None


def test_a_right_count_closes_the_till(till, clerk):
    closed = close_till(till, counts={"1000": 2}, by=clerk)
    assert (closed.status, closed.expected, closed.counted, closed.difference) == ("closed", 2000, 2000, 0)
    assert closed.counts == {"1000": 2} and closed.closed_by == clerk
    assert not broken()


def test_a_difference_needs_a_reason_and_no_number_is_told_before(till, clerk):
    with pytest.raises(RuleBroken) as refused:
        close_till(till, counts={"100": 19}, by=clerk)
    assert not any(each.isdigit() for each in str(refused.value))
    assert fresh(till).status == TillStatus.OPEN and fresh(till).expected is None
    closed = close_till(till, counts={"100": 19}, by=clerk, reason="Wrong change")
    assert (closed.status, closed.difference, closed.explanation) == ("closed", -100, "Wrong change")


def test_a_count_that_was_refused_stays_with_the_session(till, clerk):
    """Who counts nothing, is told that it differs, and then finds the right sum is seen."""
    for counts in ({}, {"1000": 1}):
        with pytest.raises(RuleBroken, match="Count again, or say why"):
            close_till(till, counts=counts, by=clerk)
    closed = close_till(till, counts={"1000": 2}, by=clerk)
    assert (closed.status, closed.difference) == (TillStatus.CLOSED, 0)
    before = refused_counts().filter(id=till.pk)
    assert [(each.counts, each.history_user) for each in before] == [({}, clerk), ({"1000": 1}, clerk)]
    assert "counted KES 1,000.00, which differs" in before.last().history_change_reason
    assert not broken()


def test_a_count_that_is_right_at_once_leaves_none_before_it(till, clerk):
    close_till(till, counts={"1000": 2}, by=clerk)
    assert not refused_counts().exists()


def test_a_large_difference_is_accepted_by_somebody_else(store, till, clerk):
    counted = close_till(till, counts={"1000": 1}, by=clerk, reason="Stolen")
    assert (counted.status, counted.difference) == (TillStatus.REVIEW, -1000)
    with pytest.raises(RuleBroken, match="neither kept the till nor counted it"):
        accept_difference(counted, by=clerk)
    owner = make_user((store, OWNER))
    assert accept_difference(counted, by=owner).approved_by == owner
    assert fresh(till).status == TillStatus.CLOSED
    assert not broken()


def test_a_counted_till_takes_no_more_cash(store, till, clerk):
    close_till(till, counts={"1000": 2}, by=clerk)
    with pytest.raises(RuleBroken, match="was counted"):
        move_cash(till, amount=Decimal(5), reason=CashReason.ADDED, by=clerk)
    with pytest.raises(RuleBroken, match="was counted"):
        close_till(till, counts={"1000": 2}, by=clerk)
    with pytest.raises(RuleBroken, match="Open your till first"):
        record_cash(make_bill(store), amount=Decimal(250), by=clerk)


def test_the_next_session_opens_on_the_same_drawer(till, clerk):
    close_till(till, counts={"1000": 2}, by=clerk)
    assert open_till(till.drawer, counts={"1000": 2}, by=clerk).opening_float == 2000


def test_a_mistake_leaves_the_open_till_but_not_a_counted_one(store, till, clerk):
    owner = make_user((store, OWNER))
    first = record_cash(make_bill(store), amount=Decimal(250), by=clerk)
    reverse_payment(first, reason="Typed on the wrong order", by=owner)
    assert movements() == [("taken", 250), ("mistake", -250)]
    second = record_cash(make_bill(store), amount=Decimal(250), by=clerk)
    closed = close_till(till, counts={"1000": 2}, by=clerk, reason="It never came")
    reverse_payment(second, reason="It never came", by=owner)
    assert len(movements()) == 3 and fresh(closed).expected == 2250
    assert not broken()


def test_movements_stay_as_they_are(till, clerk):
    movement = move_cash(till, amount=Decimal(5), reason=CashReason.ADDED, by=clerk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        CashMovement._base_manager.filter(pk=movement.pk).update(amount=6)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["cash", "banked", "added", "refund", "mistake"]),
        st.integers(1, 300_000).map(lambda cents: Decimal(cents) / 100),
    ),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, pieces=st.integers(0, 9))
def test_whatever_happens_the_till_expects_its_float_and_what_moved(store, steps, pieces):
    clerk, owner = make_user((store, STAFF)), make_user((store, OWNER))
    drawer = make_drawer(store, name=f"Drawer of {clerk}")
    till = open_till(drawer, counts={"500": pieces}, by=clerk)
    expected, taken = Decimal(500 * pieces), []
    for step, amount in steps:
        if step == "cash":
            taken.append(record_cash(make_bill(store, str(amount)), amount=amount, by=clerk))
            expected += amount
        elif step == "added":
            move_cash(till, amount=amount, reason=CashReason.ADDED, by=clerk)
            expected += amount
        elif step == "mistake" and taken:
            mistaken = taken.pop()
            reverse_payment(mistaken, reason="no", by=owner)
            expected -= mistaken.amount
        elif step == "banked" and amount <= expected:
            move_cash(till, amount=amount, reason=CashReason.BANKED, by=clerk)
            expected -= amount
        elif step == "banked":
            with pytest.raises(RuleBroken):
                move_cash(till, amount=amount, reason=CashReason.BANKED, by=clerk)
        elif step == "refund" and taken and taken[-1].amount <= expected:
            pay_out(taken[-1], amount=taken[-1].amount, by=clerk)
            expected -= taken.pop().amount
        assert expected_cash(till) == expected
    closed = close_till(till, counts={"1000": 1}, by=clerk, reason="end of day")
    assert (closed.expected, closed.difference) == (expected, 1000 - expected)


# Pages


def test_a_clerk_opens_takes_and_counts_in_the_browser(client, store, clerk):
    drawer = make_drawer(store)
    client.force_login(clerk)
    shown = client.get(f"/admin/payments/cashdrawer/{drawer.pk}/do-open-till/").content.decode()
    assert shown.count('data-worth="') == len(DENOMINATIONS["KES"]) and "KES 1000" in shown
    order = make_bill(store, "749.97")
    cash = f"/admin/sales/order/{order.pk}/do-record-cash/"
    assert "Open your till first" in client.get(cash).content.decode()
    answer = client.post(f"/admin/payments/cashdrawer/{drawer.pk}/do-open-till/", {"pieces_500": "4"})
    session = drawer.sessions.get()
    assert answer.headers["HX-Redirect"] == f"/admin/payments/tillsession/{session.pk}/change/"
    shown = client.get(cash).content.decode()
    assert "into the drawer Counter" in shown and "KES 749.97 is due" in shown
    client.post(cash, {"amount": "749.97", "handed": "1000"})
    page = client.get(f"/admin/payments/tillsession/{session.pk}/change/").content.decode()
    assert "KES 749.97" in page and "KES 1,000.00" in page and "Change: KES 250.03" in page
    close = f"/admin/payments/tillsession/{session.pk}/do-close-till/"
    assert "2,749.97" not in client.get(close).content.decode()
    refused = client.post(close, {"pieces_1000": "2"}).content.decode()
    assert "differs from what should be there" in refused
    assert "2,749.97" not in refused and "short" not in refused
    client.post(close, {"pieces_1000": "2", "pieces_500": "1", "pieces_200": "1", "reason": "No cents"})
    assert fresh(session).difference == Decimal("-49.97")
    page = client.get(f"/admin/payments/tillsession/{session.pk}/change/").content.decode()
    assert "KES 49.97 short" in page and "2 × 1000" in page


def test_the_owner_and_the_accountant_see_what_was_counted_before(client, store, till, clerk):
    close = f"/admin/payments/tillsession/{till.pk}/do-close-till/"
    client.force_login(clerk)
    for form in ({}, {"pieces_500": "3"}, {"pieces_1000": "2"}):
        client.post(close, form)
    assert fresh(till).status == TillStatus.CLOSED
    for role in (OWNER, ACCOUNTANT):
        client.force_login(make_user((store, role)))
        page = client.get(f"/admin/payments/tillsession/{till.pk}/change/").content.decode()
        assert "KES 0.00: " in page and "KES 1,500.00 (3 × 500): " in page and str(clerk) in page
        listed = client.get("/admin/payments/tillsession/").content.decode()
        assert "Right to the cent; counted more than once" in listed


def test_who_accepts_a_difference_is_told_what_was_counted_before(client, store, till, clerk):
    with pytest.raises(RuleBroken):
        close_till(till, counts={"500": 1}, by=clerk)
    counted = close_till(till, counts={}, by=clerk, reason="Gone")
    client.force_login(make_user((store, OWNER)))
    shown = client.get(f"/admin/payments/tillsession/{counted.pk}/do-accept/").content.decode()
    assert "Counted before, without a reason: KES 500.00" in shown


def test_the_amounts_of_a_page_are_sent_once(client, store, till, clerk):
    client.force_login(clerk)
    order = make_bill(store, "500.00")
    form = {"amount": "250", "key": "b" * 32}
    for _ in range(2):
        answer = client.post(f"/admin/sales/order/{order.pk}/do-record-cash/", form)
        assert "HX-Redirect" in answer.headers
    assert [each.amount for each in payments()] == [250]


def test_the_accountant_accepts_a_difference_and_staff_cannot(client, store, till, clerk):
    counted = close_till(till, counts={}, by=clerk, reason="Gone")
    address = f"/admin/payments/tillsession/{counted.pk}/do-accept/"
    client.force_login(clerk)
    assert client.post(address).status_code == 403
    client.force_login(make_user((store, ACCOUNTANT)))
    assert "KES 2,000.00 short" in client.get(address).content.decode()
    client.post(address, {"reason": "Police report 7"})
    assert fresh(counted).status == TillStatus.CLOSED


def test_empty_lists_say_what_to_do(client, store):
    client.force_login(make_user((store, OWNER)))
    for name, words in [
        ("cashdrawer", "Add a drawer"),
        ("tillsession", "count the float"),
        ("cheque", "Record a cheque"),
        ("banktransfer", "record it on the page of the order"),
    ]:
        assert words in client.get(f"/admin/payments/{name}/").content.decode()


def test_an_owner_adds_a_drawer_and_a_clerk_does_not(client, store, clerk):
    form = {"business": str(store.pk), "name": "Counter", "second_person_above": "300", "is_active": "on"}
    client.force_login(clerk)
    assert client.post("/admin/payments/cashdrawer/add/", form).status_code == 403
    client.force_login(make_user((store, OWNER)))
    client.post("/admin/payments/cashdrawer/add/", form)
    assert CashDrawer._base_manager.get().second_person_above == 300


def test_the_drawer_of_another_business_is_not_found(client, store):
    drawer = make_drawer(make_business())
    client.force_login(make_user((store, OWNER)))
    assert client.get(f"/admin/payments/cashdrawer/{drawer.pk}/do-open-till/").status_code == 404
