"""Rehearse: `python -m benchmarks.drills [kills forged ...] [--seed 7] [--size full] [--markdown]`.

Each drill runs in a process of its own, then once more with its guard taken away: that must not pass.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from importlib import import_module
from random import Random
from time import perf_counter

from benchmarks.drills.stage import stage

NAMES = [
    "duplicates",
    "mixed",
    "kills",
    "outbox",
    "forged",
    "fuzz",
    "reload",
    "network",
    "trouble",
    "last_units",
]
ENGINES = ["postgresql", "sqlite"]


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended then, too
    if options.alone:
        sys.exit(run_alone(options))
    rows = [row for name in options.names for row in rehearse(name, options)]
    print(as_markdown(rows) if options.markdown else "\n".join(map(as_text, rows)))
    sys.exit(not all(row["fine"] for row in rows))


def read_options():
    parser = argparse.ArgumentParser(prog="make drill", description="Rehearse disasters.")
    parser.add_argument("names", nargs="*", metavar="what", help=f"all, or some of: {', '.join(NAMES)}")
    parser.add_argument("--seed", type=int, default=2026, help="the same seed makes the same deliveries")
    parser.add_argument("--size", choices=["small", "full"], default="full")
    parser.add_argument(
        "--engine", choices=ENGINES, help="one of the two; else PostgreSQL, and both where it matters"
    )
    parser.add_argument("--markdown", action="store_true", help="print the table for docs/drills.md")
    parser.add_argument("--alone", action="store_true", help="one drill in this process, as JSON")
    parser.add_argument("--control", action="store_true", help="with its guard taken away; only with --alone")
    options = parser.parse_args()
    if unknown := set(options.names) - {*NAMES, "all"}:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    options.names = NAMES if options.names in ([], ["all"]) else options.names
    return options


def rehearse(name, options):
    """Run a drill and its control on each engine that matters; yields what came of each."""
    engines = [options.engine] if options.engine else import_module(f"benchmarks.drills.{name}").ENGINES
    for engine in engines:
        for control in (False, True):
            yield in_process(name, engine, options, control)


def in_process(name, engine, options, control):
    """Run one drill in a process of its own. Returns what it told, and whether that is as it must be."""
    command = [sys.executable, "-m", "benchmarks.drills", name, "--alone", "--engine", engine]
    command += ["--seed", str(options.seed), "--size", options.size, *(["--control"] if control else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.read()
        except BaseException:
            process.terminate()
            raise
    lines = said.splitlines()
    row = (
        json.loads(lines[-1])
        if lines
        else {"name": name, "done": "broke off", "figures": {}, "missed": ["all"]}
    )
    row |= {"engine": engine, "control": control, "fine": bool(row["missed"]) == control and bool(lines)}
    print(as_text(row), file=sys.stderr)
    return row


def run_alone(options):
    """Run one drill here and print what came of it as JSON. Returns the exit code: 1 when not passed."""
    name, start = options.names[0], perf_counter()
    drill = import_module(f"benchmarks.drills.{name}")
    with stage(
        options.engine or ENGINES[0], control=options.control, own=getattr(drill, "OWN", False)
    ) as place:
        told = drill.run(place, Random(options.seed), **size_of(drill, options))
    told.figures |= {"seconds": round(perf_counter() - start), "load": round(os.getloadavg()[0], 1)}
    missed = [sentence for sentence, holds in told.must.items() if not holds]
    facts = {"name": name, "seed": options.seed, "done": told.done, "must": list(told.must), "missed": missed}
    print(json.dumps({**facts, "figures": told.figures}, default=str))
    return 1 if missed else 0


def size_of(drill, options):
    """Return how much is done; the control of a long drill does less, as it fails early."""
    is_shorter = options.control and options.size == "full" and "control" in drill.SIZES
    return drill.SIZES["control" if is_shorter else options.size]


def as_text(row):
    what = f"{row['name']} on {row['engine']}{', without its guard' if row['control'] else ''}"
    figures = ", ".join(f"{name} {value}" for name, value in row["figures"].items())
    return f"{verdict(row)}: {what}: {row['done']}; {figures}{missed(row)}"


def verdict(row):
    if row["control"]:
        return "fails, as it must" if row["fine"] else "TOO WEAK"
    return "passed" if row["fine"] else "NOT PASSED"


def missed(row):
    return "".join(f"\n    not so: {sentence}" for sentence in few(row["missed"]))


def few(sentences, most=4):
    """Return the first of them, and how many more there are: a control may break everything."""
    more = len(sentences) - most
    return sentences[:most] + ([f"and {more} more"] if more > 0 else [])


def as_markdown(rows):
    lines = ["| drill | what was done | figures | verdict |", "|---|---|---|---|"]
    for row in rows:
        name = f"{row['name']}, {row['engine']}{', control' if row['control'] else ''}"
        figures = ", ".join(f"{name} {value}" for name, value in row["figures"].items())
        broken = "; ".join(few(row["missed"])) if row["control"] else ""
        lines.append(
            f"| {name} | {row['done']} | {figures} | {verdict(row)}{': not ' if broken else ''}{broken} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
