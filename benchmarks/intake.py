"""Deliveries of M-Pesa: what it takes to acknowledge one, and what to decide it once the answer has left."""

import json
from contextlib import ExitStack, contextmanager
from functools import cache
from io import BytesIO
from statistics import median
from time import perf_counter, process_time

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from backoffice.people.models import Customer
from backoffice.scoping import business_scope
from benchmarks.imports import in_turn
from benchmarks.pgbench import has_pgbench, pgbench_tables, transactions_a_second
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
NEW, AGAIN, DECIDED = "new success", "the same again", "decided"


def measure(shop, options, report):
    """Add statements, processor time against the naive view, and the rate against bare commits."""
    with business_scope(shop.business):
        stock_up(shop)
    with override_settings(ROOT_URLCONF="benchmarks.naive_hook"), connection_kept():
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
    """Deliver everything as a server does. Returns the answers, not closed; raises when one is not 200."""
    return [answer_of(address.format(token), body) for token, body in told]


@cache
def server():
    """Return the application, started once as in a server."""
    return WSGIHandler()


def answer_of(path, body):
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": path, "SERVER_NAME": "testserver", "SERVER_PORT": "80"}
    environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
    environ |= {"REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.input": BytesIO(body)}
    answer = server()(environ, lambda status, headers: None)
    if answer.status_code != 200 or not b"".join(answer):
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return answer


def close_all(answers):
    """Do what a server does when it has sent the answers; there we decide."""
    for answer in answers:
        answer.close()


@contextmanager
def connection_kept():
    """Keep the connection between requests, as a server does for CONN_MAX_AGE seconds."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def count_statements(shop, report):
    """Count what it takes until a delivery is stored and committed, and what one costs that is there.

    A process that has not seen the address before needs one statement to find whose it is.
    """
    told = prompts(shop, 1)
    for what, most in ((NEW, 2), (AGAIN, 1)):
        with CaptureQueriesContext(connection) as asked:
            answers = post_all(HOOK, told)
        close_all(answers)
        count = len(asked)
        report.figures.append(
            Figure(f"statements to acknowledge, {what}", "", "", count, "statements", at_most=most)
        )
        if count > most:
            raise RuntimeError(f"{what}: {[query['sql'] for query in asked]}")


def compare(shop, options, report):
    """Run both views, bare commits and pgbench in turn, the views on prompts of their own."""
    count = min(options.rows, CALLBACKS)
    told = {side: iter([prompts(shop, count) for _round in range(options.rounds)]) for side in (HOOK, NAIVE)}
    sides = {side: (count, lambda side=side: run_side(side, next(told[side]))) for side in told}
    with ExitStack() as tables:
        tables.enter_context(bare_table())
        sides["bare"] = (count, lambda: count * 10 / clock(commit_rows, count * 10)[1])
        if has_pgbench():
            tables.enter_context(pgbench_tables())
            sides["pgbench"] = (1, transactions_a_second)
        times = in_turn(sides, options.rounds, deliveries.attempt_behind.cache_clear)
    check_paid(options.rounds * count)
    add_figures(report, count, times)


def run_side(address, told):
    """Return {what: (processor seconds, seconds)}: new deliveries, what follows the answers, repeats."""
    times, answers = {}, []
    times[NEW] = clock(lambda: answers.extend(post_all(address, told)))
    times[DECIDED] = clock(close_all, answers)
    times[AGAIN] = clock(post_all, address, told)
    return times


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
    """Add the medians of the rounds: processor time against naive, rate against what the database can do."""
    for what in (NEW, AGAIN):
        add_processor_time(report, count, times, what, what, at_most=0.333)
        add_rate(report, count, times, what, "bare commits", times["bare"])
        if "pgbench" in times:
            add_rate(report, count, times, what, "pgbench", times["pgbench"], at_least=15)
    # Not asked for, and told all the same: what deciding costs after the answer. The naive view does less.
    add_processor_time(report, count, times, DECIDED, NEW)


def add_processor_time(report, count, times, what, other, **asked):
    own, naive = [run[what][0] for run in times[HOOK]], [run[other][0] for run in times[NAIVE]]
    share = median(mine / theirs for mine, theirs in zip(own, naive, strict=True))
    said = [f"{median(seconds) / count * 1000:.2f} ms" for seconds in (own, naive)]
    what = f"processor time for a callback, {what}"
    report.figures.append(Figure(what, said[0], f"naive view {said[1]}", share, **asked))


def add_rate(report, count, times, what, name, rates, **asked):
    """Add our rate as a share of a yardstick's, whose rates are transactions a second of each round."""
    own = [count / run[what][1] for run in times[HOOK]]
    share = median(mine / theirs for mine, theirs in zip(own, rates, strict=True))
    said = [f"{median(own):,.0f} a second", f"{name} {median(rates):,.0f} a second"]
    what = f"acknowledged, {what}"
    report.figures.append(Figure(what, *said, share * 100, "%", **asked))
