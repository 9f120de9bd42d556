"""bin/start, which `make run` uses: together up, together down, nothing left behind."""

import os
import pty
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

START = Path(__file__).parent.parent / "bin" / "start"
SERVER = f"{sys.executable} -m http.server --bind 127.0.0.1"
# Writes down its own process number and that of a child, which nobody else asks to stop.
FAMILY = """
import os, pathlib, sys, time
child = os.fork()
if child:
    pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {child}")
time.sleep(300)
"""


@pytest.fixture
def port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


@pytest.fixture
def family(tmp_path):
    """A program with a child, and the place where they leave their process numbers."""
    script = tmp_path / "family.py"
    script.write_text(FAMILY)
    return f"{sys.executable} {script} {tmp_path / 'numbers'}", tmp_path / "numbers"


def start(port, **programs):
    command = [sys.executable, str(START), "--url", f"http://127.0.0.1:{port}/"]
    command += [f"{name}={program}" for name, program in programs.items()]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def answers(port):
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


def alive(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def numbers_in(file):
    wait_for(lambda: file.exists() and file.read_text())
    return [int(number) for number in file.read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_is_a_success(port, family, number):
    program, numbers = family
    office = start(port, web=f"{SERVER} {port}", worker=program)
    processes = numbers_in(numbers)
    wait_for(lambda: answers(port))
    time.sleep(0.3)  # it looks five times a second
    office.send_signal(number)
    said, _ = office.communicate(timeout=15)
    assert office.returncode == 0, said
    assert f"The back office is open: http://127.0.0.1:{port}/" in said
    wait_for(lambda: not any(alive(process) for process in processes) and not answers(port))


def test_when_one_program_ends_the_others_are_stopped(port, family):
    program, numbers = family
    office = start(port, web=program, worker=f"{sys.executable} -c 'import time; time.sleep(1); exit(3)'")
    processes = numbers_in(numbers)
    said, _ = office.communicate(timeout=15)
    assert office.returncode == 1
    assert "worker has stopped (exit code 3)." in said
    wait_for(lambda: not any(alive(process) for process in processes))


def test_a_taken_port_is_named_before_anything_starts(port, tmp_path):
    with socket.create_server(("127.0.0.1", port)):
        office = start(port, web=f'{sys.executable} -c \'open("{tmp_path}/started", "w")\'')
        said, _ = office.communicate(timeout=15)
    assert office.returncode == 1
    assert f"Port {port} is taken" in said
    assert not (tmp_path / "started").exists()


def test_ctrl_c_in_a_terminal_is_a_success_for_make_too(port, tmp_path):
    recipe = f'@exec {sys.executable} {START} --url http://127.0.0.1:{port}/ web="{SERVER} {port}"'
    (tmp_path / "Makefile").write_text(f"run:\n\t{recipe}\n")
    keyboard, terminal = pty.openpty()
    tty = os.ttyname(terminal)
    # The first terminal that the leader of a session opens becomes the one whose Ctrl-C it hears.
    make = subprocess.Popen(
        ["sh", "-c", f"exec make -C {tmp_path} run <{tty} >{tty} 2>&1"], start_new_session=True
    )
    wait_for(lambda: answers(port))
    time.sleep(0.3)  # it looks five times a second
    os.write(keyboard, b"\x03")
    assert make.wait(timeout=15) == 0
    wait_for(lambda: not answers(port))
    os.close(keyboard)
    os.close(terminal)
