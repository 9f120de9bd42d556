"""Imports of products: the desk against the stock resource and against bare SQL."""

from dataclasses import dataclass
from statistics import median
from time import perf_counter

from django.db import connection

from backoffice.scoping import business_scope
from benchmarks import data, ours
from benchmarks.bare_sql import import_bare, ready_rows
from benchmarks.report import Figure, rate
from benchmarks.shop import prepare_tables
from benchmarks.stock_resource import (
    SkipsUnchanged,
    StockProductResource,
    WritesStock,
    dataset,
    import_stock,
)
from inventory.models import Product

STOCK, BARE = "stock confirm", "bare SQL"


@dataclass(frozen=True)
class Case:
    """A file, what the tables hold before it, and the stock resource that takes it."""

    what: str
    variant: str
    resource: type
    share: float  # of the rows that the stock side usually gets: it is slow
    at_least: dict[str, float]
    is_new: bool = False
    levels: bool = False


CASES = [
    Case("new", "as it is", StockProductResource, 1, {"postgresql": 40, "sqlite": 50}, is_new=True),
    Case("all texts changed", "texts", StockProductResource, 0.2, {"postgresql": 100, "sqlite": 100}),
    Case(
        "price and stock changed", "prices", WritesStock, 0.4, {"postgresql": 30, "sqlite": 30}, levels=True
    ),
    Case("unchanged", "as it is", SkipsUnchanged, 1, {"postgresql": 100, "sqlite": 100}),
]


def measure(shop, options, report):
    """Add the figures of every case to the report."""
    for case in CASES:
        against_stock(shop, case, options, report)
    for rows in dict.fromkeys([options.rows, options.many]):
        against_bare(shop, rows, options, report)


def against_stock(shop, case, options, report):
    """Run a case on both sides, in turn, and compare the seconds per row."""
    path = data.write_csv(options.folder / "products.csv", options.rows, case.variant)
    few = max(1, round(options.stock_rows * case.share))
    sides = {"ours": (options.rows, lambda: run_ours(shop, case, path, options.rows))}
    sides[STOCK] = (few, lambda: run_stock(shop, case, few))
    before = 0 if case.is_new else options.rows
    times = in_turn(sides, options.rounds, lambda: prepare_tables(shop, before, levels=case.levels))
    what = f"{options.rows:,} products, {case.what}"
    add_ratio(report, what, times, sides, STOCK, at_least=case.at_least[connection.vendor])
    add_phases(report, what, times)


def against_bare(shop, rows, options, report):
    """Run new products on both sides, in turn, and compare the time."""
    path = data.write_csv(options.folder / "products.csv", rows)
    ready = ready_rows(shop.business, shop.categories, rows)
    sides = {"ours": (rows, lambda: run_ours(shop, CASES[0], path, rows))}
    sides[BARE] = (rows, lambda: clock(import_bare, ready))
    times = in_turn(sides, options.rounds, lambda: prepare_tables(shop))
    what = f"{rows:,} products, new, time against {BARE}"
    add_ratio(report, what, times, sides, BARE, at_most=1.5)
    add_phases(report, what, times)


def in_turn(sides, rounds, prepare):
    """Return {side: [what each round gave]}; every side goes first in its turn, on tables made ready."""
    times = {side: [] for side in sides}
    for number in range(rounds):
        for side in list(sides)[:: -1 if number % 2 else 1]:
            prepare()
            times[side].append(sides[side][1]())
    return times


def add_ratio(report, what, times, sides, yardstick, **asked):
    """Add the median of the rounds' ratios: times faster than stock, or times as long as bare SQL."""
    rows, other_rows = sides["ours"][0], sides[yardstick][0]
    others = times[yardstick]
    said = f"{yardstick} {rate(other_rows, median(others))} ({other_rows:,} rows)"
    own = [run.seconds for run in times["ours"]]
    ratios = [(o / rows) / (y / other_rows) for o, y in zip(own, others, strict=True)]
    ratio = median(ratios) if "at_most" in asked else 1 / median(ratios)
    report.figures.append(Figure(what, rate(rows, median(own)), said, ratio, **asked))


def add_phases(report, what, times):
    runs = times["ours"]
    report.phases[what] = {name: median(run.phases[name] for run in runs) for name in runs[0].phases}


def run_ours(shop, case, path, rows):
    """Import the file with the desk. Raises when it did not do what the case is about."""
    history = Product.history.model._base_manager
    before = history.count()
    run = ours.import_file(shop, path)
    came, wanted = history.count() - before, 0 if case.what == "unchanged" else rows
    if came != wanted:
        raise RuntimeError(f"{case.what}: {came} history rows instead of {wanted}")
    return run


def run_stock(shop, case, rows):
    """Import the first rows with the stock resource; returns the seconds."""
    given = dataset(rows, case.variant)
    with business_scope(shop.business):
        resource = case.resource(shop.business)
        seconds = clock(import_stock, resource, given)
    return seconds


def clock(work, *args):
    start = perf_counter()
    work(*args)
    return perf_counter() - start
