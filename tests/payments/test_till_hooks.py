"""Money that customers send to a till or paybill by themselves: booked once, used only where it fits."""

import socket
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import DatabaseError

from payments.models import Channel, EventOutcome, Payment, PaymentStatus
from payments.views import mpesa
from sales.models import OrderStatus
from sales.services.numbers import order_reference
from tests.builders import make_business, make_customer
from tests.payments.hooks import as_json, confirmation, make_account, post_till
from tests.payments.money import PHONE, ask, body_for, deliver, events, fresh, make_bill, pay, payments

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(store):
    return make_account(store)


def test_money_is_kept_as_unmatched_with_what_is_known_of_the_payer(client, account):
    answer = post_till(client, account, confirmation(BillRefNumber=" =cmd()|' /C calc'!A0 "))
    assert (answer.status_code, as_json(answer)["ResultCode"]) == (200, 0)
    (money,) = payments()
    assert (money.status, money.free, money.customer, money.order) == ("successful", 250, None, None)
    assert (money.transaction_id, money.payer_name, money.account) == ("RKL51ZDR4F", "NICHOLAS", account)
    assert money.payer_reference == "=cmd()|' /C calc'!A0"
    (event,) = events()
    assert (event.outcome, event.payment, event.channel) == (EventOutcome.APPLIED, money, Channel.C2B)


@pytest.mark.parametrize(
    "write", [lambda o: o.number, order_reference, lambda o: o.number.lower().replace("-", " ")]
)
def test_money_that_names_an_order_and_fits_pays_it(client, store, account, write):
    order = make_bill(store, "249.97")
    post_till(client, account, confirmation(BillRefNumber=write(order)))
    assert fresh(order).status == OrderStatus.PAID
    (money,) = payments()
    assert (money.order, money.customer, money.rounding) == (order, order.customer, Decimal("0.03"))


@pytest.mark.parametrize("amount", ["249.00", "251.00"])
def test_money_that_does_not_fit_the_named_order_waits(client, store, account, amount):
    order = make_bill(store)
    post_till(client, account, confirmation(BillRefNumber=order.number, TransAmount=amount))
    assert fresh(order).status == OrderStatus.PENDING and payments()[0].is_unmatched
    assert "not what" in events()[0].reason


@pytest.mark.parametrize("typed", ["", "INV-1042", "9" * 300, "<b>", "'; DROP TABLE", "1"])
def test_money_that_names_no_order_for_certain_waits(client, store, account, typed):
    order = make_bill(store)
    assert post_till(client, account, confirmation(BillRefNumber=typed)).status_code == 200
    assert fresh(order).status == OrderStatus.PENDING and payments()[0].is_unmatched


def test_an_order_of_another_business_is_not_paid(client, account):
    other = make_bill(make_business())
    post_till(client, account, confirmation(BillRefNumber=other.number))
    assert fresh(other).status == OrderStatus.PENDING and payments()[0].is_unmatched


def test_a_mistyped_number_names_nothing(client, store, account):
    order = make_bill(store)
    reference = order_reference(order)
    wrong = reference[:-1] + ("A" if reference[-1] != "A" else "B")
    post_till(client, account, confirmation(BillRefNumber=wrong))
    assert fresh(order).status == OrderStatus.PENDING


@pytest.mark.parametrize("msisdn", [PHONE, sha256(PHONE.encode()).hexdigest()])
def test_a_known_phone_or_its_hash_names_the_customer(client, account, msisdn):
    make_customer()
    customer = make_customer(phone=f"+{PHONE}")
    post_till(client, account, confirmation(MSISDN=msisdn))
    assert payments()[0].customer == customer


@pytest.mark.parametrize("shortcode", ["600967", "", "x", None])
def test_money_for_another_till_is_for_a_person_to_look_at(client, account, shortcode):
    post_till(client, account, confirmation(BusinessShortCode=shortcode))
    assert not payments() and events()[0].outcome == EventOutcome.REVIEW


