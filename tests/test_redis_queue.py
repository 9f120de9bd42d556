"""The same work goes through a queue in Redis, where REDIS_URL names one."""

import os
import shutil
import socket
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from redis import Redis
from redis.exceptions import ConnectionError as NotYet

from backoffice.imports.services.jobs import confirm_job
from backoffice.roles import STAFF
from inventory.models import Product
from tests.builders import make_business, make_user
from tests.imports.desk import fresh
from tests.imports.processes import ROOT, database_url, price_list, upload, wait_until


@pytest.fixture
def redis_url(tmp_path):
    """A Redis of its own, on a port that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    options = ["--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen([shutil.which("redis-server"), *options], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(port), seconds=20)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()


def answers(port):
    try:
        with Redis(port=int(port)) as redis:
            return redis.ping()
    except NotYet:
        return False


@pytest.fixture
def queue(redis_url, settings):
    """What is enqueued waits in Redis, as with REDIS_URL in the environment."""
    settings.REDIS_URL = redis_url
    settings.RQ_QUEUES = {name: {**each, "URL": redis_url} for name, each in settings.RQ_QUEUES.items()}
    settings.TASKS = {"default": {**settings.TASKS["default"], "BACKEND": "django_tasks_rq.RQBackend"}}
    return redis_url


def run_worker(redis_url):
    """Let a worker do all that waits, in a process of its own."""
    code = (
        "import django; from django.conf import settings; django.setup();"
        "settings.STORAGES['import_export']['OPTIONS']['location'] = {!r};"
        "from django.core.management import call_command; call_command('rqworker', burst=True)"
    ).format(str(project.STORAGES["import_export"]["OPTIONS"]["location"]))
    environment = {"DATABASE_URL": database_url(), "REDIS_URL": redis_url, "DEBUG": "1"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        timeout=120,
        capture_output=True,
        text=True,
    )


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_file_is_read_checked_and_written_by_workers_on_redis(queue):
    shop = make_business("Riverside Shop", code="R")
    job = upload(shop, make_user((shop, STAFF)), price_list(20))
    run_worker(queue)
    job = fresh(job)
    assert job.status == "ready"
    confirm_job(job, fingerprint=job.report["fingerprint"], by=job.by)
    run_worker(queue)
    assert fresh(job).status == "done"
    assert Product._base_manager.filter(business=shop, stock=5).count() == 20


def test_a_worker_on_redis_needs_to_know_where_it_is(settings):
    settings.REDIS_URL = ""
    with pytest.raises(CommandError, match="REDIS_URL"):
        call_command("rqworker")
