"""Measure: `python -m benchmarks [imports exports ...] [--rows 10000] [--rounds 5] [--markdown]`."""

import argparse
import os
import platform
import signal
import sys
from importlib import import_module
from pathlib import Path
from time import perf_counter

from benchmarks.office import scratch_office
from benchmarks.report import Report

NAMES = ["imports", "exports", "memory", "preview", "bystanders", "intake"]


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the scratch database is dropped then, too
    with scratch_office(os.environ.get("DATABASE_URL", "")) as folder:
        options.folder = folder
        report = measure_all(options)
        print(report.as_markdown() if options.markdown else report.as_text())


def read_options():
    parser = argparse.ArgumentParser(prog="make bench", description="Measure against yardsticks.")
    parser.add_argument("names", nargs="*", metavar="what", help=f"some of: {', '.join(NAMES)}; else all")
    parser.add_argument("--rows", type=int, default=10_000, help="rows of a file that is compared")
    parser.add_argument("--many", type=int, default=100_000, help="rows of a large file")
    parser.add_argument("--stock-rows", type=int, default=200, help="rows that the slow stock side gets")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each comparison; the median counts")
    parser.add_argument("--seconds", type=float, default=20, help="how long the pages of others are watched")
    parser.add_argument("--markdown", action="store_true", help="print the tables for docs/performance.md")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    options.names = options.names or NAMES
    return options


def measure_all(options):
    """Run the chosen benchmarks one after the other, telling on the way how far it is."""
    from django.db import connection

    from benchmarks.shop import open_shop

    shop, report = open_shop(), Report()
    print(f"Python {platform.python_version()}, {connection.vendor}, {os.cpu_count()} cores", file=sys.stderr)
    for name in options.names:
        start, before, known = perf_counter(), processor_ticks(), len(report.figures)
        import_module(f"benchmarks.{name}").measure(shop, options, report)
        print(f"{name}: {perf_counter() - start:.0f} s, {disturbance(before)}", file=sys.stderr)
        for figure in report.figures[known:]:
            print("  " + ", ".join(filter(None, figure.cells)), file=sys.stderr)
    return report


def disturbance(before):
    """Say how busy the machine was, and how much of it its host gave to others: both spoil figures."""
    spent = [now - then for now, then in zip(processor_ticks(), before, strict=True)]
    return f"load {os.getloadavg()[0]:.1f}, {spent[7] / max(1, sum(spent)):.0%} of the processors stolen"


def processor_ticks():
    """Return what the processors did since the machine started: user, nice, system, ..., stolen (proc(5))."""
    return [int(ticks) for ticks in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]


if __name__ == "__main__":
    main()
