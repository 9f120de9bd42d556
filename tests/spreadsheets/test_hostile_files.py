"""Whatever is sent, the office answers soon, with rows or a sentence, and takes little memory."""

import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.spreadsheets.hostile import COUNT, hostile_files
from tests.spreadsheets.hostile_workbooks import twenty_million_cells

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
# What is promised for one file.
SECONDS, MEGABYTES, MEGABYTES_OF_THE_OFFICE = 10, 256, 60


def office_reads(folder, *arguments):
    """Read files in a fresh process that stands for the office: what it reports of each.

    It takes its turns in a folder of its own, so that readers of other tests are not waited for.
    """
    command = [sys.executable, "-m", "tests.spreadsheets.office", *map(str, arguments)]
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_two_hundred_hostile_files_are_each_answered(tmp_path):
    paths = []
    for name, data in hostile_files():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(data)
    with ThreadPoolExecutor(2) as offices:
        reports = [*offices.map(lambda part: office_reads(tmp_path, *part), [paths[::2], paths[1::2]])]
    answers = [answer for report in reports for answer in report]
    assert len(answers) == COUNT
    for path, outcomes, seconds, child, own in answers:
        assert seconds < SECONDS, path
        assert child < MEGABYTES, path
        assert own < MEGABYTES_OF_THE_OFFICE, path
        for outcome in outcomes:
            assert isinstance(outcome, int) or outcome.endswith((".", "password")), path
    # Neither is everything refused, nor anything swallowed.
    assert 20 < sum(isinstance(outcomes[1], int) for path, outcomes, *rest in answers) < 120
    # No refusal without a reason: an interrupted reader would be a fault of ours.
    assert not [path for path, outcomes, *rest in answers if "interrupted" in str(outcomes)]


def test_control_without_limits_a_bomb_takes_the_memory_of_the_machine(tmp_path):
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(twenty_million_cells(random.Random(1), size=60_000_000, disguise="picture"))
    [[_, outcomes, _, limited, _]] = office_reads(tmp_path, path)
    assert "too large when unpacked" in outcomes[1]
    [[_, _, _, unlimited, _]] = office_reads(tmp_path, "--unlimited", path)
    assert limited < MEGABYTES < unlimited
