"""The pages about money: who sees what, and that looking never changes anything."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from backoffice.scoping import business_scope
from payments.models import EventOutcome, PaymentAttempt, WebhookEvent
from payments.queries import order_money
from payments.services import events as service
from payments.services.events import record_event
from sales.models import OrderStatus
from sales.services.orders import cancel_order
from tests.builders import make_business, make_user
from tests.payments.money import (
    PHONE,
    ask,
    body_for,
    deliver,
    events,
    failure_for,
    fresh,
    make_bill,
    pay,
    payments,
)

pytestmark = pytest.mark.django_db
PAYMENTS = "/admin/payments/payment/"
INBOX = "/admin/payments/unmatchedmoney/"
DELIVERIES = "/admin/payments/webhookevent/"
BY_HAND = ["Record cash", "Record bank transfer", "Record cheque"]


@pytest.fixture
def log_in(client, store):
    def log_in(role):
        user = make_user((store, role))
        client.force_login(user)
        return user

    return log_in


def panel(client, order, state=""):
    return client.get(f"{PAYMENTS}order-panel/{order.pk}/", {"state": state} if state else {})


def state_of(answer):
    return answer.content.decode().split("state=")[1].split('"')[0]


def page(row):
    return reverse(f"admin:payments_{row._meta.model_name}_change", args=[row.pk])


# The panel of an order


def test_the_order_page_shows_where_its_money_stands(client, store, log_in):
    log_in(STAFF)
    attempt = ask(make_bill(store, "249.97"))
    content = client.get(f"/admin/sales/order/{attempt.order_id}/change/").content.decode()
    assert "The prompt is on the customer" in content and "0712 345 678" in content
    assert "KES 249.97" in content and "KES 250.00" in content
    assert f"order-panel/{attempt.order_id}/?state=" in content


@pytest.mark.parametrize(
    "story, headline, advice",
    [
        (lambda order, later: None, "Not paid yet", "record cash"),
        (lambda order, later: ask(order, submitted=False), "on its way", "few seconds"),
        (lambda order, later: (ask(order, submitted=False), later(seconds=30)), "not left yet", "worker"),
        (lambda order, later: ask(order), "on the customer&#x27;s phone", "Wait for the PIN"),
        (lambda order, later: (ask(order), later(minutes=4)), "No answer came", "Ask again"),
        (lambda order, later: fail(order, 2001), "wrong PIN", "Ask again"),
        (lambda order, later: pay(ask(order)), "Paid: KES 250.00", ""),
        (lambda order, later: pay(ask(order), items={"Amount": 100}), "instead of", "unmatched money"),
        (lambda order, later: pay(ask(order), items={"Amount": ...}), "amount is missing", "ask again"),
        (lambda order, later: cancel_order(order, by=None), "is cancelled", ""),
        (
            lambda order, later: cancel_order(pay(ask(order)).attempt.order, by=None),
            "is cancelled",
            "Return the money",
        ),
    ],
)
def test_the_panel_says_in_plain_words_what_happened_and_what_to_do(
    client, store, log_in, later, story, headline, advice
):
    order = make_bill(store)
    story(order, later)
    log_in(STAFF)
    content = panel(client, order).content.decode()
    assert headline in content and advice in content


def fail(order, code):
    attempt = ask(order)
    deliver(attempt, failure_for(attempt, code))


def test_the_panel_asks_for_news_only_while_an_answer_may_come(client, store, log_in, later):
    log_in(STAFF)
    order = make_bill(store)
    assert "every 2s" not in panel(client, order).content.decode()
    ask(order)
    assert "every 2s" in panel(client, order).content.decode()
    later(minutes=4)
    assert "every 2s" not in panel(client, order).content.decode()


def test_the_panel_offers_what_the_order_and_the_person_allow(client, store, log_in):
    order = make_bill(store)
    log_in(STAFF)
    assert offered(client, order) == ["Ask for M-Pesa payment", *BY_HAND]
    log_in(ACCOUNTANT)
    assert offered(client, order) == BY_HAND
    pay(ask(order))
    assert offered(client, order) == []


def test_nothing_is_offered_that_an_open_prompt_would_refuse(client, store, log_in, later):
    log_in(STAFF)
    order = make_bill(store)
    ask(order)
    assert offered(client, order) == []
    page = client.get(f"/admin/sales/order/{order.pk}/change/").content.decode()
    assert "Ask for M-Pesa payment" not in page and "Record cash" not in page
    later(minutes=4)
    assert offered(client, order) == ["Ask for M-Pesa payment", *BY_HAND]


def test_a_way_to_take_money_is_offered_once_beside_what_is_due(client, store, log_in):
    log_in(STAFF)
    content = client.get(f"/admin/sales/order/{make_bill(store).pk}/change/").content.decode()
    assert content.count("/do-request-payment/") == content.count("/do-record-cash/") == 1
    assert content.index('id="header-inner"') < content.index("/do-confirm/") < content.index("money-panel")
    assert content.index("money-panel") < content.index("/do-record-cash/")


def test_what_few_need_of_a_payment_is_in_a_menu(client, store, log_in):
    log_in(OWNER)
    order = make_bill(store)
    attempt = ask(order)
    cancel_order(order, by=None)
    free = pay(attempt).payment
    first, menu = client.get(page(free)).content.decode().split("actionDropdownOpen: false")
    for name, place in [("match-payment", first), ("park-payment", menu), ("explain-payment", menu)]:
        assert f"/do-{name}/" in place


def test_a_menu_of_one_is_a_button(client, store, log_in):
    log_in(OWNER)
    paid = pay(ask(make_bill(store))).payment
    content = client.get(page(paid)).content.decode()
    assert "actionDropdownOpen" not in content and "/do-explain-payment/" in content


def offered(client, order):
    return [
        each.strip() for each in re.findall("</span>([^<]+)</button>", panel(client, order).content.decode())
    ]


def test_no_news_is_an_empty_answer_and_news_bring_the_page_up_to_date(client, store, log_in):
    log_in(STAFF)
    attempt = ask(make_bill(store))
    first = panel(client, attempt.order)
    assert "order-timeline" not in first.content.decode()
    assert panel(client, attempt.order, state_of(first)).status_code == 204
    pay(attempt)
    news = panel(client, attempt.order, state_of(first)).content.decode()
    assert "Paid: KES 250.00" in news and "every 2s" not in news
    assert "#header-inner,#order-status,#order-timeline" in news
    whole = client.get(f"/admin/sales/order/{attempt.order_id}/change/").content.decode()
    for part in ("header-inner", "order-status", "order-timeline"):
        assert whole.count(f'id="{part}"') == 1


def test_a_page_that_was_read_while_its_order_was_paid_asks_once_more(store):
    """The order came from the database just before the payment was committed, its money just after."""
    attempt = ask(make_bill(store))
    before = attempt.order
    pay(attempt)
    behind, after = order_money(before), order_money(fresh(before))
    assert before.status == OrderStatus.PENDING and behind.payment
    assert behind.may_change and not after.may_change and behind.state != after.state


def test_asking_for_news_writes_nothing(client, store, log_in, later, django_assert_max_num_queries):
    log_in(STAFF)
    attempt = ask(make_bill(store))
    later(minutes=4)
    before = [PaymentAttempt.history.count(), *[(each.status, each.updated_at) for each in payments()]]
    with django_assert_max_num_queries(21):
        panel(client, attempt.order)
    assert [
        PaymentAttempt.history.count(),
        *[(each.status, each.updated_at) for each in payments()],
    ] == before
    assert client.post(f"{PAYMENTS}order-panel/{attempt.order_id}/").status_code == 405


def test_the_panel_of_another_business_is_not_found(client, store, log_in):
    log_in(OWNER)
    other = make_business()
    with business_scope(other):
        order = make_bill(other)
    assert panel(client, order).status_code == 404


def test_the_panel_without_login_leads_to_the_login(client, store):
    assert panel(client, make_bill(store)).status_code == 302


def test_the_customers_phone_is_linked_in_the_demo_only(client, store, log_in, settings):
    log_in(STAFF)
    order = make_bill(store)
    assert "/phone" not in panel(client, order).content.decode()
    settings.PAYMENT_SIMULATOR_URL = "http://127.0.0.1:8090"
    assert 'href="http://127.0.0.1:8090/phone" target="_blank"' in panel(client, order).content.decode()


# Dialogs


def test_staff_ask_for_a_payment_with_the_customers_phone_filled_in(client, store, log_in):
    user = log_in(STAFF)
    order = make_bill(store)
    address = f"/admin/sales/order/{order.pk}/do-request-payment/"
    shown = client.get(address).content.decode()
    assert str(order.customer.phone) in shown and "KES 250.00" in shown and not payments()
    answer = client.post(address, {"phone": "0712345678"})
    assert answer["HX-Redirect"].endswith(f"{order.pk}/change/")
    attempt = order.payment_attempts.get()
    assert (attempt.by, attempt.phone) == (user, PHONE)


def test_a_refusal_is_shown_in_the_dialog(client, store, log_in):
    log_in(STAFF)
    order = make_bill(store)
    answer = client.post(f"/admin/sales/order/{order.pk}/do-request-payment/", {"phone": "020 1234567"})
    assert "not a Safaricom number" in answer.content.decode() and not payments()


def test_staff_record_cash(client, store, log_in):
    log_in(STAFF)
    order = make_bill(store)
    client.post(f"/admin/sales/order/{order.pk}/do-record-cash/", {"amount": "250.00", "note": "till"})
    assert fresh(order).status == OrderStatus.PAID


def make_unmatched(store):
    attempt = ask(make_bill(store))
    cancel_order(attempt.order, by=None)
    pay(attempt)
    return next(each for each in payments() if each.is_unmatched)


def test_an_accountant_uses_unmatched_money_for_an_order_that_fits(client, store, log_in):
    user = log_in(ACCOUNTANT)
    money, order, dear = make_unmatched(store), make_bill(store), make_bill(store, "900.00")
    address = f"{PAYMENTS}{money.pk}/do-match-payment/"
    assert address in client.get(page(money)).content.decode()
    shown = client.get(address).content.decode()
    assert shown.index(f"{order.number} ·") < shown.index(f"{dear.number} ·")
    assert "Select a valid choice" in client.post(address, {"order": str(money.pk)}).content.decode()
    assert client.post(address, {"order": str(order.pk)}).headers.get("HX-Redirect")
    assert fresh(order).status == OrderStatus.PAID
    assert fresh(money).history.first().history_user == user
    assert address not in client.get(page(money)).content.decode()


def test_staff_do_not_match_money(client, store, log_in):
    log_in(STAFF)
    money = make_unmatched(store)
    assert client.post(f"{PAYMENTS}{money.pk}/do-match-payment/", {}).status_code == 403


def test_only_an_owner_applies_a_delivery_again(client, store, log_in, monkeypatch):
    attempt = ask(make_bill(store))
    event = record_event(attempt, body=body_for(attempt))
    address = f"{DELIVERIES}{event.pk}/do-replay-event/"
    log_in(ACCOUNTANT)
    assert client.post(address).status_code == 403
    log_in(OWNER)
    assert client.get(address).status_code == 200 and fresh(event).outcome == EventOutcome.WAITING
    with monkeypatch.context() as patch:
        patch.setattr(service, "read_notice", broken)
        client.post(address)
        assert fresh(event).outcome == EventOutcome.ERROR
    client.post(address)
    assert fresh(event).outcome == EventOutcome.APPLIED and fresh(attempt.order).status == OrderStatus.PAID
    assert address not in client.get(page(event)).content.decode()


def broken(*args, **kwargs):
    raise ZeroDivisionError


# Lists and pages


def test_payments_are_found_by_receipt_order_customer_and_phone(client, store, log_in):
    log_in(STAFF)
    event = pay(ask(make_bill(store)), "AAA1111111")
    pay(ask(make_bill(store)), "BBB2222222")
    customer = event.payment.customer
    for words in ("aaa1111", event.payment.order.number, customer.name, str(customer.phone)):
        content = client.get(PAYMENTS, {"q": words}).content.decode()
        assert "AAA1111111" in content and "BBB2222222" not in content, words


def test_unmatched_money_is_one_click_away(client, store, log_in):
    log_in(STAFF)
    pay(ask(make_bill(store)), "AAA1111111")
    money = make_unmatched(store)
    content = client.get(INBOX, {"shortcut": "unmatched"}).content.decode()
    assert money.transaction_id in content and "AAA1111111" not in content


@pytest.mark.parametrize("address", [PAYMENTS, DELIVERIES, "/admin/payments/paymentattempt/"])
def test_a_list_needs_few_queries_whatever_its_length(
    client, store, log_in, address, django_assert_max_num_queries
):
    log_in(OWNER)
    for number in range(6):
        pay(ask(make_bill(store)), f"AAA111111{number}")
    client.get(address)
    with django_assert_max_num_queries(8):
        assert client.get(address).content.decode().count("KES 250.00") >= 6


@pytest.mark.parametrize("role", [STAFF, ACCOUNTANT, OWNER])
def test_no_form_writes_money(client, store, log_in, role):
    log_in(role)
    event = pay(ask(make_bill(store)))
    rows = [event.payment, event.attempt] + ([event] if role != STAFF else [])
    for row in rows:
        shown = client.get(page(row))
        assert shown.status_code == 200 and b'name="_save"' not in shown.content
        assert client.post(page(row), {"status": "failed", "amount": "1"}).status_code == 403
        assert client.post(page(row).replace("change", "delete"), {"post": "yes"}).status_code == 403
        assert client.get(f"/admin/payments/{row._meta.model_name}/add/").status_code == 403
    assert fresh(event.payment).status == "successful"


def test_a_payment_page_tells_its_prompts(client, store, log_in):
    log_in(STAFF)
    attempt = ask(make_bill(store))
    deliver(attempt, failure_for(attempt, 2001))
    content = client.get(page(attempt.payment)).content.decode()
    assert "wrong PIN" in content and "0712 345 678" in content


def test_a_delivery_is_shown_as_it_came_escaped_and_without_the_phone(client, store, log_in):
    attempt = ask(make_bill(store))
    event = pay(attempt, ResultDesc="<script>alert(1)</script>", items={"PhoneNumber": int(PHONE)})
    log_in(ACCOUNTANT)
    content = client.get(page(event)).content.decode()
    assert "&lt;script&gt;alert(1)" in content and "<script>alert(1)" not in content
    assert PHONE not in content and "*********678" in content and "NLJ7RT61SV" in content
    assert "20191219102115" in content
    log_in(OWNER)
    assert PHONE in client.get(page(event)).content.decode()


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\x00", b"[" * 60_000, b"9" * 5000, b'"\\ud800\\u0000"', b"{" + b" " * 60_000]
)
def test_any_delivery_can_be_looked_at(client, store, log_in, body):
    log_in(OWNER)
    event = deliver(ask(make_bill(store)), body)
    assert client.get(page(event)).status_code == 200
    assert client.get(DELIVERIES).status_code == 200


def test_deliveries_are_not_for_clerks(client, store, log_in):
    log_in(STAFF)
    event = pay(ask(make_bill(store)))
    assert client.get(DELIVERIES).status_code == 403
    assert client.get(page(event)).status_code in (302, 403, 404)


def test_rows_of_another_business_are_not_shown(client, store, log_in):
    log_in(OWNER)
    other = make_business()
    with business_scope(other):
        event = pay(ask(make_bill(other)), "FOREIGN111")
    assert "FOREIGN111" not in client.get(PAYMENTS).content.decode()
    for row in (event, event.payment, event.attempt):
        assert client.get(page(row)).status_code in (302, 404)


def test_a_date_filter_takes_whole_days(client, store, log_in):
    log_in(STAFF)
    pay(ask(make_bill(store)), "AAA1111111")
    today = timezone.localdate()
    for day, is_there in ((today, True), (today - timedelta(days=1), False)):
        found = client.get(PAYMENTS, {"created_at_from": day, "created_at_to": day}).content.decode()
        assert ("AAA1111111" in found) == is_there


def test_no_list_reads_the_bodies(client, store, log_in, django_assert_max_num_queries):
    log_in(OWNER)
    event = pay(ask(make_bill(store)))
    assert len(events()) == 1 and WebhookEvent._base_manager.defer("body").get(pk=event.pk)
    client.get(DELIVERIES)
    with django_assert_max_num_queries(8) as counted:
        client.get(DELIVERIES)
    assert not [query for query in counted.captured_queries if '"body"' in query["sql"]]
