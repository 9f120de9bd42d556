"""Deliveries of M-Pesa: statements and processor time for each, and how many are acknowledged a second."""

import json
from contextlib import contextmanager
from statistics import median
from time import perf_counter, process_time

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from backoffice.people.models import Customer
from backoffice.scoping import business_scope
from benchmarks.imports import in_turn
from benchmarks.report import Figure
from inventory.models import Product
from inventory.services.stock import receive_stock
from payments.models import EventOutcome, PaymentAttempt, WebhookEvent
from payments.services import deliveries
from payments.services.attempts import callback_token, mark_submitted, request_payment
from sales.services.orders import place_order

SKU = "PAID-FOR"
CALLBACKS = 40  # in a round, for each side
HOOK, NAIVE = "/hooks/lnm/{}/", "/naive/{}/"
NEW, AGAIN = "new success", "the same again"


def measure(shop, options, report):
    """Add statements, processor time against the naive view, and the rate against bare commits."""
    with business_scope(shop.business):
        stock_up(shop)
    with override_settings(ROOT_URLCONF="benchmarks.naive_hook"):
        count_statements(shop, report)
        compare(shop, options, report)


def stock_up(shop):
    category = next(iter(shop.categories.values()))
    named = {"sku": SKU, "name": "Water", "category_id": category, "price": 250}
    product = Product.objects.create(business=shop.business, **named)
    receive_stock(product, quantity=1_000_000, by=shop.clerk)
    Customer.objects.create(name="Payer", phone="+254712345678")


def prompts(shop, count):
    """Return (token, body of a success) of so many prompts, each for an order of its own."""
    with business_scope(shop.business):
        product, customer = Product.objects.get(sku=SKU), Customer.objects.get(name="Payer")
        return [make_prompt(shop, customer, product) for _number in range(count)]


def make_prompt(shop, customer, product):
    order = place_order(shop.business, customer=customer, lines=[(product, 1)], by=shop.clerk)
    attempt = request_payment(order, phone="254712345678", by=shop.clerk)
    names = {"merchant_request_id": f"m-{attempt.pk}", "checkout_request_id": f"ws_CO_{attempt.pk}"}
    mark_submitted(attempt, **names)
    items = {
        "Amount": int(attempt.amount_requested),
        "MpesaReceiptNumber": f"T{order.sequence:09}",
        "TransactionDate": 20260105102115,
        "PhoneNumber": 254712345678,
    }
    callback = {
        "MerchantRequestID": names["merchant_request_id"],
        "CheckoutRequestID": names["checkout_request_id"],
        "ResultCode": 0,
        "ResultDesc": "The service request is processed successfully.",
        "CallbackMetadata": {"Item": [{"Name": name, "Value": value} for name, value in items.items()]},
    }
    return callback_token(attempt.pk), json.dumps({"Body": {"stkCallback": callback}}).encode()


def post_all(address, told):
    """Deliver everything. Raises when anything is not acknowledged."""
    client = Client()
    for token, body in told:
        answer = client.post(address.format(token), body, content_type="application/json")
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")


def count_statements(shop, report):
    """Count what it takes until a delivery is stored and committed, and what one costs that is there.

    A process that has not seen the address before needs one statement to find whose it is.
    """
    told = prompts(shop, 1)
    for what, most in ((NEW, 2), (AGAIN, 1)):
        with CaptureQueriesContext(connection) as asked:
            post_all(HOOK, told)
        queries = [query["sql"] for query in asked]
        stored = next(place for place, sql in enumerate(queries, 1) if is_storing(sql))
        # What comes after a new one is stored decides what it means; nothing may come after another.
        count = stored if what == NEW else len(queries)
        report.figures.append(
            Figure(f"statements to acknowledge, {what}", "", "", count, "statements", at_most=most)
        )
        if count > most:
            raise RuntimeError(f"{what}: {queries}")


def is_storing(sql):
    return sql.startswith(f'INSERT INTO "{WebhookEvent._meta.db_table}"')


def compare(shop, options, report):
    """Run both views and bare commits in turn, on prompts of their own."""
    count = min(options.rows, CALLBACKS)
    told = {side: iter([prompts(shop, count) for _round in range(options.rounds)]) for side in (HOOK, NAIVE)}
    sides = {side: (count, lambda side=side: run_side(side, next(told[side]))) for side in told}
    with bare_table():
        sides["bare"] = (count, lambda: clock(commit_rows, count * 10))
        times = in_turn(sides, options.rounds, deliveries.attempt_behind.cache_clear)
    check_paid(options.rounds * count)
    add_figures(report, count, times)


def run_side(address, told):
    """Return {what: (processor seconds, seconds)} of new deliveries, and of the same ones again."""
    return {what: clock(post_all, address, told) for what in (NEW, AGAIN)}


def clock(work, *args):
    processor, start = process_time(), perf_counter()
    work(*args)
    return process_time() - processor, perf_counter() - start


def check_paid(count):
    """Raise when our side did not book every success."""
    applied = WebhookEvent._base_manager.filter(outcome=EventOutcome.APPLIED, channel="stk")
    paid = PaymentAttempt._base_manager.filter(pk__in=applied.values("attempt"), status="succeeded").count()
    if paid < count:
        raise RuntimeError(f"{paid} successes were booked instead of {count}")


@contextmanager
def bare_table():
    """Have a table without anything, for the least that a commit can cost."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_commits (number integer, words text)")
        yield
        cursor.execute("DROP TABLE bench_commits")


def commit_rows(count):
    """Insert rows through the bare driver, each in a transaction of its own."""
    driver = connection.connection
    mark = "%s" if connection.vendor == "postgresql" else "?"
    cursor = driver.cursor()
    for number in range(count):
        cursor.execute(f"INSERT INTO bench_commits VALUES ({mark}, {mark})", (number, "x" * 80))
    cursor.close()


def add_figures(report, count, times):
    """Add the median of the rounds' ratios: processor time against naive, rate against bare commits."""
    for what in (NEW, AGAIN):
        own, naive = ([run[what] for run in times[side]] for side in (HOOK, NAIVE))
        share = median(mine[0] / other[0] for mine, other in zip(own, naive, strict=True))
        said = [f"{median(run[0] for run in runs) / count * 1000:.1f} ms" for runs in (own, naive)]
        report.figures.append(
            Figure(
                f"processor time for a callback, {what}",
                said[0],
                f"naive view {said[1]}",
                share,
                at_most=0.333,
            )
        )
        rate = median(count / mine[1] for mine in own)
        bare = median(10 * count / seconds for _cpu, seconds in times["bare"])
        ratio = median(other[1] / 10 / mine[1] for mine, other in zip(own, times["bare"], strict=True))
        report.figures.append(
            Figure(
                f"acknowledged, {what}",
                f"{rate:,.0f} a second",
                f"bare commits {bare:,.0f} a second",
                ratio * 100,
                "%",
                at_least=15,
            )
        )
