"""What settings read from the environment, .env.example says; what production lacks stops its start."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETTINGS, EXAMPLE = ROOT / "backoffice/settings.py", ROOT / ".env.example"
APPS = ("backoffice", "inventory", "sales", "payments")


def names_read():
    """The variables that settings.py reads, whether always or on a condition."""
    calls = [node for node in ast.walk(ast.parse(SETTINGS.read_text())) if isinstance(node, ast.Call)]
    for call in calls:
        reads = ast.unparse(call.func).split(".")[0] in ("env", "required")
        if reads and isinstance(call.args[0], ast.Constant):
            yield call.args[0].value


def example():
    lines = EXAMPLE.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def start(**variables):
    """Check the deployment with these variables alone; those of a .env here are covered by empty ones."""
    blank = dict.fromkeys(("SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "ENCRYPTION_KEYS"), "")
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **blank, "DEBUG": "0", "DEMO": "0", **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_example_names_exactly_what_settings_read():
    assert set(names_read()) == set(example())


def test_every_variable_has_a_line_that_says_what_it_means():
    lines = EXAMPLE.read_text().splitlines()
    for above, line in zip(lines, lines[1:], strict=False):
        assert line.startswith("#") or not line or above.startswith("# "), line


def test_only_settings_read_the_environment():
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if path.name not in ("settings.py", "wsgi.py", "asgi.py"):
                assert not re.search(r"\benviron\b|getenv", path.read_text()), path


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "ENCRYPTION_KEYS"])
def test_production_does_not_start_without(missing):
    result = start(**{**example(), "SECRET_KEY": "k3y-" * 20, missing: ""})
    assert result.returncode != 0
    assert f"{missing} is not set: " in result.stderr.splitlines()[-1]
    assert "See .env.example." in result.stderr


def test_production_starts_with_the_example_and_a_secret():
    secrets = {
        "SECRET_KEY": "aB3-dE6_gH9." * 6,
        "ENCRYPTION_KEYS": "a2V5LW9mLWEtdGVzdC1rZXktb2YtYS10ZXN0LWtleSE=",
    }
    result = start(**{**example(), **secrets, "DATABASE_URL": "sqlite:///:memory:"})
    assert result.returncode == 0, result.stderr
