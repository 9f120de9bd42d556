"""The money inbox: what waits, what may be done about it, and by whom; hostile text stays text."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connections, transaction
from django.utils import timezone

from backoffice import transitions
from backoffice.errors import RuleBroken
from backoffice.roles import ACCOUNTANT, STAFF
from backoffice.scoping import business_scope, every_business
from payments.models import Allocation, Payment
from payments.services import inbox
from payments.services import payments as service
from payments.services.payments import match_payment
from payments.services.settlement import amount_due
from sales.models import Order, OrderStatus
from sales.services.orders import cancel_order
from tests.builders import make_business, make_customer, make_user
from tests.payments.money import ask, fresh, make_bill, pay, payments

pytestmark = pytest.mark.django_db
INBOX = "/admin/payments/unmatchedmoney/"
PAYMENT = "/admin/payments/payment/"
HOSTILE = '=HYPERLINK("http://evil")<script>alert(1)</script>\'; DROP TABLE x'


def make_money(business, amount="500.00", **values):
    """M-Pesa money of a stranger."""
    values = {"method": "mpesa", "status": "successful", "paid_at": timezone.now(), **values}
    amount = Decimal(amount)
    return Payment._base_manager.create(business=business, amount=amount, free=amount, **values)


@pytest.fixture
def accountant(client, store):
    user = make_user((store, ACCOUNTANT))
    client.force_login(user)
    return user


# What may be decided


def test_money_is_split_over_orders(store):
    clerk = make_user((store, ACCOUNTANT))
    money, one, two = make_money(store), make_bill(store, "200.00"), make_bill(store, "450.00")
    inbox.split_payment(money, parts=[(one, Decimal(200)), (two, Decimal(250))], by=clerk)
    assert (fresh(money).free, fresh(one).status, amount_due(two)) == (50, OrderStatus.PAID, 200)
    assert {each.history_user for each in fresh(money).history.all() if each.history_user} == {clerk}


@pytest.mark.parametrize(
    "second, why",
    [("450.01", "is due for"), ("300.01", "The parts make"), ("-1", "is free"), (None, "stands there twice")],
)
def test_a_split_happens_as_a_whole_or_not_at_all(store, second, why):
    money, one, two = make_money(store), make_bill(store, "200.00"), make_bill(store, "290.00")
    parts = [(one, Decimal(200)), (two, Decimal(second)) if second else (one, Decimal(1))]
    if second == "450.01":
        money = make_money(store, "900.00")
    with pytest.raises(RuleBroken, match=why):
        inbox.split_payment(money, parts=parts, by=None)
    assert not Allocation._base_manager.exists()
    assert fresh(one).status == fresh(two).status == OrderStatus.PENDING


def test_credit_leaves_the_inbox_and_pays_the_customers_next_order(store):
    money, customer = make_money(store), make_customer()
    inbox.keep_as_credit(money, customer=customer, by=None)
    assert (fresh(money).customer, fresh(money).free) == (customer, 500)
    order = make_bill(store, "300.00", customer=make_customer())
    payment = match_payment(money, order=order, by=None)
    assert (payment.free, payment.customer) == (200, customer)


def test_money_used_in_part_stays_with_its_customer(store):
    money = match_payment(make_money(store), order=make_bill(store, "300.00"), by=None)
    with pytest.raises(RuleBroken, match="theirs too"):
        inbox.keep_as_credit(money, customer=make_customer(), by=None)
    inbox.keep_as_credit(money, customer=money.customer, by=None)


def test_parked_money_comes_back_by_hand_or_when_it_is_used(store):
    money = inbox.park_payment(make_money(store), note="ask the bank", by=None)
    assert money.parked_at and money.note == "ask the bank"
    assert inbox.return_to_inbox(money, by=None).parked_at is None
    with pytest.raises(RuleBroken, match="waits in the inbox already"):
        inbox.return_to_inbox(money, by=None)
    inbox.park_payment(money, note="again", by=None)
    assert match_payment(money, order=make_bill(store, "100.00"), by=None).parked_at is None


def test_a_part_payment_is_taken_back(store):
    money, order = make_money(store), make_bill(store, "900.00")
    match_payment(money, order=order, by=None)
    inbox.unmatch_payment(order.allocations.get(), by=None)
    assert (fresh(money).free, amount_due(order)) == (500, 900)
    with pytest.raises(RuleBroken, match="Nothing of this money"):
        inbox.unmatch_payment(order.allocations.get(), by=None)


def test_the_money_of_a_paid_order_is_not_taken_back_but_freed_by_cancelling(store):
    money, order = make_money(store), make_bill(store, "500.00")
    inbox.park_payment(money, note="?", by=None)
    match_payment(money, order=order, by=None)
    with pytest.raises(RuleBroken, match="Cancel it"):
        inbox.unmatch_payment(order.allocations.get(), by=None)
    cancel_order(order, by=None)
    assert fresh(money).free == 500


@pytest.mark.parametrize("decide", ["split", "credit", "park", "return"])
def test_nothing_is_decided_about_money_that_is_used(store, decide):
    money, order = make_money(store), make_bill(store, "500.00")
    match_payment(money, order=order, by=None)
    what = {
        "split": lambda: inbox.split_payment(money, parts=[(order, Decimal(1))], by=None),
        "credit": lambda: inbox.keep_as_credit(money, customer=make_customer(), by=None),
        "park": lambda: inbox.park_payment(money, note="x", by=None),
        "return": lambda: inbox.return_to_inbox(money, by=None),
    }
    with pytest.raises(RuleBroken, match=f"used for {order}"):
        what[decide]()


# Money that came otherwise than asked


def test_money_for_an_order_cancelled_while_the_prompt_was_open_waits_in_the_inbox(client, store, accountant):
    attempt = ask(make_bill(store))
    cancel_order(attempt.order, by=None)
    pay(attempt, "LATE111111")
    assert "LATE111111" in client.get(INBOX, {"shortcut": "unmatched"}).text


def test_of_two_prompts_that_were_both_paid_the_second_is_credit(client, store, accountant, later):
    order = make_bill(store)
    first = ask(order)
    later(minutes=10)
    second = ask(order)
    pay(second, "SECOND1111"), pay(first, "FIRST11111")
    assert sorted((each.transaction_id, each.free) for each in payments() if each.transaction_id) == [
        ("FIRST11111", 250),
        ("SECOND1111", 0),
    ]
    page = client.get(INBOX, {"shortcut": "unmatched"}).text
    assert "FIRST11111" in page and "SECOND1111" not in page


# The pages


@pytest.mark.parametrize("number, words", [(1, "1 payment"), (2, "2 payments")])
def test_below_the_inbox_stands_how_many_payments_it_holds(client, store, accountant, number, words):
    for _ in range(number):
        make_money(store)
    below = client.get(INBOX).text.split('class="py-4"')[1]
    assert below.split(">")[1].split("<")[0].split() == words.split()


def test_the_inbox_shows_what_came_what_it_could_be_for_and_why(client, store, accountant):
    order = make_bill(store, "500.00")
    money = make_money(
        store, payer_name="Otieno", payer_phone="254712345678", payer_reference=order.number.lower()
    )
    page = client.get(INBOX, {"shortcut": "unmatched"}).text
    for words in (
        "Otieno",
        "0712 345 678",
        order.number.lower(),
        "exactly what is due",
        "order&#x27;s number",
    ):
        assert words in page, words
    assert f"{PAYMENT}{money.pk}/do-match-payment/?order={order.pk}" in page


def test_staff_see_it_with_phones_masked_and_without_buttons(client, store):
    client.force_login(make_user((store, STAFF)))
    make_money(store, payer_phone="254712345678")
    page = client.get(INBOX).text
    assert "2547*****678" in page and "712 345" not in page and "do-match-payment" not in page


def test_each_shelf_shows_its_own(client, store, accountant):
    kept, parked, waiting = (make_money(store, transaction_id=f"SHELF{n}") for n in "123")
    inbox.keep_as_credit(kept, customer=make_customer(), by=None)
    inbox.park_payment(parked, note="later", by=None)
    for shelf, there in (("credit", kept), ("parked", parked), ("unmatched", waiting)):
        page = client.get(INBOX, {"shortcut": shelf}).text
        shown = [each for each in (kept, parked, waiting) if each.transaction_id in page]
        assert shown == [there], shelf


def test_accepting_says_first_what_it_will_do(client, store, accountant):
    order, money = make_bill(store, "300.00"), make_money(store)
    address = f"{PAYMENT}{money.pk}/do-match-payment/"
    text = client.get(address, {"order": order.pk}).text
    assert "KES 300.00 is used for" in text and "becomes paid" in text and "KES 200.00 stays free" in text
    answer = client.post(address, {"order": order.pk}, headers={"HX-Current-URL": f"http://x{INBOX}?p=2"})
    assert answer.headers["HX-Redirect"] == f"{INBOX}?p=2"
    assert fresh(order).status == OrderStatus.PAID
    client.post(address, {"order": make_bill(store, "200.00").pk})
    assert "any more; it is used for" in client.post(address, {"order": make_bill(store).pk}).text


def test_another_order_is_found_by_searching_in_the_dialog(client, store, accountant):
    order = make_bill(store, "777.00", customer=make_customer(name="Achieng"))
    make_bill(store)
    address = f"{PAYMENT}{make_money(store).pk}/do-match-payment/"
    text = client.get(address, {"q": "achieng"}).text
    assert text.count('type="radio"') == 1 and order.number in text
    assert "No order that waits" in client.get(address, {"q": "nobody\x00"}).text


def test_the_dialog_that_splits_keeps_what_was_typed(client, store, accountant):
    one, two = make_bill(store, "200.00"), make_bill(store, "300.00")
    address = f"{PAYMENT}{make_money(store).pk}/do-split-payment/"
    assert (
        f'name="part-{one.pk}" value="200"' in client.get(address, {f"part-{one.pk}": "200", "q": "x"}).text
    )
    for amounts, why in (
        (("x", "1"), "not an amount"),
        (("NaN", ""), "not an amount"),
        (("", ""), "required"),
        (("200", "300.01"), "The parts make"),
    ):
        answer = client.post(address, {f"part-{o.pk}": a for o, a in zip((one, two), amounts, strict=True)})
        assert why in answer.text, amounts
    assert client.post(address, {f"part-{one.pk}": "200", f"part-{two.pk}": "300"}).headers["HX-Redirect"]
    assert fresh(one).status == fresh(two).status == OrderStatus.PAID


def test_no_order_of_another_business_is_offered_or_taken(client, store, accountant):
    other = make_business()
    with business_scope(store, other):
        foreign = make_bill(other, "500.00", customer=make_customer(name="Elsewhere"))
    money = make_money(store)
    address = f"{PAYMENT}{money.pk}"
    for query in ({}, {"q": "elsewhere"}, {"order": foreign.pk}, {f"part-{foreign.pk}": "1"}):
        for dialog in ("match", "split"):
            assert "Elsewhere" not in client.get(f"{address}/do-{dialog}-payment/", query).text
    client.post(f"{address}/do-match-payment/", {"order": foreign.pk})
    client.post(f"{address}/do-split-payment/", {f"part-{foreign.pk}": "1"})
    assert fresh(money).free == 500 and not Allocation._base_manager.exists()


def test_credit_parking_and_the_way_back_work_from_the_page_of_the_payment(client, store, accountant):
    customer = make_customer(name="Njeri", phone="+254711222333")
    money = make_money(store, payer_phone="254711222333")
    address = f"{PAYMENT}{money.pk}"
    assert "Njeri" in client.get(f"{address}/do-keep-as-credit/").text
    client.post(f"{address}/do-keep-as-credit/", {"customer": customer.pk})
    assert fresh(money).credit_at and fresh(money).customer == customer
    client.post(f"{address}/do-return-to-inbox/")
    client.post(f"{address}/do-park-payment/", {"note": "until Friday"})
    assert fresh(money).parked_at and fresh(money).note == "until Friday"
    order = make_bill(store, "900.00")
    match_payment(money, order=order, by=None)
    assert "do-unmatch-payment" in client.get(f"{address}/change/").text
    client.post(f"{address}/do-unmatch-payment/", {"use": order.allocations.get().pk})
    assert fresh(money).free == 500


def test_hostile_text_of_a_payer_is_inert_on_pages_and_in_spreadsheets(client, store, accountant):
    make_bill(store, "500.00")
    money = make_money(
        store, payer_reference=HOSTILE, payer_name=HOSTILE, note=HOSTILE, transaction_id=HOSTILE
    )
    addresses = [INBOX, PAYMENT, f"{PAYMENT}{money.pk}/change/"]
    addresses += [
        f"{PAYMENT}{money.pk}/do-{name}/" for name in ("match-payment", "split-payment", "park-payment")
    ]
    for address in addresses:
        text = client.get(address).text
        assert "<script>alert" not in text, address
    assert "&lt;script&gt;alert" in client.get(INBOX).text


def test_the_list_needs_few_queries_whatever_its_length(
    client, store, accountant, django_assert_max_num_queries
):
    for n in range(12):
        order = make_bill(store, f"{n + 100}.00")
        make_money(store, order.total_amount, payer_reference=order.number)
    client.get(INBOX)
    with django_assert_max_num_queries(14):
        assert client.get(INBOX).text.count("exactly what is due") >= 12


# Two clerks at once


def accept_both_at_once(money, orders):
    """Let two clerks use the same money for an order each. Returns what each heard; nothing: it worked."""
    gate = Barrier(2)

    def accept(order):
        gate.wait(timeout=60)
        try:
            with every_business():
                match_payment(money, order=order, by=None)
        except RuleBroken as rule:
            return str(rule)
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(accept, orders))


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_who_accept_the_same_money_one_wins_and_the_other_hears_why():
    business = make_business()
    with business_scope(business):
        orders = [make_bill(business, "500.00") for _n in range(2)]
        won, lost = accept_both_at_once(make_money(business), orders)
        assert not won and "used for Order" in lost
        assert sum(order.paid_at is not None for order in Order.objects.all()) == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_the_money_would_be_used_twice(monkeypatch):
    """Both clerks read the money before either writes: the locks are what prevents it."""
    business = make_business()
    with business_scope(business):
        money = make_money(business)
        stale = [fresh(money), fresh(money)]
        orders = [make_bill(business, "500.00") for _n in range(2)]
        monkeypatch.setattr(service, "lock", lambda row: row)
        with transaction.atomic():
            for seen, order in zip(stale, orders, strict=True):
                match_payment(seen, order=order, by=None)
        assert sum(used.amount for used in Allocation.objects.all()) == 2 * money.amount
    assert transitions.lock is not service.lock
