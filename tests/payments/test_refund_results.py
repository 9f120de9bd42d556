"""What is told about a refund: the final result wins, whatever came before; nothing counts twice."""

from decimal import Decimal

import pytest

from backoffice.invariants import check_all
from payments.gateways.gateway import Kind, Notice, Standing, State
from payments.models import Channel, EventOutcome, PaymentMethod, PaymentStatus, Refund, RefundStatus
from payments.services.cases import NotYet
from payments.services.deliveries import asker_of, store_delivery
from payments.services.events import process_event
from payments.services.payments import match_payment
from payments.services.refund_sending import claim_refund, doubt, note_standing
from payments.services.refunds import apply_refund_notice, look_again
from payments.services.result_tokens import find_asked, result_token
from tests.payments.daraja import make_result
from tests.payments.money import events, fresh, make_bill
from tests.payments.refunds import approved, ask_back, make_free, make_paid, refunds, result_for

pytestmark = pytest.mark.django_db
S, CARD = RefundStatus, PaymentMethod.CARD
APPLIED, IGNORED, REVIEW = EventOutcome.APPLIED, EventOutcome.IGNORED, EventOutcome.REVIEW


@pytest.fixture(autouse=True)
def sums_hold(store):
    yield
    assert [each for each in check_all() if not each.holds] == []


def sent(payment, amount=250, **values):
    """A refund that M-Pesa has taken note of."""
    refund = claim_refund(approved(payment, amount, **values).pk)
    standing = Standing(State.PENDING, "", "Noted.", reference=f"AG_{refund.pk.hex[:20]}")
    return fresh(note_standing(refund, standing))


def deliver(refund, body, channel=Channel.RESULT):
    """Store and apply what came to the address of a refund. Returns the event's outcome."""
    store_delivery(asker_of(refund), channel=channel, body=body)
    return process_event(events()[-1]).outcome


def told(**values):
    return Notice(**{"kind": Kind.REFUND, "state": State.PAID, "receipt": "re_1", "currency": "KES"} | values)


def tell(refund=None, **values):
    """Apply a notice. Returns the outcome."""
    return apply_refund_notice(refund, told(**values), by=None)[0]


# The address


def test_a_token_leads_to_its_refund_and_no_other_does(store):
    refund = ask_back(make_free(store), 10)
    token = result_token(refund)
    assert find_asked(token) == refund
    assert find_asked(token.upper()) is None
    assert find_asked(token[:-1] + ("0" if token[-1] != "0" else "1")) is None
    assert find_asked(token[:32]) is None
    assert find_asked(result_token(Refund(pk=0))) is None


# M-Pesa


def test_a_result_ends_a_refund_once(store):
    payment = make_free(store)
    refund = sent(payment)
    assert deliver(refund, result_for(refund)) == APPLIED
    assert deliver(refund, result_for(refund, ResultDesc="Again")) == IGNORED
    refund = fresh(refund)
    assert (refund.status, refund.receipt, bool(refund.done_at)) == (S.SUCCEEDED, "SKE52PAWR9", True)
    assert fresh(payment).status == PaymentStatus.REFUNDED


@pytest.mark.parametrize("code", [1, "R000002", 2001])
def test_a_failure_frees_the_money(store, code):
    payment = make_free(store)
    refund = sent(payment)
    assert deliver(refund, result_for(refund, code)) == APPLIED
    assert (fresh(refund).status, fresh(payment).free) == (S.FAILED, 250)


def test_a_failure_gives_the_order_its_money_back(store):
    used = make_paid(store)
    refund = sent(used.payment, 100, allocation=used)
    deliver(refund, result_for(refund, 1))
    assert (fresh(used).refunded, fresh(used.payment).free) == (0, 0)


def test_already_reversed_counts_as_done(store):
    refund = sent(make_free(store))
    assert deliver(refund, result_for(refund, "R000001")) == APPLIED
    assert fresh(refund).status == S.SUCCEEDED


@pytest.mark.parametrize(("code", "status", "free"), [(0, S.SUCCEEDED, 0), (1, S.FAILED, 250)])
def test_a_result_that_is_faster_than_the_answer_counts(store, code, status, free):
    payment = make_free(store)
    refund = claim_refund(approved(payment, 250).pk)
    assert deliver(refund, result_for(refund, code)) == APPLIED
    note_standing(refund, Standing(State.PENDING, reference="AG_1"))
    assert (fresh(refund).status, fresh(payment).free) == (status, free)


