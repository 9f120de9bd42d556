"""What free money could be for: each reason with its counter-example, and never more than there is."""

import hashlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.scoping import business_scope
from payments.models import Payment
from payments.services.payments import record_cash
from payments.services.proposals import propose, propose_for, search_orders
from payments.services.settlement import amount_due
from sales.services.numbers import check_character, order_reference
from sales.services.orders import cancel_order
from tests.builders import make_business, make_customer
from tests.payments.money import make_bill

pytestmark = pytest.mark.django_db
NEXT_WEEK = timedelta(days=7)


def make_money(business, amount="250.00", **values):
    """M-Pesa money of a stranger that came a week after any order of the test was placed."""
    values = {"method": "mpesa", "status": "successful", "paid_at": timezone.now() + NEXT_WEEK, **values}
    amount = Decimal(amount)
    return Payment._base_manager.create(business=business, amount=amount, free=amount, **values)


def reasons(payment, order):
    """Why the order is proposed, as one text; empty when it is not."""
    payment.refresh_from_db()
    return " ".join(" ".join(each.reasons) for each in propose(payment, 50) if each.order == order)


@pytest.mark.parametrize("change", [str, str.lower, lambda text: text.replace("-", " "), lambda t: f" {t}"])
def test_the_number_that_the_payer_typed_is_a_reason(store, change):
    order, other = make_bill(store, "900.00"), make_bill(store, "900.00")
    money = make_money(store, payer_reference=change(order.number))
    assert "order's number." in reasons(money, order) and not reasons(money, other)


def test_the_right_check_letter_counts_more_and_a_wrong_one_nothing(store):
    order = make_bill(store, "900.00")
    plain, checked = (make_money(store, payer_reference=r) for r in (order.number, order_reference(order)))
    assert propose(checked)[0].score > propose(plain)[0].score
    letter = "A" if check_character(order.number) != "A" else "B"
    assert not propose(make_money(store, payer_reference=f"{order.number}-{letter}"))


def test_the_phone_of_the_customer_is_a_reason_in_clear_hashed_and_masked(store):
    order = make_bill(store, "900.00", customer=make_customer(phone="+254712345126"))
    digest = hashlib.sha256(b"254712345126").hexdigest()
    assert "phone is the customer's" in reasons(make_money(store, payer_phone="254712345126"), order)
    assert "which M-Pesa hides" in reasons(make_money(store, payer_hash=digest), order)
    assert "What M-Pesa shows" in reasons(make_money(store, payer_phone="2547*****126"), order)


def test_another_phone_is_none(store):
    order = make_bill(store, "900.00", customer=make_customer(phone="+254712345126"))
    digest = hashlib.sha256(b"254712345127").hexdigest()
    for values in ({"payer_phone": "254712345127"}, {"payer_hash": digest}, {"payer_phone": "2547*****127"}):
        assert not reasons(make_money(store, **values), order)


def test_the_name_alone_is_too_little_and_supports_the_amount(store):
    order = make_bill(store, customer=make_customer(name="Wanjiru Kamau"))
    named, other = (make_money(store, payer_name=name) for name in ("WANJIRU", "WANJIKU"))
    assert "name fits" in reasons(named, order) and "name fits" not in reasons(other, order)
    assert not reasons(make_money(store, "1.00", payer_name="Wanjiru Kamau"), order)


@pytest.mark.parametrize(
    "total, method, why",
    [
        ("250.00", "mpesa", "exactly what is due"),
        ("249.97", "mpesa", "whole shillings"),
        ("249.00", "mpesa", ""),
        ("249.97", "bank_transfer", ""),
        ("250.01", "mpesa", ""),
    ],
)
def test_the_amount_that_is_due_is_a_reason(store, total, method, why):
    order = make_bill(store, total)
    found = reasons(make_money(store, method=method), order)
    assert why in found and bool(found) == bool(why)


def test_what_is_due_counts_and_not_the_total(store):
    order = make_bill(store, "700.00")
    record_cash(order, amount=Decimal("450.00"), by=None)
    [proposal] = propose(make_money(store))
    assert (proposal.order, proposal.due, proposal.amount) == (order, 250, 250)
    assert not reasons(make_money(store, "700.00"), order)


def test_an_order_of_the_last_hours_is_a_little_more_likely(store):
    make_bill(store)
    soon, late = make_money(store, paid_at=timezone.now() + timedelta(hours=1)), make_money(store)
    assert propose(soon)[0].score > propose(late)[0].score


def test_the_order_that_the_money_was_asked_for_is_a_reason(store):
    order = make_bill(store, "900.00")
    assert "was asked for this money" in reasons(make_money(store, order=order), order)


def test_a_credit_is_proposed_for_its_customers_orders(store):
    order = make_bill(store, "900.00")
    assert "own money" in reasons(make_money(store, customer=order.customer), order)


def test_paid_and_cancelled_orders_and_those_of_other_businesses_are_never_proposed(store):
    paid, cancelled, other = make_bill(store), make_bill(store), make_business()
    record_cash(paid, amount=Decimal("250.00"), by=None)
    cancel_order(cancelled, by=None)
    with business_scope(store, other):
        make_bill(other)
        make_bill(make_business(currency="GHS"))
        assert not propose(make_money(store, payer_reference=paid.number))


@pytest.mark.parametrize(
    "text", ["=cmd()|'/c calc'!A1", "'; DROP TABLE x; --", "<script>", "R" * 100, "\u202e42"]
)
def test_hostile_references_point_at_nothing(store, text):
    make_bill(store, "900.00")
    assert not propose(make_money(store, payer_reference=text))


def test_staff_find_orders_by_number_customer_and_phone(store):
    order = make_bill(store, customer=make_customer(name="Achieng Odhiambo", phone="+254733111222"))
    make_bill(store)
    money = make_money(store, "3.00")
    for term in (order.number, "achieng", "0733 111", order_reference(order)):
        assert [each.order for each in search_orders(money, term)] == [order], term
    assert not search_orders(money, "nobody")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    totals=st.lists(st.integers(1, 600), min_size=1, max_size=4),
    amount=st.integers(1, 700),
    reference=st.text(max_size=12),
)
def test_no_proposal_exceeds_the_money_or_what_is_due(store, totals, amount, reference):
    other = make_business()
    with business_scope(store, other):
        for total in totals:
            make_bill(store, f"{total}.50")
            make_bill(other, f"{total}.50")
        reference = reference.replace("\x00", "").encode("utf-8", "ignore").decode()
        money = make_money(store, Decimal(amount), payer_reference=reference)
        for each in propose(money, 50):
            assert each.order.business_id == store.pk and 0 < each.score <= 100 and each.reasons
            assert 0 < each.amount <= min(money.free, amount_due(each.order))


def test_a_page_of_payments_is_proposed_for_in_a_handful_of_queries(store, django_assert_max_num_queries):
    bills = [make_bill(store, f"{n + 100}.00") for n in range(8)]
    moneys = [make_money(store, each.total_amount, payer_reference=each.number) for each in bills]
    with django_assert_max_num_queries(6):
        found = propose_for(moneys)
    assert [found[money.pk][0].order for money in moneys] == bills
