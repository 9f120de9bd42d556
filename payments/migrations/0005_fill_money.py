"""Say of the money that is there already what it is used for."""

from django.db import migrations
from django.db.models import F

RECEIVED = ("successful",)


def fill(apps, editor):
    Payment = apps.get_model("payments", "Payment")
    Allocation = apps.get_model("payments", "Allocation")
    apps.get_model("payments", "PaymentAttempt").objects.update(worth=F("amount_requested"))
    received = Payment.objects.filter(status__in=RECEIVED)
    used = received.filter(order__isnull=False).exclude(order__status="cancelled")
    Allocation.objects.bulk_create(
        Allocation(
            business_id=payment.business_id,
            payment=payment,
            order_id=payment.order_id,
            amount=payment.amount - payment.rounding,
        )
        for payment in used.iterator()
    )
    received.exclude(pk__in=used.values("pk")).update(free=F("amount"), rounding=0)


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_money"), ("sales", "0002_export_rights")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
