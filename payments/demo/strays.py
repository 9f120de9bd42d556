"""Money that customers of the demo sent to a till unasked, and that says more or less what it is for."""

import string
from datetime import timedelta

from django.utils import timezone

from payments.gateways.mpesa import NAIROBI
from payments.models import Channel, Payment, Provider, ProviderAccount, WebhookEvent
from payments.services.deliveries import owner_of, store_delivery
from payments.services.events import process_event
from payments.services.settlement import PAYABLE, amount_due
from payments.simulator.prompt import LETTERS, new_receipt
from payments.simulator.till import TillPayment
from sales.models import Order

STRANGER = {"phone": "254700112233", "name": "FAITH"}


def pay_unasked(story):
    """Pay to each till as people do: the bare number of an order, too little without a word, a stranger."""
    for account in ProviderAccount.objects.filter(provider=Provider.MPESA).order_by("till"):
        orders = [each for each in orders_without_money(account.business) if amount_due(each)]
        for order, habit in zip(orders, (write_the_bare_number, pay_too_little), strict=False):
            habit(story, account, order)
        send(story, account, 350, minutes=95, **STRANGER)


def orders_without_money(business):
    """Return orders of people with M-Pesa for whom no money came, or waits, the latest first."""
    paid = Payment.objects.filter(order__isnull=False)
    waiting = Order.objects.filter(
        business=business, status__in=PAYABLE, customer__phone__startswith="+254"
    ).exclude(customer__in=Payment.objects.filter(free__gt=0).values("customer"))
    return waiting.exclude(pk__in=paid.values("order")).select_related("customer").order_by("-sequence")


def write_the_bare_number(story, account, order):
    send(story, account, amount_due(order), minutes=20, billref=str(order.sequence), **payer(order))


def pay_too_little(story, account, order):
    send(story, account, max(amount_due(order) - 50, 10), minutes=45, **payer(order), disguise="hashed")


def payer(order):
    name = order.customer.name.split()[0].upper()
    return {"phone": str(order.customer.phone).removeprefix("+"), "name": name}


def send(story, account, amount, *, minutes, billref="", **told):
    """Deliver Safaricom's word of a payment, so many minutes ago, to an account."""
    paid_at = (timezone.now() - timedelta(minutes=minutes)).astimezone(NAIROBI)
    payment = TillPayment(
        shortcode=account.till,
        amount=amount,
        billref=billref,
        receipt=new_receipt(paid_at)[:3] + "".join(story.random.choices(LETTERS + string.digits, k=7)),
        paid_at=paid_at,
        nature="Pay Bill" if billref else "Customer Merchant Payment",
        **told,
    )
    # The pretend Safaricom began with nothing, so that nobody can be asked about the past.
    told = {"body": payment.body(), "confirmed_at": timezone.now()}
    event = store_delivery(owner_of(account), channel=Channel.C2B, **told)
    process_event(WebhookEvent._base_manager.get(pk=event.pk))
