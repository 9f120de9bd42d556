"""The most memory that a process and its children take above idle, while they import or export a large file.

Each piece of work has a fresh process, which does it once in small first, so that all code is loaded; then it
says that it is ready, and its idle state is taken. Shared pages count once (PSS).
"""

import selectors
import subprocess
import sys
from pathlib import Path
from time import sleep

from benchmarks import data
from benchmarks.report import Figure
from benchmarks.shop import prepare_tables

EVERY = 0.02  # seconds between two looks
MOST = {"import .csv": 32, "import .xlsx": 120, "export .csv": 8, "export .xlsx": 60}  # MB


def measure(shop, options, report):
    """Add the peak of each kind of work."""
    for work, most in MOST.items():
        action, ending = work.split()
        path = options.folder / f"products{ending}"
        prepare_tables(shop, 0 if action == "import" else options.many)
        if action == "import":
            (data.write_csv if ending == ".csv" else data.write_xlsx)(path, options.many)
        what = f"memory above idle, {action} of {options.many:,} rows, {ending[1:].upper()}"
        report.figures.append(Figure(what, *peak_above_idle(action, path), "MB", at_most=most))


def peak_above_idle(action, path):
    """Return what the table says of idle, and the peak above it in MB ."""
    command = [sys.executable, "-m", "benchmarks.workload", action, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()  # it is ready
        sleep(10 * EVERY)
        idle = tree_memory(process.pid)
        process.stdin.write("go\n")
        process.stdin.flush()
        peak = highest_until_word(process)
        process.stdin.close()
    if process.returncode:
        raise RuntimeError(f"{action} of {path} ended with {process.returncode}")
    return f"idle {idle:.0f} MB", "", peak - idle


def highest_until_word(process):
    """Look at the memory again and again until the process says something or ends."""
    peak = 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not selector.select(EVERY):
            peak = max(peak, tree_memory(process.pid))
    process.stdout.readline()
    return peak


def tree_memory(pid):
    """Return what a process and its children take, in MB; a process that is gone takes nothing."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        children = " ".join(each.read_text() for each in Path(f"/proc/{pid}/task").glob("*/children"))
    except OSError:
        return 0.0
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return own + sum(tree_memory(child) for child in children.split())
