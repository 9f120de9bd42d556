"""Refunds on their way to the provider: sent once, never again where that could pay twice."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from backoffice.errors import RuleBroken
from backoffice.invariants import check_all
from payments.models import OutboxItem, PaymentMethod, PaymentStatus, Refund, RefundStatus
from payments.services.outbox import Retry, deliver_due
from payments.services.payments import match_payment
from payments.services.refund_sending import claim_refund, look_up_refund, note_standing, send_refund
from payments.services.refund_ways import asked_of_provider
from payments.services.refunds import look_again, resolve_refund
from payments.simulator import HTML_503, refusal
from sales.services.orders import cancel_order
from tests.payments import cards, paypal
from tests.payments.money import fresh, make_bill
from tests.payments.refunds import approved, make_free

pytestmark = pytest.mark.django_db
S = RefundStatus
EXPIRED_TOKEN = refusal(404, "404.001.03", "Invalid Access Token")


@pytest.fixture(autouse=True)
def sums_hold(store):
    yield
    assert [each for each in check_all() if not each.holds] == []


@pytest.fixture
def provider(simulator, settings):
    """The pretend providers, whose letters go nowhere."""
    settings.PAYMENT_SIMULATOR_URL = simulator.url
    simulator.hold = True
    return simulator


def paid_at_till(business, simulator, amount=250):
    paid = simulator.pay_till(amount=amount, phone="254712345678")
    return make_free(business, str(amount), transaction_id=paid.receipt)


def paid_by_card(business, simulator, amount="250.00"):
    simulator.stripe.auto = "pay"
    asked = cards.make_gateway(simulator).ask(cards.make_ask(amount=Decimal(amount)))
    receipt = simulator.stripe.sessions[asked.reference]["payment_intent"]
    return make_free(business, amount, PaymentMethod.CARD, transaction_id=receipt)


def paid_by_paypal(business, simulator):
    receipt = paypal.pay(simulator, paypal.make_gateway(simulator)).receipt
    return make_free(business, "12.50", PaymentMethod.PAYPAL, "USD", transaction_id=receipt)


def send(refund):
    """Send it as the worker does."""
    send_refund(refund.pk)
    return fresh(refund)


def send_later(refund):
    """Send it, and see that it has to be tried again."""
    with pytest.raises(Retry):
        send_refund(refund.pk)
    return fresh(refund)


# What the provider is asked for


def test_a_whole_mpesa_payment_is_reversed_and_waits_for_the_result(store, provider):
    payment = paid_at_till(store, provider)
    refund = send(approved(payment, 250))
    (operation,) = provider.operations
    assert operation.request["CommandID"] == "TransactionReversal"
    assert operation.request["TransactionID"] == payment.transaction_id
    assert (refund.status, refund.reference) == (S.SENT, operation.conversation)


def test_a_part_is_paid_out_to_the_phone_under_our_key(store, provider):
    refund = send(approved(paid_at_till(store, provider), 100))
    (operation,) = provider.operations
    assert (operation.request["PartyB"], operation.request["Amount"]) == ("254712345678", 100)
    assert operation.request["OriginatorConversationID"] == str(refund.pk)


def test_what_was_rounded_up_goes_back_with_the_whole(store):
    payment = make_free(store, "250.00")
    payment.rounding = Decimal("0.03")
    refund = Refund(payment=payment, amount=Decimal("249.97"))
    assert asked_of_provider(refund) == (Decimal("250.00"), "KES")


def test_a_card_has_it_back_at_once(store, provider):
    payment = paid_by_card(store, provider)
    refund = send(approved(payment, 100))
    assert (refund.status, refund.receipt) == (S.SUCCEEDED, next(iter(provider.stripe.refunds)))
    assert fresh(payment).status == PaymentStatus.SUCCESSFUL
    send(approved(payment, 150))
    assert fresh(payment).status == PaymentStatus.REFUNDED


def test_paypal_gives_back_in_the_currency_of_the_payment(store, provider):
    payment = paid_by_paypal(store, provider)
    assert send(approved(payment, "12.50")).status == S.SUCCEEDED
    assert fresh(payment).status == PaymentStatus.REFUNDED


def test_the_outbox_sends_it(store, provider):
    refund = approved(paid_by_card(store, provider), 100)
    assert deliver_due() == 1
    assert fresh(refund).status == S.SUCCEEDED
    assert OutboxItem._base_manager.get().done_at


def test_a_second_worker_finds_nothing_to_do(store, provider):
    refund = send(approved(paid_at_till(store, provider), 250))
    assert send(refund).status == S.SENT
    assert len(provider.operations) == 1


# When it does not go well


def test_an_expired_token_is_refreshed_and_the_refund_goes_once(store, provider):
    payment = paid_at_till(store, provider)
    send(approved(payment, 100))
    provider.expire_token()
    assert send(approved(payment, 50)).status == S.SENT
    assert (len(provider.operations), provider.token_requests) == (2, 2)


def test_a_definite_refusal_frees_the_money(store, provider):
    payment = paid_at_till(store, provider)
    provider.operation_answer = refusal(400, "400.002.02", "Bad Request - Invalid Amount")
    refund = send(approved(payment, 250))
    assert (refund.status, fresh(payment).free) == (S.FAILED, 250)
    assert "Invalid Amount" in refund.message


@pytest.mark.parametrize("amount", [250, 100])
def test_an_unanswered_mpesa_request_is_never_sent_again(store, provider, amount):
    payment = paid_at_till(store, provider)
    provider.drop_answer = True
    refund = send(approved(payment, amount))
    provider.drop_answer = False
    assert refund.status == S.UNKNOWN
    assert send(refund).status == S.UNKNOWN
    assert len(provider.operations) == 1
    assert fresh(payment).free == 250 - amount


@pytest.mark.parametrize("pay", [paid_by_card, paid_by_paypal])
def test_an_unanswered_request_is_repeated_where_our_key_is_known(store, provider, pay):
    payment = pay(store, provider)
    refund = approved(payment, 5)
    provider.stripe.drop, provider.paypal.faults = "after", ["drop_after"]
    assert send_later(refund).status == S.UNKNOWN
    provider.stripe.drop = ""
    assert send(refund).status == S.SUCCEEDED
    assert fresh(payment).free == payment.free - 5


def test_after_most_of_a_day_the_key_may_be_forgotten_and_a_person_has_to_look(store, provider, later):
    refund = approved(paid_by_card(store, provider), 5)
    provider.stripe.drop = "after"
    send_later(refund)
    provider.stripe.drop = ""
    later(hours=21)
    assert send(refund).status == S.UNKNOWN
    assert len(provider.stripe.refunds) == 1


def test_a_refusal_after_silence_says_nothing_of_the_first_request(store, provider):
    refund = approved(paid_by_card(store, provider), 5)
    provider.stripe.drop = "after"
    send_later(refund)
    provider.stripe.drop = ""
    provider.stripe.answers = [(401, b'{"error": {"type": "invalid_request_error", "code": "x"}}', {})]
    assert send(refund).status == S.UNKNOWN


def test_a_provider_that_cannot_be_reached_is_tried_again_later(store, settings):
    settings.PAYMENT_SIMULATOR_URL = "http://127.0.0.1:9"
    for method in (PaymentMethod.CARD, PaymentMethod.MPESA):
        refund = send_later(approved(make_free(store, method=method), 250))
        assert (refund.status, refund.sent_at) == (S.APPROVED, None)
        assert refund.message


def test_without_its_settings_nothing_was_sent_and_the_money_is_free(store, settings):
    settings.PAYMENT_SIMULATOR_URL = ""
    payment = make_free(store, method=PaymentMethod.CARD)
    refund = send(approved(payment, 250))
    assert (refund.status, fresh(payment).free) == (S.FAILED, 250)
    assert "not set up" in refund.message


# A worker that was killed between the claim and the call


def test_after_a_killed_worker_mpesa_is_left_to_a_person(store, provider, later):
    refund = approved(paid_at_till(store, provider), 250)
    assert claim_refund(refund.pk).sent_at
    assert send_later(refund).status == S.APPROVED  # the other one may still be at it
    later(minutes=3)
    assert send(refund).status == S.UNKNOWN
    assert provider.operations == []


def test_after_a_killed_worker_a_card_is_given_back_once(store, provider, later):
    refund = approved(paid_by_card(store, provider), 100)
    claim_refund(refund.pk)
    later(minutes=3)
    assert send(refund).status == S.SUCCEEDED
    assert len(provider.stripe.refunds) == 1


def test_a_late_answer_of_the_first_worker_counts(store, provider, later):
    refund = approved(paid_by_card(store, provider), 100)
    claimed = claim_refund(refund.pk)
    standing = cards.make_gateway(provider).refund(
        cards.make_refund(claimed.payment.transaction_id, key=str(refund.pk))
    )
    Refund._base_manager.filter(pk=refund.pk).update(sent_at=timezone.now() - timedelta(minutes=3))
    claim_refund(refund.pk)
    assert note_standing(claimed, standing).status == S.SUCCEEDED
    assert note_standing(claimed, standing).status == S.SUCCEEDED


# Looking and deciding by hand


@pytest.mark.parametrize(("amount", "asked"), [(250, "TransactionID"), (100, "OriginalConversationID")])
def test_safaricom_is_asked_about_a_reversal_by_receipt_and_about_a_payout_by_key(
    store, provider, amount, asked
):
    payment = paid_at_till(store, provider)
    provider.drop_answer = True
    refund = send(approved(payment, amount))
    provider.drop_answer = False
    look_again(refund, by=None)
    look_up_refund(refund.pk)
    question = provider.operations[-1].request
    assert question["CommandID"] == "TransactionStatusQuery"
    assert question[asked] == (payment.transaction_id if amount == 250 else str(refund.pk))
    assert len(provider.operations) == 2


def test_nobody_answers_a_question_and_nothing_changes(store, provider):
    refund = send(approved(paid_at_till(store, provider), 250))
    provider.operation_answer = HTML_503
    look_up_refund(refund.pk)
    assert fresh(refund).status == S.SENT


def test_stripe_tells_at_once_how_a_slow_refund_stands(store, provider):
    provider.stripe.refund_status = "pending"
    refund = send(approved(paid_by_card(store, provider), 100))
    assert refund.status == S.SENT
    provider.stripe.finish_refund(refund.receipt, "succeeded")
    look_up_refund(refund.pk)
    assert fresh(refund).status == S.SUCCEEDED


@pytest.mark.parametrize(("went", "status", "free"), [(True, S.SUCCEEDED, 0), (False, S.FAILED, 250)])
def test_a_person_says_how_a_refund_in_doubt_ended(store, provider, went, status, free):
    payment = paid_at_till(store, provider)
    provider.drop_answer = True
    refund = send(approved(payment, 250))
    refund = resolve_refund(refund, went=went, by=None, reason="Portal", receipt="SKE52PAWR9")
    assert (refund.status, fresh(payment).free) == (status, free)


def test_a_person_says_that_a_failed_refund_left_after_all(store, provider):
    payment = paid_at_till(store, provider)
    refund = send(approved(payment, 250))
    refund = resolve_refund(refund, went=False, by=None, reason="Not on the portal")
    with pytest.raises(RuleBroken, match="known before"):
        resolve_refund(refund, went=False, by=None, reason="Still not")
    refund = resolve_refund(refund, went=True, by=None, reason="Statement", receipt="SKE52PAWR9")
    assert (refund.status, refund.receipt) == (S.SUCCEEDED, "SKE52PAWR9")
    assert (fresh(payment).status, fresh(payment).free) == (PaymentStatus.REFUNDED, 0)
    with pytest.raises(RuleBroken, match="not in doubt"):
        resolve_refund(refund, went=True, by=None, reason="Statement")


def test_what_was_used_since_a_refund_failed_has_to_be_freed_before_it_counts_as_left(store, provider):
    payment, order = paid_at_till(store, provider), make_bill(store, "100.00")
    refund = resolve_refund(send(approved(payment, 250)), went=False, by=None, reason="Not on the portal")
    match_payment(payment, order=order, by=None)
    with pytest.raises(RuleBroken, match="used since it failed: only KES 150.00"):
        resolve_refund(refund, went=True, by=None, reason="Statement")
    assert (fresh(refund).status, fresh(payment).free) == (S.FAILED, 150)
    cancel_order(order, by=None)
    assert resolve_refund(refund, went=True, by=None, reason="Statement").status == S.SUCCEEDED


def test_a_person_who_names_no_receipt_leaves_that_of_the_provider(store, provider):
    provider.stripe.refund_status = "pending"
    refund = send(approved(paid_by_card(store, provider), 100))
    receipt = refund.receipt
    assert receipt
    assert resolve_refund(refund, went=True, by=None, reason="Dashboard").receipt == receipt
