"""The documentation names things of the code; what it names exists, and what must be named is."""

import ast
import json
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

from backoffice.roles import PERMISSIONS

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("fixtures/**/*.md")])
TEXT = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
APPS = ("backoffice", "inventory", "sales", "payments")
FOLDERS = {*APPS, "bin", "docs", "fixtures", "tests", "benchmarks"}
MODELS = {
    model.__name__: model
    for model in apps.get_models()
    if model.__module__.startswith(APPS) and not hasattr(model, "instance_type") and not model._meta.proxy
}
every_page = pytest.mark.parametrize("page", TEXT)


def code_in(text):
    """The words in `backticks`, outside of fenced blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def section(text, title):
    """The part of a page below a heading, up to the next one of its level or above."""
    level, below = re.search(rf"^(#+) {re.escape(title)}\n(.*)", text, re.M | re.S).groups()
    return re.split(rf"^#{{1,{len(level)}}} ", below, flags=re.M)[0]


def rows_of(text):
    """The cells of each table row below its heading and ruler."""
    tables = re.findall(r"^\|.*\|\n\|[-|]+\|\n((?:\|.*\|(?:\n|$))+)", text, re.M)
    rows = [row.strip("|").split("|") for table in tables for row in table.splitlines()]
    return [[cell.strip() for cell in cells] for cells in rows]


# Every page


def resolve(dotted):
    """Return the thing that a dotted name means; raises when there is none."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            thing = getattr(thing, name)
        return thing
    raise AttributeError(dotted)


@every_page
def test_every_dotted_name_of_ours_can_be_imported(page):
    rights = set().union(*PERMISSIONS.values())
    for name in code_in(TEXT[page]):
        if re.fullmatch(rf"({'|'.join(APPS)})(\.\w+)+", name) and name not in rights:
            resolve(name)


@every_page
def test_every_field_of_a_model_exists(page):
    for name in code_in(TEXT[page]):
        model, _, field = name.partition(".")
        if model in MODELS and re.fullmatch(r"\w+", field):
            assert hasattr(MODELS[model], field) or MODELS[model]._meta.get_field(field), name


@every_page
def test_every_path_and_link_leads_somewhere(page):
    for name in code_in(TEXT[page]):
        path = name.split("::")[0]
        if "/" in path and path.split("/")[0] in FOLDERS and re.fullmatch(r"[\w./-]+", path):
            assert (ROOT / path).exists(), path
    for link in re.findall(r"\]\(([^)#\s]+)", TEXT[page]):
        assert "://" in link or (ROOT / page).parent.joinpath(link).exists(), link


@every_page
def test_every_test_exists(page):
    for name in code_in(TEXT[page]):
        path, _, test = name.partition("::")
        assert not test or test in names_of_tests(ROOT / path), name


@cache
def names_of_tests(path):
    """The names of the tests in a file."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test")}


@every_page
def test_every_command_exists(page):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", TEXT[page], re.M)) <= targets
    assert set(re.findall(r"manage\.py ([a-z_]+)", TEXT[page])) <= set(get_commands())


# The data model


def test_the_data_model_describes_every_field_of_every_model():
    tables = section(TEXT["docs/data-model.md"], "Every table")
    assert set(re.findall(r"^### (\w+)", tables, re.M)) == set(MODELS)
    for name, model in MODELS.items():
        fields = [f.name for f in (*model._meta.concrete_fields, *model._meta.many_to_many)]
        described = [cells[0] for cells in rows_of(section(tables, name))]
        assert sorted(described) == sorted(f"`{name}.{field}`" for field in fields)


def test_the_picture_shows_every_foreign_key_between_models():
    line = r"^    (\w+) ([|o]{2})--([|o{]{2}) (\w+) : (\w+)$"
    drawn = re.findall(line, TEXT["docs/data-model.md"], re.M)
    assert set(drawn) == {
        (
            key.related_model.__name__,
            "|o" if key.null else "||",
            "o|" if key.one_to_one else "o{",
            name,
            key.name,
        )
        for name, model in MODELS.items()
        for key in model._meta.concrete_fields
        if key.is_relation and key.related_model in MODELS.values()
        if key.name != "business" or name == "BusinessAccess"
    }


def test_every_field_of_the_source_documents_is_accounted_for():
    rows = rows_of(section(TEXT["docs/data-model.md"], "The source documents"))
    later = r"(arrives?|arrive) with (the books|the exchange desk|invoices|the service jobs)"
    for theirs, ours in rows:
        names = [name.partition(".")[0] for name in code_in(ours)]
        assert any(name in MODELS for name in names) or re.search(rf"{later}|\(decisions/", ours), theirs


# Faults, decisions and the demo


def test_every_fault_has_its_line_and_a_test():
    rows = rows_of(TEXT["docs/faults.md"])
    assert [fault for fault, *_words in rows] == [f"F{number:02}" for number in range(1, 73)]
    for fault, *words, proofs in rows:
        assert all(words) and code_in(proofs) and all("::" in each for each in code_in(proofs)), fault


def test_every_decision_says_context_decision_and_consequences():
    pages = [name for name in TEXT if re.fullmatch(r"docs/decisions/\d{4}-.*", name)]
    numbers = [int(Path(name).name[:4]) for name in pages]
    assert numbers == list(range(1, len(pages) + 1))
    for number, name in zip(numbers, pages, strict=True):
        assert TEXT[name].startswith(f"# {number}. ")
        assert re.findall(r"^## (.*)", TEXT[name], re.M) == ["Context", "Decision", "Consequences"]
        assert f"({Path(name).name})" in TEXT["docs/decisions/README.md"]


def test_the_logins_of_the_readme_are_those_of_the_demo():
    demo = import_module("backoffice.people.demo")
    roles = {}
    for business in json.loads((ROOT / "fixtures/demo/businesses.json").read_text()):
        for person in business["people"]:
            roles.setdefault(person["email"], set()).add(f"{person['role']} of {business['name']}")
    named = rows_of(section(TEXT["README.md"], "What to try first"))
    assert f"`{demo.PASSWORD}`" in TEXT["README.md"] and len(named) >= 3
    for email, what, *_ in named:
        assert set(what.split(", ")) == roles[email.strip("`")]
