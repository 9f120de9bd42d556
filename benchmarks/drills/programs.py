"""Programs that a drill starts, kills and starts again: the web server, the worker, PostgreSQL."""

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic, sleep

from benchmarks.servers import free_port

PATIENCE = 60  # seconds that a program may need to open or to end


class Program:
    """One program with its children, in a process group of their own."""

    def __init__(self, *module, log):
        self.command, self.log, self.process = [sys.executable, "-m", *module], log, None

    def start(self):
        self.process = subprocess.Popen(
            self.command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, process_group=0
        )
        return self

    def send(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        """End it and its children the way a power cut does."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self):
        """Let it finish what it is doing."""
        self.process.terminate()
        self.process.wait(PATIENCE)

    def children(self):
        """Return the process ids of its children."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(each) for each in found.split()}


class WebServer(Program):
    """gunicorn as docs/deploy.md starts it, on a free port of loopback."""

    def __init__(self, application, log, workers=2, threads=4, environment=None):
        self.port = free_port()
        given = [each for name, value in (environment or {}).items() for each in ("--env", f"{name}={value}")]
        options = ["--workers", str(workers), "--threads", str(threads), "--timeout", "30"]
        bind = ["--bind", f"127.0.0.1:{self.port}", "--graceful-timeout", "30", "--no-control-socket"]
        super().__init__("gunicorn", application, *bind, *options, *given, "--log-level", "error", log=log)

    def start(self):
        super().start()
        wait_for(self.port)
        return self


def wait_for(port):
    """Return when the port takes connections; raises TimeoutError when it does not."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.05)
    raise TimeoutError(f"nothing listens at port {port}")


def postgresql_programs(among="initdb"):
    """Return the folder with the programs of PostgreSQL that hold this one, or None."""
    beside = shutil.which(among)
    found = [beside] if beside else sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{among}"))
    return os.path.dirname(found[-1]) if found else None


class Cluster:
    """A PostgreSQL of the drill's own, so that it may be killed; as root it runs as the user postgres."""

    def __init__(self, programs):
        self.programs, self.port = programs, free_port()
        self.folder = mkdtemp(prefix="drill-cluster-")
        self.who = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
        if self.who:
            shutil.chown(self.folder, "postgres", "postgres")
        self.run(
            "initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"
        )
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def run(self, program, *arguments):
        command = [f"{self.programs}/{program}", "-D", f"{self.folder}/data", *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, "cwd": self.folder}
        subprocess.run(command, check=True, start_new_session=True, **quiet, **self.who)

    def start(self):
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} -c max_connections=100"
        self.run("pg_ctl", "-w", "-l", f"{self.folder}/log", "-o", options, "start")
        return self

    def kill(self):
        """Stop it at once: what it had not written to its log is gone, as after a crash."""
        self.run("pg_ctl", "-m", "immediate", "-w", "stop")

    def remove(self):
        with contextlib.suppress(subprocess.CalledProcessError):  # it is down already
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
