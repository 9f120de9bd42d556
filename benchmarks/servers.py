"""Web server and worker as processes of their own, on the scratch database."""

import socket
import subprocess
import sys
from contextlib import contextmanager
from time import monotonic, sleep

import requests

PATIENCE = 60  # seconds that a web server may need to open


@contextmanager
def open_doors(folder):
    """Run gunicorn with two workers and the worker for background jobs; gives the address of the admin."""
    address = f"127.0.0.1:{free_port()}"
    web = ["gunicorn", "backoffice.wsgi", "--bind", address, "--workers", "2", "--no-control-socket"]
    worker = ["benchmarks.office", "db_worker", "--queue-name", "*", "--no-reload"]
    with open(folder / "servers.log", "w+") as log, running(web, log), running(worker, log):
        wait_for(f"http://{address}/admin/login/")
        yield f"http://{address}/admin/"


@contextmanager
def running(module, log):
    """Run a Python module with arguments until the block ends."""
    command = [sys.executable, "-m", *module]
    with subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as process:
        try:
            yield
        finally:
            process.terminate()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


def wait_for(url):
    """Return when the address answers; raises TimeoutError when it does not."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        try:
            return requests.get(url, timeout=PATIENCE).raise_for_status()
        except requests.ConnectionError:
            sleep(0.1)
    raise TimeoutError(f"{url} does not answer")
