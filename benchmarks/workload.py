"""A process that does one piece of work when it is told to: see benchmarks/memory.py."""

import gc
import sys
from pathlib import Path

from benchmarks.office import open_office

SMALL = 10


def main(action, path):
    from benchmarks.shop import find_shop

    shop = find_shop()
    do(action, shop, path.with_name(f"small{path.suffix}"), small=True)
    gc.collect()
    print("ready", flush=True)
    sys.stdin.readline()
    do(action, shop, path)
    print("done", flush=True)
    sys.stdin.readline()


def do(action, shop, path, *, small=False):
    """Import a file, or export to it; in small, with a few rows, to load all code."""
    from benchmarks import data, ours

    if action == "export":
        ours.export_rows(shop, path, search="BEN-00000" if small else "")
        return
    if small:
        (data.write_csv if path.suffix == ".csv" else data.write_xlsx)(path, SMALL)
    ours.import_file(shop, path)


if __name__ == "__main__":
    open_office()
    main(sys.argv[1], Path(sys.argv[2]))
