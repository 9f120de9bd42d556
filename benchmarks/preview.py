"""The page of an import that waits to be confirmed: it may not grow with the file."""

from benchmarks import data, ours
from benchmarks.report import Figure
from benchmarks.shop import prepare_tables


def measure(shop, options, report):
    """Add size and time of the preview of a large file with new and changed rows."""
    prepare_tables(shop, options.many // 2)
    path = data.write_csv(options.folder / "products.csv", options.many, "texts")
    run = ours.import_file(shop, path, confirm=False)
    what = f"preview of {options.many:,} rows"
    seconds, size = ours.show_preview(shop, run.job)
    for name, value, unit, most in (("time", seconds, "s", 1), ("size", size / 1000, "kB", 300)):
        report.figures.append(Figure(f"{what}, {name}", "", "", value, unit, at_most=most))
