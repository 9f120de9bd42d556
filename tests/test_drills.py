"""Every drill passes on a handful of deliveries, and fails once its guard is taken away."""

from importlib import import_module
from pathlib import Path
from random import Random

import pytest
from django.db import connection

from benchmarks.drills.mixed import expected
from benchmarks.drills.programs import Cluster, postgresql_programs
from benchmarks.drills.stage import PRODUCTION, Stage
from benchmarks.office import FILES
from tests.imports.processes import database_url

SECRET = "known-to-the-tests-and-to-the-servers-they-start-" + "x" * 20


def on_this_engine(*names):
    """Keep the drills that are rehearsed on the database of this run, as `make drill` does."""
    return [name for name in names if connection.vendor in import_module(f"benchmarks.drills.{name}").ENGINES]


CONTROLLED = on_this_engine("duplicates", "mixed", "fuzz", "reload", "outbox", "network", "last_units")


@pytest.fixture
def place(settings, monkeypatch, tmp_path):
    """Let the servers that a drill starts find the database and the key of this test."""
    settings.SECRET_KEY = SECRET
    monkeypatch.setenv("CACHE_URL", f"filecache://{tmp_path}/cache")  # no database of tests has a cache
    values = {"SECRET_KEY": SECRET, "ENCRYPTION_KEYS": settings.ENCRYPTION_KEYS[0], FILES: str(tmp_path)}
    for name, value in {**PRODUCTION, **values, "DATABASE_URL": database_url()}.items():
        monkeypatch.setenv(name, value)
    with open(tmp_path / "servers.log", "w") as log:
        stage = Stage(control=False, folder=Path(tmp_path), log=log, cluster=None)
        yield stage
        for program in stage.started:
            program.kill()


def run(name, place):
    """Run a drill. Returns what had to hold and did, and what did not; this machine may be slow."""
    drill = import_module(f"benchmarks.drills.{name}")
    must = drill.run(place, Random(7), **drill.SIZES["small"]).must
    held = [sentence for sentence, holds in must.items() if holds]
    return held, [sentence for sentence in must if sentence not in held and "p99" not in sentence]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", [*CONTROLLED, *on_this_engine("forged")])
def test_a_drill_is_passed(place, name):
    _held, missed = run(name, place)
    assert missed == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", CONTROLLED)
def test_the_control_without_its_guard_a_drill_fails(place, name):
    place.control = True
    _held, missed = run(name, place)
    assert missed


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one lock, and no connections to run out of"
)
@pytest.mark.django_db(transaction=True)
def test_money_is_refused_in_time_while_the_database_is_in_trouble(place):
    assert run("trouble", place)[1] == []


@pytest.mark.skipif(connection.vendor == "sqlite", reason="forged is rehearsed on PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_the_control_whoever_believes_everything_believes_every_kind_of_forgery(place):
    place.control = True
    held, missed = run("forged", place)
    withstood = [sentence for sentence in held if "moves" in sentence]
    # A body about a payment that does not exist can move nothing, only break the server.
    assert all("made up" in each or "unknown payment" in each for each in withstood), withstood
    assert "no server error, and every one is answered" in missed


@pytest.mark.once
def test_the_model_knows_that_success_stays():
    fails, paid, other = ("fails", 1032), ("paid", 0), ("other amount", 0)
    assert expected([paid, fails]) == expected([fails, paid]) == ("succeeded", "successful", True)
    assert expected([fails, other]) == ("succeeded", "successful", False)
    assert expected([fails]) == ("failed", "failed", False)
    assert expected([("open", 4999)]) == ("submitted", "pending", False)


@pytest.mark.skipif(not postgresql_programs(), reason="PostgreSQL's own programs are not here")
def test_a_database_of_the_drills_own_comes_back_after_a_crash():
    import psycopg2

    cluster = Cluster(postgresql_programs())
    try:
        for _again in range(2):
            psycopg2.connect(cluster.start().url).close()
            cluster.kill()
    finally:
        cluster.remove()
    assert not Path(cluster.folder).exists()