def test_a_time_out_is_no_result_and_the_result_after_it_wins(store):
    refund = sent(make_free(store))
    assert deliver(refund, make_result(), Channel.TIMEOUT) == IGNORED
    assert fresh(refund).status == S.UNKNOWN
    assert "do not send it again" in fresh(refund).message
    assert deliver(refund, result_for(refund)) == APPLIED
    assert deliver(refund, make_result(ResultDesc="late"), Channel.TIMEOUT) == IGNORED
    assert fresh(refund).status == S.SUCCEEDED


@pytest.mark.parametrize(("first", "outcome"), [(0, IGNORED), (1, APPLIED)])
def test_success_wins_over_failure_in_either_order(store, first, outcome):
    payment = make_free(store)
    refund = sent(payment)
    deliver(refund, result_for(refund, first))
    assert deliver(refund, result_for(refund, 1 - first)) == outcome
    assert (fresh(refund).status, fresh(payment).free) == (S.SUCCEEDED, 0)


def test_a_late_success_whose_money_is_used_by_now_is_for_a_person(store):
    payment = make_free(store)
    refund = sent(payment)
    deliver(refund, result_for(refund, 1))
    match_payment(payment, order=make_bill(store), by=None)
    assert deliver(refund, result_for(refund)) == REVIEW
    assert fresh(refund).status == S.FAILED


def test_an_unknown_code_decides_nothing(store):
    refund = sent(make_free(store))
    assert deliver(refund, result_for(refund, 7777)) == REVIEW
    assert fresh(refund).status == S.UNKNOWN


@pytest.mark.parametrize(
    "parameters",
    [
        [("Amount", 249), ("OriginalTransactionID", "")],
        [("Amount", 250), ("OriginalTransactionID", "NLJ7RT61SV")],
    ],
)
def test_another_amount_or_another_payment_is_for_a_person(store, parameters):
    refund = sent(make_free(store))
    assert deliver(refund, make_result(parameters)) == REVIEW
    assert fresh(refund).status == S.SENT


@pytest.mark.parametrize("amount", [250, 100])
@pytest.mark.parametrize(
    "told", [[], [("Amount", ...)], [("Amount", "much")], [("Amount", 1), ("Amount", 2)]]
)
def test_done_without_a_proper_amount_is_for_a_person(store, amount, told):
    refund = sent(make_free(store), amount)
    assert deliver(refund, make_result(told)) == REVIEW
    assert fresh(refund).status == S.SENT
    assert deliver(refund, result_for(refund)) == APPLIED  # the good one may still come


def test_one_receipt_ends_one_refund(store):
    payment = make_free(store)
    first, second = sent(payment, 100), sent(payment, 50)
    assert deliver(first, result_for(first)) == APPLIED
    assert deliver(second, result_for(second)) == REVIEW


def test_nobody_sent_what_nobody_approved(store):
    refund = ask_back(make_free(store), 250)
    assert deliver(refund, result_for(refund)) == REVIEW
    assert fresh(refund).status == S.REQUESTED


@pytest.mark.parametrize(
    ("amount", "said", "outcome", "status"),
    [
        (100, "Completed", APPLIED, S.SUCCEEDED),
        (100, "Failed", APPLIED, S.FAILED),
        (250, "Reversed", APPLIED, S.SUCCEEDED),
        (250, "Completed", IGNORED, S.UNKNOWN),
    ],
)
def test_the_answer_to_our_question_decides_what_it_can(store, amount, said, outcome, status):
    refund = sent(make_free(store), amount)
    doubt(refund, "no answer")
    assert deliver(refund, answer_about(refund, TransactionStatus=said)) == outcome
    assert fresh(refund).status == status


def answer_about(refund, **values):
    """Safaricom's answer to our question about a refund: of its payment where all of it was reversed."""
    receipt = "RKL51ZDR4F" if refund.phone else refund.payment.transaction_id
    told = {"ReceiptNo": receipt, "Amount": int(refund.amount), "TransactionStatus": "Completed", **values}
    twice = [(name, each) for name, value in told.items() if isinstance(value, list) for each in value]
    once = [(name, value) for name, value in told.items() if not isinstance(value, list)]
    ids = {"OriginatorConversationID": str(refund.pk), "ConversationID": refund.reference}
    return make_result([*once, *twice], **ids)


