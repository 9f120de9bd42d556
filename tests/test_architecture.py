"""The arrows of the house: imports run one way, between apps and inside them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["backoffice", "inventory", "sales", "payments"]  # low to high
# Inside an app, a layer may import from those that stand before it.
LAYERS = ["models", "gateways", "services", "queries", "views"]
TOP = {"admin", "resources", "dialogs", "demo", "dashboard", "management", "invariants"}


def sources(folder):
    return [path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]


def imports_of(path):
    """Yield the dotted names that a file imports when it is loaded."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def layer_of(dotted, app):
    parts = dotted.split(".")
    return parts[1] if parts[0] == app and len(parts) > 1 else None


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_only_from_apps_below_it(app):
    above = set(APPS[APPS.index(app) + 1 :])
    for path in sources(app):
        wrong = {name for name in imports_of(path) if name.split(".")[0] in above}
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("app", APPS[1:])
def test_services_do_not_import_from_the_admin_and_models_not_from_services(app):
    for path in sources(app):
        own = path.relative_to(ROOT / app).parts[0].removesuffix(".py")
        if own not in LAYERS:
            continue
        forbidden = TOP | set(LAYERS[LAYERS.index(own) + 1 :])
        wrong = {name for name in imports_of(path) if layer_of(name, app) in forbidden}
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


def test_gateways_know_nothing_of_the_database():
    for path in sources("payments/gateways"):
        wrong = {
            name
            for name in imports_of(path)
            if name.startswith(("django.db", "django.conf", *APPS))
            and not name.startswith(("payments.gateways", "backoffice.errors"))
        }
        assert not wrong, f"{path.name} imports {', '.join(sorted(wrong))}"


def test_only_gateways_and_the_simulator_speak_to_the_network():
    for app in APPS:
        for path in sources(app):
            if "gateways" in path.parts or "simulator" in str(path):
                continue
            assert "requests" not in set(imports_of(path)), f"{path.relative_to(ROOT)} imports requests"


def test_no_room_is_named_after_a_heap():
    heaps = {"utils", "helpers", "common", "signals", "misc"}
    assert not [
        path for app in APPS for path in sources(app) if path.stem in heaps or path.parent.name in heaps
    ]