def test_a_till_is_known_by_its_own_number_too(client, store):
    account = make_account(store, till="999123")
    post_till(client, account, confirmation(BusinessShortCode="999123"))
    assert len(payments()) == 1


def test_a_transfer_between_organisations_is_no_payment(client, account):
    post_till(client, account, confirmation(TransactionType="Organization To Organization Transfer"))
    assert not payments() and events()[0].outcome == EventOutcome.IGNORED


def test_the_same_confirmation_days_later_changes_nothing(client, account, later):
    post_till(client, account, confirmation())
    later(days=5)
    assert post_till(client, account, confirmation()).status_code == 200
    post_till(client, account, confirmation(OrgAccountBalance="77.00"))  # other bytes, the same money
    assert len(payments()) == 1 and len(events()) == 2
    assert events()[1].outcome == EventOutcome.IGNORED and events()[1].payment == payments()[0]


def test_the_same_receipt_with_another_amount_is_for_a_person_to_look_at(client, account):
    post_till(client, account, confirmation())
    post_till(client, account, confirmation(TransAmount="9.00"))
    assert len(payments()) == 1 and events()[1].outcome == EventOutcome.REVIEW


def test_a_prompt_and_then_the_till_tell_of_the_same_money(client, store, account):
    attempt = ask(make_bill(store))
    pay(attempt, "RKL51ZDR4F")
    post_till(client, account, confirmation(BillRefNumber=attempt.order.number))
    assert [each.status for each in payments()] == [PaymentStatus.SUCCESSFUL]
    assert events()[1].outcome == EventOutcome.IGNORED and events()[1].payment == payments()[0]


@pytest.mark.parametrize("names_order", [True, False])
def test_the_till_and_then_the_prompt_tell_of_the_same_money(client, store, account, names_order):
    attempt = ask(make_bill(store))
    billref = attempt.order.number if names_order else ""
    post_till(client, account, confirmation(BillRefNumber=billref))
    event = pay(attempt, "RKL51ZDR4F")
    came = [each for each in payments() if each.status == PaymentStatus.SUCCESSFUL]
    assert len(came) == 1 and event.payment == came[0] and not came[0].free
    assert fresh(attempt).status == "succeeded" and fresh(attempt).payment == came[0]
    assert fresh(attempt.order).status == OrderStatus.PAID


def test_a_prompt_cannot_take_the_money_of_another_payer(client, store, account):
    attempt = ask(make_bill(store))
    post_till(client, account, confirmation(MSISDN="254799999999"))
    event = deliver(attempt, body_for(attempt, "RKL51ZDR4F"))
    assert event.outcome == EventOutcome.REVIEW and fresh(attempt.order).status == OrderStatus.PENDING
    deliver(attempt, body_for(attempt, CallbackMetadata=...))
    assert fresh(attempt).next_look_at is None  # asked, Safaricom would confirm this money a second time


def test_money_after_the_order_was_cancelled_or_paid_is_kept(client, store, account):
    order = make_bill(store)
    post_till(client, account, confirmation(BillRefNumber=order.number))
    post_till(client, account, confirmation(BillRefNumber=order.number, TransID="RKL51ZDR4G"))
    assert [each.is_unmatched for each in payments()] == [False, True]


def test_the_question_is_answered_at_once_and_is_never_money(client, store, account):
    order = make_bill(store)
    answer = post_till(client, account, confirmation(BillRefNumber=order.number), word="check")
    assert as_json(answer) == {"ResultCode": "0", "ResultDesc": "Accepted"}
    assert not payments() and fresh(order).status == OrderStatus.PENDING
    assert (events()[0].channel, events()[0].outcome) == (Channel.CHECK, EventOutcome.IGNORED)
    # The confirmation has the very same bytes, and is money.
    post_till(client, account, confirmation(BillRefNumber=order.number))
    assert fresh(order).status == OrderStatus.PAID


