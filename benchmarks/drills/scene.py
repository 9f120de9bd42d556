"""A business that waits for money from every provider, and a neighbour whose deliveries are not its own."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from django.utils import timezone

from backoffice.people.models import Business
from backoffice.scoping import every_business
from benchmarks.drills.client import Delivery
from benchmarks.drills.prompts import PHONE, first_order, later, open_prompts, success
from payments.gateways.gateway import Standing, State
from payments.gateways.mpesa import NAIROBI
from payments.models import Channel, PaymentMethod, Provider, ProviderAccount
from payments.services.accounts import save_account
from payments.services.attempts import mark_submitted
from payments.services.deliveries import owner_of, store_delivery
from payments.services.events import process_event
from payments.services.links import request_link
from payments.services.refund_sending import claim_refund, note_standing
from payments.services.refunds import approve_refund, request_refund
from payments.services.settlement import create_payment, receive_payment
from payments.simulator.paypal.answers import PAYPAL_CREDENTIALS
from payments.simulator.stripe.wire import STRIPE_SECRET_KEY
from payments.simulator.till import TillPayment
from sales.models import OrderItem
from sales.services.numbers import order_reference
from sales.services.orders import place_order

TILLS = ("600966", "600977")
CARD_SECRETS = ("whsec_ours", "whsec_next_door")
MERCHANTS = (PAYPAL_CREDENTIALS["merchant_id"], "NEXTDOOR1")
WEBHOOKS = (PAYPAL_CREDENTIALS["webhook_id"], "8PT597110X687430M")
QUOTED = {"quote_currency": "USD", "quote_rate": Decimal("129.50")}
TRUSTED = 1_000_000
PAYPAL_LOGIN = {name: PAYPAL_CREDENTIALS[name] for name in ("client_id", "client_secret")}


@dataclass(frozen=True)
class Scene:
    """What forgers know of. Pairs are ours and the neighbour's; `used` are deliveries that were taken."""

    random: Random
    prompts: list
    used: list[Delivery]
    tills: list
    cards: list
    paypals: list
    links: dict
    refunds: list
    claims: list
    unsent: object
    bills: list
    next_door: object


def set_scene(random, prompts=40, waiting=9):
    """Make everything ready; the first five prompts are those of `used`, and still open."""
    attempts = open_prompts(prompts, spare=3 * waiting)
    first = attempts[0].order
    with every_business():
        tills, cards, paypals = make_accounts(first.business)
        next_door = order_next_door(first)
        payments = [free_money(first, number) for number in range(4)]
        asked = [request_refund(each, amount=each.amount, reason="drill", by=None) for each in payments]
        return Scene(
            random=random,
            prompts=attempts[5:],
            used=[success(each) for each in attempts[:5]],
            tills=tills,
            cards=cards,
            paypals=paypals,
            links={provider: make_links(first, provider, waiting) for provider in ("stripe", "paypal")},
            refunds=[send(each) for each in asked[1:]],
            claims=[claim(tills[1], next_door, number) for number in range(waiting)],
            unsent=asked[0],
            bills=[bill_like(first) for _bill in range(waiting)],
            next_door=next_door,
        )


def make_accounts(business):
    """Return the accounts of both businesses, which believe what passes the checks without asking again.

    Only of money at its till the neighbour asks first.
    """
    neighbour = Business.objects.create(name="Next door", code="NEXT")
    made = []
    for which, owner in enumerate((business, neighbour)):
        hooks = {"secret_key": STRIPE_SECRET_KEY, "webhook_secrets": CARD_SECRETS[which]}
        webhook = PAYPAL_LOGIN | {"webhook_id": WEBHOOKS[which]}
        made += [
            make_account(owner, Provider.MPESA, TILLS[which], {}, trusted_up_to=0 if which else TRUSTED),
            make_account(owner, Provider.STRIPE, f"acct_{which}", hooks),
            make_account(owner, Provider.PAYPAL, MERCHANTS[which], webhook, **QUOTED),
        ]
    return made[0::3], made[1::3], made[2::3]


def make_account(business, provider, identifier, secrets, **values):
    account = ProviderAccount(
        business=business,
        provider=provider,
        name=provider,
        identifier=identifier,
        is_live=False,
        **{"trusted_up_to": TRUSTED} | values,
    )
    return save_account(account, by=None, new_secrets=secrets)


def bill_like(order):
    """Place another order for the same."""
    item = OrderItem._base_manager.select_related("product").get(order=order)
    lines = [(item.product, item.quantity)]
    return place_order(order.business, customer=order.customer, lines=lines, by=None)


def order_next_door(order):
    """Return an order of the neighbour's that costs as much."""
    return first_order(Business.objects.get(code="NEXT"), order.customer, pieces=1)


def make_links(order, provider, count):
    """Return so many links that customers were sent, each for an order of its own."""
    made = []
    for number in range(count):
        attempt = request_link(bill_like(order), provider=provider, by=None)
        mark_submitted(attempt, checkout_request_id=f"{provider}-{number}".replace("stripe-", "cs_"))
        attempt.refresh_from_db()
        made.append(later(attempt))
    return made


def free_money(order, number):
    """Have M-Pesa money that is for nothing. Returns the payment."""
    told = {"order": None, "payer_phone": str(PHONE)}
    payment = create_payment(order, amount=order.total_amount, method=PaymentMethod.MPESA, by=None, **told)
    return receive_payment(payment, by=None, reason="drill", transaction_id=f"SFREE{number:05}")


def send(refund):
    """Have a refund taken note of by Safaricom. Returns it."""
    approve_refund(refund, by=None)
    claimed = claim_refund(refund.pk)
    return note_standing(claimed, Standing(State.PENDING, reference=f"AG_{refund.pk.hex[:20]}"))


def claim(account, order, number):
    """Have money reported at a till, for an order, which Safaricom has to confirm. Returns the delivery."""
    money = TillPayment(
        shortcode=account.identifier,
        amount=order.total_amount,
        phone=str(PHONE),
        billref=order_reference(order),
        receipt=f"SCLAM{number:05}",
        paid_at=timezone.now().astimezone(NAIROBI),
    )
    told = store_delivery(owner_of(account), channel=Channel.C2B, body=money.body(), source_ip="127.0.0.1")
    return process_event(told)
