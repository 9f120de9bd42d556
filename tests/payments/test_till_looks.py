"""Money at the till is asked about before it is believed, and Safaricom's answer comes when it comes."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.invariants import check_all
from backoffice.roles import OWNER, STAFF
from payments.models import Channel, EventOutcome, Refund, WebhookEvent
from payments.services.account_setup import register_at_safaricom
from payments.services.dealt_with import deal_with_event
from payments.services.events import replay_event
from payments.services.result_tokens import result_token
from payments.services.sweeping import sweep
from payments.services.till_looks import ask_about
from payments.simulator import HTML_503, SIMULATOR_CREDENTIALS
from sales.models import OrderStatus
from tests.builders import make_user
from tests.payments.daraja import make_result, until
from tests.payments.hooks import confirmation, make_account, post_till
from tests.payments.money import PHONE, events, fresh, make_bill, payments
from tests.payments.refunds import make_free
from tests.payments.test_callback_race import at_once, post

pytestmark = pytest.mark.django_db
SHORTCODE = SIMULATOR_CREDENTIALS["shortcode"]


@pytest.fixture(autouse=True)
def nothing_broken(store):
    yield
    assert [each for each in check_all() if not each.holds] == []


@pytest.fixture
def account(store):
    """Safaricom is asked about all money at the till of this business."""
    return make_account(store, identifier=SHORTCODE, trusted_up_to=0)


def paid(providers, amount=250, **values):
    """Somebody has paid the till, and word of it is on its way."""
    return providers.pay_till(amount=amount, phone=PHONE, **values)


def claim(client, account, body):
    """Deliver the confirmation of a payment to the till. Returns the delivery."""
    assert post_till(client, account, body).status_code == 200
    return events()[-1]


def asked(providers, event):
    """Have Safaricom asked. Returns what it will answer."""
    ask_about(event.pk)
    operation = providers.operations[-1]
    assert operation.delivered.wait(5)
    return operation


def tell(client, operation, body=None, word="result"):
    """Deliver an answer, and apply what is due by it. Returns the HTTP status."""
    path = urlsplit(operation.request["ResultURL"]).path.replace("result", word)
    answer = client.post(path, body or operation.body(), content_type="application/json")
    sweep()
    return answer.status_code


# The answer


def test_money_waits_until_safaricom_confirms_it_and_then_pays_its_order(client, store, account, providers):
    order = make_bill(store)
    payment = paid(providers, billref=order.number)
    event = claim(client, account, payment.body())
    assert (event.outcome, event.payment) == (EventOutcome.WAITING, None)
    assert payment.receipt in event.reason and "KES 250.00" in event.reason
    assert not payments() and fresh(order).status == OrderStatus.PENDING
    assert tell(client, asked(providers, event)) == 200
    event, answer = events()
    assert (event.outcome, answer.outcome, answer.about) == ("applied", "applied", event)
    assert event.confirmed_at and event.next_look_at is None
    assert [each.transaction_id for each in payments()] == [payment.receipt]
    assert fresh(order).status == OrderStatus.PAID


def test_a_till_is_confirmed_under_either_of_its_numbers(client, store, providers):
    account = make_account(store, identifier=SHORTCODE, till="520110", trusted_up_to=0)
    event = claim(client, account, paid(providers, shortcode="520110").body())
    tell(client, asked(providers, event))
    assert len(payments()) == 1


def test_up_to_what_the_owner_trusts_nobody_is_asked(client, store, providers):
    account = make_account(store, identifier=SHORTCODE, trusted_up_to=Decimal(250))
    assert claim(client, account, paid(providers).body()).outcome == EventOutcome.APPLIED
    assert claim(client, account, paid(providers, amount=251).body()).outcome == EventOutcome.WAITING
    assert len(payments()) == 1


def test_a_receipt_that_safaricom_does_not_know_pays_nothing(client, store, account, providers):
    order = make_bill(store)
    event = claim(client, account, forged(order))
    assert tell(client, asked(providers, event)) == 200
    event = fresh(event)
    assert (event.outcome, event.next_look_at) == (EventOutcome.REVIEW, None)
    assert "RKL51ZDR4F" in event.reason and "does not know this receipt" in event.reason
    assert not payments() and fresh(order).status == OrderStatus.PENDING


def test_the_control_where_the_owner_trusts_it_a_forged_confirmation_pays(client, store, providers):
    order = make_bill(store)
    account = make_account(store, identifier=SHORTCODE, trusted_up_to=250)
    claim(client, account, forged(order))
    assert fresh(order).status == OrderStatus.PAID


def forged(order):
    return confirmation(BusinessShortCode=SHORTCODE, BillRefNumber=order.number)


ANSWER = [
    ("DebitPartyName", f"{PHONE} - NICHOLAS"),
    ("ReceiptNo", "RKL51ZDR4F"),
    ("Amount", 250),
    ("TransactionStatus", "Completed"),
    ("DebitPartyName", f"{SHORTCODE} - The shop"),
]


@pytest.mark.parametrize(
    "other",
    [
        ("ReceiptNo", "RKL51ZDR4G"),
        ("ReceiptNo", ...),
        ("Amount", 249),
        ("Amount", ...),
        ("TransactionStatus", "Reversed"),
        ("TransactionStatus", "Failed"),
        ("TransactionStatus", ...),
        ("DebitPartyName", "600967 - Another shop"),
    ],
)
def test_an_answer_about_anything_else_than_exactly_this_money_denies_it(
    client, store, account, providers, other
):
    event = claim(client, account, forged(make_bill(store)))
    told = [(name, other[1] if name == other[0] else value) for name, value in ANSWER]
    tell(client, asked(providers, event), make_result(told))
    assert fresh(event).outcome == EventOutcome.REVIEW and "does not confirm" in fresh(event).reason
    assert not payments()


@pytest.mark.parametrize("code", [0, "0"])
def test_the_same_answer_about_exactly_this_money_confirms_it(client, store, account, providers, code):
    event = claim(client, account, forged(make_bill(store)))
    tell(client, asked(providers, event), make_result(ANSWER, ResultCode=code))
    assert fresh(event).outcome == EventOutcome.APPLIED and len(payments()) == 1


def test_a_detail_that_is_told_twice_confirms_nothing(client, store, account, providers):
    event = claim(client, account, forged(make_bill(store)))
    tell(client, asked(providers, event), make_result([*ANSWER, ("Amount", 9)]))
    assert fresh(event).outcome == EventOutcome.REVIEW and not payments()


def test_an_answer_counts_only_for_the_money_that_was_asked_about(client, store, account, providers):
    true, false = (
        claim(client, account, paid(providers).body()),
        claim(client, account, forged(make_bill(store))),
    )
    answer = asked(providers, true).body()
    tell(client, asked(providers, false), answer)
    assert [each.outcome for each in events()[:2]] == [EventOutcome.WAITING, EventOutcome.REVIEW]
    assert not payments()


def test_a_confirmation_after_a_denial_counts(client, store, account, providers):
    event = claim(client, account, forged(make_bill(store)))
    operation = asked(providers, event)
    tell(client, operation)
    assert fresh(event).outcome == EventOutcome.REVIEW
    tell(client, operation, make_result(ANSWER))
    assert fresh(event).outcome == EventOutcome.APPLIED and len(payments()) == 1


def test_a_denial_after_the_confirmation_changes_nothing(client, store, account, providers):
    event = claim(client, account, paid(providers).body())
    operation = asked(providers, event)
    tell(client, operation)
    tell(client, operation, make_result(ResultCode="2032"))
    assert [each.outcome for each in events()] == ["applied", "applied", "ignored"] and len(payments()) == 1


@pytest.mark.parametrize("word", ["result", "timeout"])
def test_a_wrong_token_is_not_found(client, account, providers, word):
    event = claim(client, account, paid(providers).body())
    operation = asked(providers, event)
    path = urlsplit(operation.request["ResultURL"]).path.rstrip("/").replace("result", word)
    changed = path[:-1] + ("0" if path[-1] != "0" else "1")
    assert client.post(changed, operation.body(), content_type="application/json").status_code == 404
    assert not payments() and len(events()) == 1


def test_a_delivery_and_a_refund_of_one_key_have_two_addresses():
    assert result_token(WebhookEvent(pk=7)) != result_token(Refund(pk=7))


# No answer


@pytest.mark.parametrize("code", ["2001", "21", "26", "17", "timeout"])
def test_a_question_that_failed_says_nothing_about_the_money(client, account, providers, code):
    event = claim(client, account, paid(providers).body())
    providers.operation_ending = code
    operation = asked(providers, event)
    tell(client, operation, word="timeout" if code == "timeout" else "result")
    event = fresh(event)
    assert event.outcome == EventOutcome.WAITING and event.next_look_at > timezone.now()
    assert "not confirmed yet" in event.reason and not payments()


@pytest.mark.parametrize("words", [("timeout", "result"), ("result", "timeout")])
def test_a_time_out_is_no_result_and_the_result_before_or_after_it_counts(client, account, providers, words):
    event = claim(client, account, paid(providers).body())
    operation = asked(providers, event)
    for word in words:
        assert tell(client, operation, word=word) == 200
    assert fresh(event).outcome == EventOutcome.APPLIED and len(payments()) == 1


def test_while_safaricom_cannot_be_asked_the_money_waits(client, account, providers, later):
    event = claim(client, account, paid(providers).body())
    providers.outage = HTML_503
    ask_about(event.pk)
    assert fresh(event).outcome == EventOutcome.WAITING and not providers.operations
    providers.outage = None
    later(minutes=2)
    tell(client, asked(providers, event))
    assert fresh(event).outcome == EventOutcome.APPLIED


def test_nobody_is_asked_twice_within_ten_seconds_whoever_wants_it(client, account, providers, later):
    event = claim(client, account, paid(providers).body())
    operation = asked(providers, event)
    ask_about(event.pk)
    replay_event(fresh(event), by=None)
    sweep()
    tell(client, operation, make_result(ResultCode="2032"))
    replay_event(fresh(event), by=None)
    sweep()
    assert len(providers.operations) == 1
    later(seconds=11)
    sweep()
    assert len(providers.operations) == 2


def test_each_pause_is_longer_than_the_one_before(client, account, providers, later):
    event = claim(client, account, paid(providers).body())
    pauses = []
    for _look in range(3):
        asked(providers, event)
        event = fresh(event)
        pauses.append(event.next_look_at - event.looked_at)
        later(minutes=15)  # more than any of them
    assert timedelta(seconds=60) <= pauses[0] < pauses[1] < pauses[2]


def test_after_two_days_it_is_left_to_a_person_who_may_have_it_asked_about_again(
    client, account, providers, later
):
    event = claim(client, account, paid(providers).body())
    asked(providers, event)
    later(hours=49)
    sweep()
    assert fresh(event).outcome == EventOutcome.REVIEW and "two days" in fresh(event).reason
    assert len(providers.operations) == 1
    replay_event(fresh(event), by=None)
    later(seconds=11)
    tell(client, asked(providers, event))
    assert fresh(event).outcome == EventOutcome.APPLIED and len(providers.operations) == 2


def test_money_that_was_dealt_with_counts_once_safaricom_confirms_it(client, store, account, providers):
    event = claim(client, account, paid(providers).body())
    operation = asked(providers, event)
    tell(client, operation, make_result(ResultCode="2032"))
    assert fresh(event).outcome == EventOutcome.REVIEW
    deal_with_event(event, note="Safaricom knows nothing of it", by=make_user((store, OWNER)))
    tell(client, operation)
    assert fresh(event).outcome == EventOutcome.APPLIED and len(payments()) == 1


def test_money_that_was_dealt_with_stays_so_while_safaricom_denies_it(client, store, account, providers):
    event = claim(client, account, paid(providers).body())
    operation = asked(providers, event)
    tell(client, operation, make_result(ResultCode="2032"))
    deal_with_event(event, note="Safaricom knows nothing of it", by=make_user((store, OWNER)))
    tell(client, operation, make_result(ResultCode="2032", ResultDesc="once more"))
    assert fresh(event).outcome == EventOutcome.IGNORED and not payments()


def test_without_an_api_operator_it_waits_and_says_what_is_missing(client, account, settings, later):
    settings.BASE_URL = "https://office.example"
    account.secrets = dict.fromkeys(("consumer_key", "consumer_secret", "passkey"), "x")
    account.save()
    event = claim(client, account, confirmation(BusinessShortCode=SHORTCODE))
    sweep()
    event = fresh(event)
    assert event.outcome == EventOutcome.WAITING and "API operator" in event.reason
    account.trusted_up_to = 250
    account.save()
    later(minutes=2)
    sweep()
    assert fresh(event).outcome == EventOutcome.APPLIED and len(payments()) == 1


# The same money again


def test_a_confirmation_that_comes_again_while_it_waits_is_the_same_money(client, account, providers):
    body = paid(providers).body()
    event = claim(client, account, body)
    assert claim(client, account, body) == event
    again = claim(client, account, body.replace(b'"25.00"', b'"77.00"'))
    assert again != event and again.outcome == EventOutcome.WAITING
    for each in (event, again):
        tell(client, asked(providers, each))
    assert len(payments()) == 1
    assert (fresh(event).outcome, fresh(again).outcome) == (EventOutcome.APPLIED, EventOutcome.IGNORED)


def test_money_that_was_booked_by_another_road_meanwhile_is_not_asked_about(
    client, store, account, providers
):
    event = claim(client, account, forged(make_bill(store)))
    make_free(store, transaction_id="RKL51ZDR4F")
    ask_about(event.pk)
    assert fresh(event).outcome == EventOutcome.IGNORED and not providers.operations
    assert fresh(event).payment == payments()[0]


# On the pages


def test_what_is_not_confirmed_yet_has_a_shelf_of_the_money_inbox(client, store, account, providers):
    client.force_login(make_user((store, OWNER)))
    payment = paid(providers)
    event = claim(client, account, payment.body())
    page = client.get(reverse("admin:payments_unmatchedmoney_changelist")).text
    assert "Not yet confirmed" in page and "shortcut=unconfirmed" in page
    listed = client.get(reverse("admin:payments_webhookevent_changelist"), {"shortcut": "unconfirmed"}).text
    assert payment.receipt in listed and "KES 250.00" in listed
    tell(client, asked(providers, event))
    listed = client.get(reverse("admin:payments_webhookevent_changelist"), {"shortcut": "unconfirmed"}).text
    assert payment.receipt not in listed


# Over real HTTP


@pytest.fixture
def site(simulator, settings, live_server, account):
    """The pretend Safaricom delivers to the site."""
    settings.PAYMENT_SIMULATOR_URL, settings.BASE_URL = simulator.url, live_server.url
    register_at_safaricom(account)
    return simulator


def claims_wait():
    return [each.next_look_at for each in events() if each.channel == Channel.C2B] not in ([], [None])


@pytest.mark.django_db(transaction=True)
def test_money_lands_though_safaricom_tells_everything_three_times(store, site):
    order, site.copies = make_bill(store), 3
    assert paid(site, billref=order.number).delivered.wait(5)
    until(claims_wait)
    until(lambda: sweep() is not None and fresh(order).status == OrderStatus.PAID, seconds=15)
    assert len(payments()) == 1


@pytest.mark.django_db(transaction=True)
def test_results_and_time_outs_at_once_book_once(store, site, live_server, later):
    paid(site)
    until(claims_wait)
    site.hold = True
    sweep()
    until(lambda: site.held)
    operation = site.operations[-1]
    path = urlsplit(operation.request["ResultURL"]).path
    words = ["result", "timeout"] * 3
    bodies = [operation.body().replace(b"Occasion", f"{n}".encode()) for n in range(6)]
    codes = at_once(lambda n: post(live_server, path.replace("result", words[n]), bodies[n]), 6)
    assert set(codes) == {200}
    later(seconds=6)  # what a busy process left is due by now
    until(lambda: sweep() == 0)
    assert len(payments()) == 1


def test_an_order_tells_of_money_that_names_it_and_is_not_confirmed_yet(client, store, account, providers):
    client.force_login(make_user((store, STAFF)))
    order, other = make_bill(store), make_bill(store)
    payment = paid(providers, billref=order.number)
    event = claim(client, account, payment.body())
    page = client.get(order_address(order)).text
    assert f"KES 250.00, receipt {payment.receipt}: reported at the till, not confirmed yet." in page
    assert "Somebody reports this payment; M-Pesa is being asked whether it came." in page
    assert "hx-trigger" in page and reverse("admin:sales_order_request_payment", args=[order.pk]) in page
    assert payment.receipt not in client.get(order_address(other)).text
    tell(client, asked(providers, event))
    page = client.get(order_address(order)).text
    assert "not confirmed yet" not in page and "Paid: KES 250.00" in page


def order_address(order):
    return reverse("admin:sales_order_change", args=[order.pk])