def test_the_question_waits_for_nobody_and_for_two_statements_only(
    client, store, account, monkeypatch, django_assert_num_queries
):
    order = make_bill(store)
    monkeypatch.setattr(socket.socket, "connect", None)  # no provider is asked, slow or not
    with django_assert_num_queries(2):
        answer = post_till(client, account, confirmation(BillRefNumber=order.number), "check")
    assert as_json(answer)["ResultCode"] == "0" and not payments()


def test_a_question_after_its_confirmation_is_no_second_money(client, store, account):
    order = make_bill(store)
    for word in ("till", "check"):
        assert post_till(client, account, confirmation(BillRefNumber=order.number), word).status_code == 200
    assert len(payments()) == 1 and fresh(order).history.filter(status="paid").count() == 1
    assert [each.outcome for each in events()] == [EventOutcome.APPLIED, EventOutcome.IGNORED]


def test_a_closed_account_takes_no_more_money_and_still_books_what_came(client, store):
    account = make_account(store, is_active=False)
    assert as_json(post_till(client, account, confirmation(), "check"))["ResultCode"] == "C2B00015"
    post_till(client, account, confirmation())
    assert len(payments()) == 1


def test_the_question_is_answered_though_it_cannot_be_noted(client, account, monkeypatch):
    def down(*args, **kwargs):
        raise DatabaseError

    monkeypatch.setattr(mpesa, "store_delivery", down)
    assert as_json(post_till(client, account, confirmation(), "check"))["ResultCode"] == "0"


@pytest.mark.parametrize("word", ["till", "check", "card", "paypal", "result", "timeout"])
def test_every_address_is_for_posts_with_a_known_token_only(client, account, word):
    for token in ("0" * 32, "0" * 64, "x", account.hook_token.upper()):
        for path in (f"/hooks/{word}/{token}/", f"/hooks/{word}/{token}"):
            assert client.post(path, b"{}", content_type="application/json").status_code == 404
            assert (client.get(path).status_code, client.get(path)["Allow"]) == (405, "POST")
    assert not events()


def test_an_address_of_one_provider_is_nothing_at_another(client, account):
    for word in ("card", "paypal"):
        assert post_till(client, account, b"{}", word).status_code == 404


def test_a_till_without_the_slash_and_over_plain_http_is_not_redirected(client, account):
    path = f"/hooks/till/{account.hook_token}"
    assert client.post(path, confirmation(), content_type="text/plain").status_code == 200
    assert len(payments()) == 1


@pytest.mark.parametrize("body, status", [(b"", 411), (b"[]", 200), (b"{}{}", 200), (b" " * 70_000, 413)])
def test_rubbish_is_survived(client, account, body, status):
    assert post_till(client, account, body).status_code == status
    assert not payments()
    assert {each.outcome for each in events()} <= {EventOutcome.UNREADABLE}


# Where it comes from


def test_another_address_than_safaricoms_is_marked_and_taken(client, account):
    post_till(client, account, confirmation())
    assert events()[0].is_from_elsewhere and len(payments()) == 1


def test_safaricoms_address_is_not_marked(client, account):
    client.post(
        f"/hooks/till/{account.hook_token}/",
        confirmation(),
        content_type="application/json",
        REMOTE_ADDR="196.201.212.69",
    )
    assert not events()[0].is_from_elsewhere


def test_where_addresses_decide_others_are_refused_whatever_they_claim(client, account, settings):
    settings.MPESA_ENFORCE_ADDRESSES = True
    path, how = f"/hooks/till/{account.hook_token}/", {"content_type": "application/json"}
    claim = {"HTTP_X_FORWARDED_FOR": "196.201.212.69"}
    assert client.post(path, confirmation(), **how, **claim).status_code == 403
    assert not events()
    assert client.post(path, confirmation(), **how, REMOTE_ADDR="196.201.212.69").status_code == 200
    assert Payment._base_manager.count() == 1
