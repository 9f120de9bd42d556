"""Every drill passes on a handful of deliveries, and fails once its guard is taken away."""

from importlib import import_module
from pathlib import Path
from random import Random

import pytest

from benchmarks.drills.mixed import expected
from benchmarks.drills.programs import Cluster, postgresql_programs
from benchmarks.drills.stage import PRODUCTION, Stage, sealing_key
from benchmarks.office import FILES
from tests.imports.processes import database_url

SECRET = "known-to-the-tests-and-to-the-servers-they-start-" + "x" * 20


@pytest.fixture
def place(settings, monkeypatch, tmp_path):
    """Let the servers that a drill starts find the database and the key of this test."""
    settings.SECRET_KEY = SECRET
    values = {"SECRET_KEY": SECRET, "ENCRYPTION_KEYS": sealing_key(), FILES: str(tmp_path)}
    for name, value in {**PRODUCTION, **values, "DATABASE_URL": database_url()}.items():
        monkeypatch.setenv(name, value)
    with open(tmp_path / "servers.log", "w") as log:
        stage = Stage(control=False, folder=Path(tmp_path), log=log, cluster=None)
        yield stage
        for program in stage.started:
            program.kill()


def run(name, place):
    drill = import_module(f"benchmarks.drills.{name}")
    told = drill.run(place, Random(7), **drill.SIZES["small"])
    return [sentence for sentence, holds in told.must.items() if not holds and "p99" not in sentence]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["duplicates", "mixed", "forged", "fuzz", "reload", "outbox"])
def test_a_drill_is_passed(place, name):
    assert run(name, place) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["duplicates", "mixed", "forged", "fuzz", "reload", "outbox"])
def test_the_control_without_its_guard_a_drill_fails(place, name):
    place.control = True
    assert run(name, place)


@pytest.mark.no_database
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
