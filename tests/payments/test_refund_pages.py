"""The pages of refunds: who is offered what, and what the dialogs say and do."""

from decimal import Decimal

import pytest
from django.urls import reverse

from backoffice.roles import ACCOUNTANT, OWNER, STAFF
from payments.dashboard import REFUNDS
from payments.models import OutboxItem, PaymentMethod, Refund, RefundStatus
from payments.services.payments import record_cash
from payments.services.refunds import resolve_refund
from sales.services.orders import cancel_order
from tests.builders import make_user
from tests.payments.money import ask, fresh, make_bill, pay
from tests.payments.refunds import approved, ask_back, make_free, make_paid, refunds
from tests.payments.test_refund_results import sent

pytestmark = pytest.mark.django_db
LIST = "/admin/payments/refund/"
CASH = PaymentMethod.CASH


@pytest.fixture
def log_in(client, store):
    def log_in(role):
        user = make_user((store, role))
        client.force_login(user)
        return user

    return log_in


def page(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def dialog(name, row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def opened(client, name, row, **typed):
    """What the window of a button sends: what it shows, and what is typed into it."""
    form = client.get(dialog(name, row)).context["form"]
    shown = {field.name: field.value() for field in form}
    return {key: value for key, value in shown.items() if value is not None} | typed


def test_a_clerk_asks_and_a_bookkeeper_approves_and_the_clerk_hands_out(client, store, log_in):
    payment = make_free(store, method=CASH)
    clerk = log_in(STAFF)
    text = client.get(dialog("refund_payment", payment)).text
    assert 'value="250.00"' in text and "Somebody hands out KES 250.00" in text
    form = opened(client, "refund_payment", payment, reason="Broken")
    assert client.post(dialog("refund_payment", payment), form).status_code == 200
    (refund,) = refunds()
    assert "approve-refund" not in client.get(page(refund)).text
    assert client.post(dialog("approve_refund", refund)).status_code == 403
    log_in(ACCOUNTANT)
    text = client.get(LIST).text
    assert "Waits for another person than" in text and str(clerk) in text
    assert "do-approve-refund" in client.get(page(refund)).text
    client.post(dialog("approve_refund", refund))
    client.force_login(clerk)
    assert "To be handed out" in client.get(page(refund)).text
    client.post(dialog("hand_out_refund", refund), {"note": "From the till"})
    refund = fresh(refund)
    assert (refund.status, refund.message) == (RefundStatus.SUCCEEDED, "From the till")
    assert "From the till" in client.get(page(refund)).text


def test_who_asked_is_not_offered_to_approve(client, store, log_in):
    owner = log_in(OWNER)
    refund = ask_back(make_free(store), 250, by=owner)
    assert "do-approve-refund" not in client.get(page(refund)).text
    text = client.post(dialog("approve_refund", refund)).text
    assert "another person has to approve" in text
    assert fresh(refund).status == RefundStatus.REQUESTED


def test_a_rejection_says_why(client, store, log_in):
    refund = ask_back(make_free(store), 250)
    log_in(ACCOUNTANT)
    assert "The money is free" in client.get(dialog("reject_refund", refund)).text
    client.post(dialog("reject_refund", refund), {"reason": "Not broken"})
    assert fresh(refund).status == RefundStatus.REJECTED
    assert "Not broken" in client.get(page(refund)).text


def test_what_is_to_be_handed_out_can_still_be_rejected(client, store, log_in):
    refund, sending = approved(make_free(store, method=CASH), 250), approved(make_free(store), 250)
    log_in(ACCOUNTANT)
    assert "do-reject-refund" not in client.get(page(sending)).text
    assert "do-reject-refund" in client.get(page(refund)).text
    client.post(dialog("reject_refund", refund), {"reason": "She never came"})
    assert fresh(refund).status == RefundStatus.REJECTED
    text = client.get(page(refund)).text
    assert "She never came" in text and "do-reject-refund" not in text and "do-hand-out" not in text


def test_a_paid_order_offers_its_money_back(client, store, log_in):
    used = make_paid(store)
    log_in(STAFF)
    assert "do-refund-order" in client.get(page(used.order)).text
    text = client.get(dialog("refund_order", used.order)).text
    assert "Safaricom reverses the whole payment" in text and "0712 345 678" in text
    typed = {"amount": "100", "reason": "One broken", "phone": "0722000111"}
    form = opened(client, "refund_order", used.order, **typed)
    client.post(dialog("refund_order", used.order), form)
    (refund,) = refunds()
    assert (refund.allocation, refund.phone, refund.amount) == (used, "254722000111", 100)


def test_what_is_given_back_of_an_order_paid_in_part_is_due_again(client, store, log_in):
    order = make_bill(store, "300.00")
    record_cash(order, amount=Decimal(100), by=None)
    log_in(STAFF)
    text = client.get(dialog("refund_order", order)).text
    assert f"{order} is not paid in full; what is given back of it is due again." in text
    form = opened(client, "refund_order", order, reason="Changed her mind")
    client.post(dialog("refund_order", order), form)
    (refund,) = refunds()
    text = client.get(page(order)).text
    assert f"/admin/payments/refund/{refund.pk}/" in text and "KES 300.00" in text
    log_in(ACCOUNTANT)
    assert "The money is free" in client.get(dialog("reject_refund", refund)).text


def test_a_cancelled_order_offers_what_it_set_free(client, store, log_in):
    used = make_paid(store)
    cancel_order(used.order, by=None)
    log_in(STAFF)
    assert "do-refund-order" in client.get(page(used.order)).text
    form = opened(client, "refund_order", used.order, amount="250", reason="Cancelled")
    client.post(dialog("refund_order", used.order), form)
    assert (refunds()[0].allocation, fresh(used.payment).free) == (None, 0)


def test_too_much_is_refused_with_a_sentence(client, store, log_in):
    payment = make_free(store, method=CASH)
    log_in(STAFF)
    form = opened(client, "refund_payment", payment, amount="251", reason="Broken")
    text = client.post(dialog("refund_payment", payment), form).text
    assert "Only KES 250.00" in text
    assert refunds() == []


def test_where_nothing_is_left_nothing_is_offered(client, store, log_in):
    payment = make_free(store, method=CASH)
    ask_back(payment, 250)
    log_in(STAFF)
    assert "do-refund-payment" not in client.get(page(payment)).text
    assert "nothing to give back" in client.get(dialog("refund_payment", payment)).text


def test_of_several_the_person_chooses(client, store, log_in):
    used = make_paid(store, "100.00")
    other = make_free(store, "30.00", CASH)
    type(other)._base_manager.filter(pk=other.pk).update(order=used.order)
    log_in(STAFF)
    form = {"source": str(other.pk), "amount": "30", "reason": "Too much"}
    client.post(dialog("refund_order", used.order), form)
    assert [each.payment for each in refunds()] == [other]


def test_a_form_that_comes_twice_asks_once_and_is_answered_the_same(client, store, log_in):
    used = make_paid(store, "600.00")
    log_in(STAFF)
    form = opened(client, "refund_payment", used.payment, amount="200", reason="Broken")
    for _ in range(2):
        assert "HX-Redirect" in client.post(dialog("refund_payment", used.payment), form).headers
    assert [each.amount for each in refunds()] == [200]
    told = [str(each) for each in client.get(page(used.payment)).context["messages"]]
    assert told == ["Refund of KES 200.00: waits for approval."] * 2
    again = opened(client, "refund_payment", used.payment, amount="200", reason="Another one broken")
    client.post(dialog("refund_payment", used.payment), again)
    assert len(refunds()) == 2


def test_a_form_that_comes_twice_gives_back_no_money_that_nobody_chose(client, store, log_in):
    type(store)._base_manager.filter(pk=store.pk).update(second_person_above=1000)
    order = make_bill(store, "600.00")
    cash = record_cash(order, amount=Decimal(300), by=None)
    pay(ask(fresh(order)))
    log_in(OWNER)
    chosen = cash.allocations.get()
    form = opened(client, "refund_order", order, source=str(chosen.pk), amount="300", reason="Broken")
    for _ in range(2):
        assert "HX-Redirect" in client.post(dialog("refund_order", order), form).headers
    assert [each.payment for each in refunds()] == [cash]
    assert not OutboxItem._base_manager.exists()


@pytest.mark.parametrize("source", ["", "gone"])
def test_money_that_is_not_offered_any_more_is_not_replaced(client, store, log_in, source):
    used = make_paid(store)
    log_in(STAFF)
    form = opened(client, "refund_order", used.order, source=source, reason="Broken")
    assert "not there to give back any more" in client.post(dialog("refund_order", used.order), form).text
    assert refunds() == []


def test_today_counts_what_waits_for_a_person(client, store, log_in, rf):
    ask_back(make_free(store), 10)
    approved(make_free(store, method=CASH), 10)
    approved(make_free(store), 10)  # the worker's turn
    log_in(ACCOUNTANT)
    text = client.get("/admin/").text
    assert "Refunds waiting" in text and "shortcut=waiting" in text
    rows = client.get(f"{LIST}?shortcut=waiting").context["cl"].queryset
    assert rows.count() == REFUNDS.rows(None, Refund.objects.all()).count() == 2


def test_a_refund_of_which_m_pesa_tells_nothing_for_an_hour_waits_for_a_person(store, later):
    refund, slow = sent(make_free(store)), sent(make_free(store, method=PaymentMethod.CARD))
    assert not REFUNDS.rows(None, Refund.objects.all())
    later(minutes=61)
    assert [*REFUNDS.rows(None, Refund.objects.all())] == [refund]
    assert fresh(slow).status == RefundStatus.SENT


def test_doubt_is_ended_by_asking_or_by_saying(client, store, log_in):
    refund = approved(make_free(store), 250)
    Refund._base_manager.filter(pk=refund.pk).update(status="unknown", sent_at=refund.created_at)
    log_in(ACCOUNTANT)
    text = client.get(page(refund)).text
    assert "do-look-again" in text and "do-resolve-refund" in text
    client.post(dialog("look_again", refund))
    assert fresh(refund).looked_up_at
    client.post(dialog("resolve_refund", refund), {"went": "no", "reason": "Portal"})
    assert (fresh(refund).status, fresh(refund.payment).free) == (RefundStatus.FAILED, 250)


def test_of_a_failed_refund_only_that_it_left_can_be_said(client, store, log_in):
    refund = sent(make_free(store))
    resolve_refund(refund, went=False, by=None, reason="Portal")
    log_in(ACCOUNTANT)
    text = client.get(page(refund)).text
    assert "do-resolve-refund" in text and "do-look-again" not in text
    text = client.get(dialog("resolve_refund", refund)).text
    assert "It counts as failed" in text and "it did not leave" not in text
    client.post(dialog("resolve_refund", refund), {"went": "no", "reason": "Portal"})
    assert fresh(refund).message == "Portal"
    typed = {"went": "yes", "receipt": "SKE52PAWR9", "reason": "Statement"}
    client.post(dialog("resolve_refund", refund), typed)
    refund = fresh(refund)
    assert (refund.status, refund.receipt) == (RefundStatus.SUCCEEDED, "SKE52PAWR9")