@pytest.mark.parametrize(
    ("amount", "change"),
    [
        (100, {"Amount": 99}),
        (100, {"Amount": ...}),
        (100, {"Amount": [100, 99]}),
        (100, {"ReceiptNo": ...}),
        (100, {"ReceiptNo": ["RKL51ZDR4F", "RKL51ZDR4G"]}),
        (100, {"TransactionStatus": "Pending"}),
        (100, {"TransactionStatus": ...}),
        (100, {"TransactionStatus": ["Completed", "Failed"]}),
        (250, {"ReceiptNo": "RKL51ZDR4F", "TransactionStatus": "Reversed"}),
        (250, {"Amount": 249, "TransactionStatus": "Reversed"}),
    ],
)
def test_only_an_exact_answer_to_our_question_ends_a_refund(store, amount, change):
    refund = sent(make_free(store), amount)
    doubt(refund, "no answer")
    assert deliver(refund, answer_about(refund, **change)) == REVIEW
    assert fresh(refund).status == S.UNKNOWN


@pytest.mark.parametrize("code", ["2032", 2032])
def test_a_receipt_that_safaricom_does_not_know_ends_no_refund(store, code):
    refund = sent(make_free(store), 100)
    doubt(refund, "no answer")
    assert deliver(refund, make_result(ResultCode=code, OriginatorConversationID="another")) == REVIEW
    assert fresh(refund).status == S.UNKNOWN


def test_a_question_that_failed_is_not_a_refund_that_failed(store):
    payment = make_free(store)
    refund = claim_refund(approved(payment, 250).pk)
    doubt(refund, "no answer")
    look_again(refund, by=None)
    assert deliver(refund, result_for(refund, 2001)) == REVIEW
    assert (fresh(refund).status, fresh(payment).free) == (S.UNKNOWN, 0)


# What Stripe and PayPal tell


def test_several_deliveries_about_one_refund_are_one_refund(store):
    payment = make_free(store, method=CARD)
    refund = claim_refund(approved(payment, 100).pk)
    news = {"key": str(refund.pk), "amount": Decimal(100), "original_receipt": payment.transaction_id}
    assert [tell(**news) for _time in range(3)] == [APPLIED, IGNORED, IGNORED]
    second = claim_refund(approved(payment, 50).pk)
    assert tell(**news | {"key": str(second.pk), "receipt": "re_2", "amount": Decimal(50)}) == APPLIED
    assert (fresh(payment).free, [each.status for each in refunds()]) == (100, [S.SUCCEEDED] * 2)


def test_a_bank_that_sends_a_refund_back_restores_the_payment(store):
    payment = make_free(store, method=CARD)
    refund = claim_refund(approved(payment, 250).pk)
    tell(key=str(refund.pk), amount=Decimal(250))
    assert fresh(payment).status == PaymentStatus.REFUNDED
    assert tell(receipt="re_1", state=State.FAILED) == APPLIED
    assert (fresh(payment).status, fresh(payment).free) == (PaymentStatus.SUCCESSFUL, 250)
    assert tell(receipt="re_1", state=State.FAILED) == IGNORED


def test_what_was_given_back_elsewhere_becomes_a_refund_of_its_payment(store):
    payment = make_free(store, method=CARD)
    news = {"amount": Decimal(100), "original_receipt": payment.transaction_id}
    assert tell(**news, state=State.PENDING) == IGNORED
    assert [tell(**news), tell(**news)] == [APPLIED, IGNORED]
    assert (fresh(payment).free, len(refunds())) == (150, 1)
    assert refunds()[0].requested_by is None


def test_what_was_given_back_elsewhere_may_come_out_of_an_order(store):
    payment = make_free(store, method=CARD)
    match_payment(payment, order=make_bill(store), by=None)
    assert tell(amount=Decimal(250), original_receipt=payment.transaction_id) == APPLIED
    assert refunds()[0].allocation.refunded == 250
    assert fresh(payment).status == PaymentStatus.REFUNDED


def test_more_than_came_is_for_a_person(store):
    payment = make_free(store, method=PaymentMethod.PAYPAL)
    news = {"original_receipt": payment.transaction_id}
    assert tell(**news, amount=Decimal(200), receipt="1") == APPLIED
    assert tell(**news, amount=Decimal(100), receipt="2") == REVIEW
    assert tell(**news, amount=Decimal(200), receipt="1") == IGNORED
    assert (fresh(payment).free, Refund._base_manager.count()) == (50, 1)


def test_a_payment_nobody_knows_is_waited_for(store):
    make_free(store, transaction_id=None, method=CARD)
    with pytest.raises(NotYet, match="not known here"):
        tell(amount=Decimal(1), original_receipt="pi_elsewhere")
    assert tell(amount=Decimal(1), original_receipt="") == REVIEW


def test_a_delivery_without_amount_or_number_is_for_a_person(store):
    payment = make_free(store, method=CARD)
    assert tell(amount=None, original_receipt=payment.transaction_id) == REVIEW
    assert tell(amount=Decimal(1), receipt="", original_receipt=payment.transaction_id) == REVIEW
