"""Every benchmark runs, on a handful of rows, and its two sides do the same work; how fast is not tested."""

from argparse import Namespace
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from benchmarks import memory, ours
from benchmarks.__main__ import NAMES
from benchmarks.bare_sql import import_bare, ready_rows
from benchmarks.data import write_csv
from benchmarks.imports import CASES, run_stock
from benchmarks.office import FILES
from benchmarks.report import Figure, Report
from benchmarks.shop import open_shop, prepare_tables
from inventory.models import Product

ROWS = 12
VALUES = ["sku", "name", "slug", "category", "price", "cost", "barcode", "is_active", "description"]


@pytest.fixture
def options(tmp_path):
    return Namespace(rows=ROWS, many=20, stock_rows=5, rounds=1, seconds=0, folder=tmp_path)


@pytest.fixture
def other_processes(settings, monkeypatch):
    """Let the processes that a benchmark starts find the database, files and passwords of the tests."""
    here = connection.settings_dict
    place = f"{here['USER']}:{quote(here['PASSWORD'])}@{here['HOST']}:{here['PORT']}"
    url = (
        f"postgres://{place}/{here['NAME']}"
        if connection.vendor == "postgresql"
        else f"sqlite:///{here['NAME']}"
    )
    monkeypatch.setenv("DATABASE_URL", url)
    files = Path(settings.STORAGES["import_export"]["OPTIONS"]["location"]).parent
    monkeypatch.setenv(FILES, str(files))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]


@pytest.mark.django_db(transaction=True)
def test_every_benchmark_runs_and_says_what_it_found(options, other_processes, monkeypatch):
    monkeypatch.setattr(memory, "MOST", {"import .csv": 32})
    shop, report = open_shop(), Report()
    for name in NAMES:
        import_module(f"benchmarks.{name}").measure(shop, options, report)
    assert len(report.figures) >= 16
    for figure in report.figures:
        assert (figure.verdict or not figure.asked) and figure.value > 0, figure
    for table in (report.as_text(), report.as_markdown()):
        assert all(figure.what in table and figure.yardstick in table for figure in report.figures)


def what_is_there():
    products = Product._base_manager.order_by("sku").values_list(*VALUES)
    history = Product.history.model._base_manager.order_by("sku").values_list(*VALUES, "history_type")
    return list(products), list(history)


@pytest.mark.django_db(transaction=True)
def test_the_yardsticks_write_what_the_desk_writes(options):
    shop = open_shop()
    path = write_csv(options.folder / "products.csv", ROWS)
    found = []
    for work in (
        lambda: run_stock(shop, CASES[0], ROWS),
        lambda: import_bare(ready_rows(shop.business, shop.categories, ROWS)),
        lambda: ours.import_file(shop, path),
    ):
        prepare_tables(shop)
        work()
        found.append(what_is_there())
    assert all(len(products) == len(history) == ROWS for products, history in found)
    assert all(each == found[0] for each in found)


def test_a_figure_is_met_or_missed():
    assert Figure("faster", "", "", 41, at_least=40).verdict == "met"
    assert Figure("faster", "", "", 39, at_least=40).verdict == "missed"
    assert Figure("smaller", "", "", 33, "MB", at_most=32).verdict == "missed"
