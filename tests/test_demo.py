"""The sample businesses: alive, true in every invariant, the same each time, never where real money is."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from backoffice.demo import CLOSE, DAY, NOW, OPEN, Story, clock_at, quiet_queue
from backoffice.invariants import check_all
from backoffice.people.demo import PASSWORD
from backoffice.people.models import Business, User
from backoffice.scoping import every_business
from inventory.models import Product, StockLevel, StockMovement
from payments.models import (
    BankTransfer,
    Cheque,
    ChequeStatus,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
    TillSession,
    TillStatus,
    WebhookEvent,
)
from payments.services.proposals import propose
from payments.services.reconciliation import Kind, differences, sources_of
from payments.tasks import send_prompt
from sales.models import Order, OrderItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    return lambda days: call_command("demo", days=days)


def fingerprint():
    """Everything that must be the same in each telling: no dates, no keys."""
    with every_business():
        orders = Order.objects.order_by("business__name", "sequence")
        return (
            list(orders.values_list("number", "status", "total_amount", "customer__name")),
            list(Payment.objects.order_by("order__number", "amount").values_list("status", "transaction_id")),
            list(Product.objects.order_by("business__name", "sku").values_list("sku", "price", "stock")),
        )


def test_a_week_of_the_demo_is_alive_and_true(demo, capsys):
    demo(7)
    assert [each for each in check_all() if not each.holds] == []
    assert Business.objects.count() == 3
    out = capsys.readouterr().out
    assert PASSWORD in out
    assert "wanjiru.kamau@example.com" in out
    assert User.objects.get(email="admin@example.com").check_password(PASSWORD)
    with every_business():
        assert Product.objects.exclude(image="").count() == Product.objects.count() > 150
        week_ago = timezone.now() - timedelta(days=8)
        assert not Order.objects.filter(created_at__lt=week_ago).exists()
        assert not Order.objects.filter(created_at__gt=timezone.now()).exists()
        assert set(Order.objects.values_list("status", flat=True)) >= {"pending", "paid", "delivered"}
        unmatched = Payment.objects.filter(order=None, status=PaymentStatus.SUCCESSFUL)
        assert unmatched.count() >= 2
        assert any(propose(each) for each in unmatched.filter(business__name="Maji Safi"))
        assert Payment.objects.filter(status=PaymentStatus.FAILED).count() >= 3
        low = StockLevel.objects.filter(quantity__lte=F("reorder_level"))
        assert 5 <= low.count() <= 12
        assert not StockMovement.objects.filter(by=None).exists()
        assert WebhookEvent.objects.exists()
        assert set(TillSession.objects.values_list("status", flat=True)) == set(TillStatus.values)
        assert {"claimed", "confirmed"} <= set(BankTransfer.objects.values_list("status", flat=True))
        assert set(Cheque.objects.values_list("status", flat=True)) == set(ChequeStatus.values)
        waiting = {RefundStatus.REQUESTED, RefundStatus.APPROVED}
        assert set(Refund.objects.values_list("status", flat=True)) > waiting | {RefundStatus.SUCCEEDED}
        source = sources_of(Business.objects.get(name="Maji Safi"))[0]
        yesterday = timezone.localdate() - timedelta(days=1)
        found = differences(source, yesterday, yesterday)
        assert {kind for kind, _rows in found.by_kind} == {Kind.UNBOOKED, Kind.UNSEEN}
        # Only money comes by itself.
        assert not Order.history.filter(history_user=None, paid_at=None).exists()

    before = fingerprint()
    demo(7)
    assert fingerprint() == before
    assert "nothing was changed" in capsys.readouterr().out


def test_two_tellings_are_the_same(demo):
    class Undo(Exception):
        pass

    tellings = []
    for _ in range(2):
        with pytest.raises(Undo), transaction.atomic():
            demo(1)
            tellings.append(fingerprint())
            raise Undo
    assert tellings[0] == tellings[1]
    assert not OrderItem.objects.with_scopes_disabled().exists()


def test_no_phone_rings_for_an_order_of_last_week():
    with quiet_queue():
        send_prompt.enqueue("an attempt")
    assert not DBTaskResult.objects.exists()
    send_prompt.enqueue("an attempt")
    assert DBTaskResult.objects.count() == 1


def test_without_demo_it_refuses_and_writes_nothing(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")
    assert not User.objects.exists()


@pytest.mark.parametrize("hour", [0, 3, 8, 15, 23])
def test_todays_hours_are_bent_so_that_they_end_now(hour):
    now = timezone.localtime().replace(hour=hour, minute=5)
    with clock_at(now):
        story = Story(days=3)
    moments = [story.moment(3 * DAY + minute) for minute in (0, OPEN, OPEN + 60, NOW)]
    assert moments == sorted(moments)
    assert moments[0] == story.midnight
    assert moments[-1] == now
    assert story.moment(2 * DAY + CLOSE) == story.midnight - timedelta(minutes=DAY - CLOSE)


def test_the_future_of_the_story_is_forgotten():
    story = Story(days=1)
    told = []
    story.at(story.end, told.append, "now")
    story.at(story.end + 1, told.append, "later")
    story.tell()
    assert told == ["now"]
