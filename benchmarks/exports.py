"""Exports of products: ours against what ModelResource.export() makes, a query per category included."""

from pathlib import Path

from import_export.formats.base_formats import CSV, XLSX

from backoffice.scoping import business_scope
from benchmarks import ours
from benchmarks.imports import add_ratio, clock, in_turn
from benchmarks.shop import prepare_tables
from benchmarks.stock_resource import StockProductResource
from inventory.models import Product

STOCK = "stock export"
KINDS = {"csv": (CSV, 50), "xlsx": (XLSX, 3)}  # the stock format, how many times faster we should be


def measure(shop, options, report):
    """Add the speed of both kinds of file; the slow side exports fewer rows of the same table."""
    prepare_tables(shop, options.many)
    few = min(options.many, options.stock_rows * 4)
    for kind, (stock_format, at_least) in KINDS.items():
        path = options.folder / f"products.{kind}"
        sides = {
            "ours": (options.many, lambda path=path: ours.export_rows(shop, path)),
            STOCK: (few, lambda path=path, made=stock_format: clock(export_stock, shop, few, path, made())),
        }
        times = in_turn(sides, options.rounds, lambda: None)
        what = f"export of {options.many:,} products as {kind.upper()}"
        add_ratio(report, what, times, sides, STOCK, at_least=at_least)


def export_stock(shop, rows, path, file_format):
    """Write the first rows to a file, the stock way."""
    with business_scope(shop.business):
        dataset = StockProductResource().export(Product.objects.order_by("sku")[:rows])
        content = file_format.export_data(dataset)
    Path(path).write_bytes(content if isinstance(content, bytes) else content.encode())
