"""A business with many open prompts, and the deliveries that answer them."""

import json
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.utils import timezone
from simple_history.utils import bulk_create_with_history
from uuid_utils.compat import uuid7

from backoffice.people.models import Business, Customer
from backoffice.scoping import every_business
from backoffice.transitions import record_change
from benchmarks.drills.client import Delivery
from inventory.models import Product, StockLevel, StockMovement, Warehouse
from inventory.services.categories import category_from_path
from inventory.services.stock import receive_stock
from payments.models import PaymentAttempt
from payments.services.attempts import mark_submitted, request_payment
from payments.services.tokens import callback_token, hash_token
from sales.models import OrderItem
from sales.services.orders import place_order

PHONE = 254712345678
AMOUNT = 250
PRICE = Decimal(AMOUNT)
BATCH = 500


def open_prompts(count, spare=0):
    """Return so many prompts, each for an order of its own, that Safaricom has taken and nobody answered.

    The first is made by the services, the others are its likeness: thousands would take minutes. So many
    pieces to `spare` are left for other orders.
    """
    from django_tasks_db.models import DBTaskResult

    with every_business():
        first = first_prompt(count + spare)
        others = likenesses(first, count - 1)
        DBTaskResult.objects.all().delete()  # the prompts are out; no worker has to send them
        return [first, *others]


def first_prompt(pieces):
    business = Business.objects.create(name="Drill", code="DRILL")
    customer = Customer.objects.create(name="Customer", phone=f"+{PHONE}")
    order = first_order(business, customer, pieces)
    attempt = request_payment(order, phone=str(PHONE), by=None)
    mark_submitted(attempt, **ids_of(attempt))
    attempt.refresh_from_db()
    return later(attempt)


def first_order(business, customer, pieces):
    """Place a business's first order, with so many pieces of its one product to sell."""
    product = first_product(business, pieces)
    return place_order(business, customer=customer, lines=[(product, 1)], by=None)


def first_product(business, pieces):
    """Return the one product of a new business, with so many pieces in its one warehouse."""
    Warehouse.objects.create(business=business, name="Main store", is_default=True)
    category = category_from_path(business, "Drinks > Water", by=None)
    values = {"business": business, "category": category, "sku": "WATER", "name": "Water"}
    product = Product.objects.create(price=PRICE, **values)
    receive_stock(product, quantity=pieces, by=None)
    return product


def later(attempt):
    """Let no worker ask the provider about an attempt meanwhile."""
    tomorrow = timezone.now() + timedelta(days=1)
    return record_change(attempt, ["next_look_at"], by=None, reason="drill", next_look_at=tomorrow)


def likenesses(first, count):
    order, payment = first.order, first.payment
    item = OrderItem._base_manager.get(order=order)
    orders = [likeness(order, sequence=n, number=f"{order.number}-{n}") for n in range(2, count + 2)]
    items = [likeness(item, order=each) for each in orders]
    payments = [likeness(payment, order=each) for each in orders]
    attempts = [likeness(first, order=p.order, payment=p) for p in payments]
    for attempt in attempts:
        attempt.token_hash = hash_token(callback_token(attempt.pk))
        for name, value in ids_of(attempt).items():
            setattr(attempt, name, value)
    for rows in (orders, items, payments, attempts):
        if rows:
            bulk_create_with_history(rows, type(rows[0]), batch_size=BATCH, default_change_reason="drill")
    reserve_alike(order, items)
    return attempts


def reserve_alike(order, items):
    """Promise each likeness its piece, as the services did for the first order."""
    promise = StockMovement._base_manager.get(reference__startswith=f"order:{order.pk}")
    StockMovement._base_manager.bulk_create(
        [
            likeness(
                promise,
                reference=promise.reference.replace(str(order.pk), str(each.order_id)),
            )
            for each in items
        ],
        batch_size=BATCH,
    )
    StockLevel._base_manager.update(reserved=len(items) + 1)


def likeness(row, **values):
    """A new row like another one."""
    fields = [each for each in row._meta.concrete_fields if not each.generated]
    copy = {each.attname: getattr(row, each.attname) for each in fields} | {"id": new_key(row)}
    made = type(row)(**copy)
    for name, value in values.items():
        setattr(made, name, value)
    return made


def new_key(row):
    return uuid7() if isinstance(row.pk, UUID) else None


def ids_of(attempt):
    return {"merchant_request_id": f"m-{attempt.pk}", "checkout_request_id": f"ws_CO_{attempt.pk}"}


def receipt_of(attempt):
    """Ten letters and digits, as Safaricom's are; the same for the same attempt."""
    return f"S{callback_token(attempt.pk)[:9].upper()}"


def address_of(attempt):
    return f"/hooks/lnm/{callback_token(attempt.pk)}/"


def success(attempt, *, amount=AMOUNT, words="The service request is processed successfully.", **values):
    """The customer paid."""
    paid = {
        "Amount": amount,
        "MpesaReceiptNumber": receipt_of(attempt),
        "TransactionDate": 20260102030405,
        "PhoneNumber": PHONE,
    }
    return answer(attempt, 0, words, paid | values)


def failure(attempt, code=1032, words="Request cancelled by user"):
    return answer(attempt, code, words, {})


def answer(attempt, code, words, items):
    """A delivery as Safaricom makes it, to the address of the attempt."""
    callback = {
        "MerchantRequestID": attempt.merchant_request_id,
        "CheckoutRequestID": attempt.checkout_request_id,
        "ResultCode": code,
        "ResultDesc": words,
    }
    if items:
        listed = [{"Name": name, "Value": value} for name, value in items.items()]
        callback["CallbackMetadata"] = {"Item": listed}
    return Delivery(address_of(attempt), json.dumps({"Body": {"stkCallback": callback}}).encode())


def fresh(attempts):
    """Return the attempts as they are now, with their orders and payments, in the same order."""
    rows = PaymentAttempt._base_manager.select_related("order", "payment").in_bulk([a.pk for a in attempts])
    return [rows[attempt.pk] for attempt in attempts]
