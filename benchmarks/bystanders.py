"""The pages of other staff while a large file is imported: two web workers and the worker, as in production.

A clerk opens the same three pages over and over, first while nothing else happens, then while the worker
reads, checks and writes the file. What counts is the time that 19 of 20 pages stay below (p95).
"""

from math import ceil
from time import monotonic, perf_counter, sleep

import requests

from benchmarks import data, ours
from benchmarks.report import Figure
from benchmarks.servers import open_doors
from benchmarks.shop import PASSWORD, prepare_tables, take_orders

PAGES = {"product list": "inventory/product/", "order list": "sales/order/", "today": ""}
PAUSE = 0.02  # seconds between two pages
SOME = 300  # products of the shop before the large file


def measure(shop, options, report):
    """Add the times of each page, for a file of new products and for one with other texts."""
    prepare_tables(shop, min(SOME, options.many // 2), levels=True)
    take_orders(shop, min(100, options.many // 2))
    with open_doors(options.folder) as admin, requests.Session() as session:
        sign_in(session, admin, shop.clerk)
        for variant, name in (("as it is", "new"), ("texts", "changed")):
            deadline = monotonic() + options.seconds
            idle = watch(session, admin, lambda deadline=deadline: monotonic() > deadline)
            path = data.write_csv(options.folder / "large.csv", options.many, variant)
            busy = watch(session, admin, ours.import_in_background(shop, path))
            add_pages(report, f"while {options.many:,} {name} products are imported", idle, busy)


def add_pages(report, when, idle, busy):
    for page, times in idle.items():
        quick, slow = p95(times), p95(busy[page])
        said = f"p95 {slow * 1000:.0f} ms ({len(busy[page])} pages)"
        yardstick = f"idle p95 {quick * 1000:.0f} ms ({len(times)} pages)"
        report.figures.append(Figure(f"{page} {when}", said, yardstick, slow / quick, at_most=2))


def sign_in(session, admin, person):
    """Log in through the form, and open each page a few times, so that both web workers are warm."""
    url = f"{admin}login/"
    token = session.get(url, timeout=60).cookies["csrftoken"]
    form = {"username": person.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    session.post(url, form, timeout=60).raise_for_status()
    for _again in range(4):
        for address in PAGES.values():
            open_page(session, admin + address)


def watch(session, admin, is_over):
    """Open the pages in turn until is_over(); returns {page: [seconds]}, of each page at least once."""
    times = {page: [] for page in PAGES}
    while not all(times.values()) or not is_over():
        for page, address in PAGES.items():
            times[page].append(open_page(session, admin + address))
            sleep(PAUSE)
    return times


def open_page(session, url):
    start = perf_counter()
    response = session.get(url, timeout=60)
    if response.status_code != 200 or "/login/" in response.url:
        raise RuntimeError(f"{url} answered {response.status_code} at {response.url}")
    return perf_counter() - start


def p95(times):
    """Return the time that 19 of 20 stay at or below."""
    return sorted(times)[ceil(len(times) * 0.95) - 1]
