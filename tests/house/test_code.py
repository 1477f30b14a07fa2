"""The house rules about how files look, read from their syntax trees."""

import ast
import re
from functools import cache

from authority_portal.config import CHECKOUT

PACKAGE = sorted((CHECKOUT / "authority_portal").rglob("*.py"))
EVERYTHING = PACKAGE + [
    file for folder in ("tests", "deploy", "demo", "migrations") for file in sorted((CHECKOUT / folder).rglob("*.py"))
]
WRITTEN = [file for file in EVERYTHING if file.name != "__init__.py"]
LONG = {"migrations/versions/0001_house.py"}
"""The first migration writes every table."""
THIS = CHECKOUT / "tests" / "house" / "test_code.py"
DRAWERS = {"utils", "util", "helpers", "helper", "common", "core", "misc"}
CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "datetime.datetime.now",
    "datetime.date.today",
}
ENVIRONMENT_READERS = {
    "authority_portal/config.py",
    "authority_portal/servers.py",  # hands a clean environment on to the servers it starts
    "authority_portal/services.py",
}
MODULES = [file for file in PACKAGE if file.name != "__init__.py"]
WEB = [file for file in MODULES if file.is_relative_to(CHECKOUT / "authority_portal" / "web")]


def name(file):
    return str(file.relative_to(CHECKOUT))


@cache
def tree(file):
    for _ in range(5):
        try:
            return ast.parse(file.read_text(), str(file))
        except SystemError:
            # Python 3.11 miscounts its depth when garbage is collected in the middle of this (python/cpython#106905).
            continue
    raise AssertionError(f"{file} could not be parsed")


def test_packages_open_with_nothing():
    wordy = [name(file) for file in PACKAGE if file.name == "__init__.py" and file.read_text()]

    assert wordy == []


def test_a_file_says_its_purpose_in_its_first_line():
    firsts = {name(file): (ast.get_docstring(tree(file)) or "").partition("\n")[0] for file in WRITTEN}

    assert [file for file, first in firsts.items() if not re.search(r"[.:?]$", first)] == [], "a sentence, please"


def test_a_file_stays_below_three_hundred_lines():
    lengths = {name(file): len(file.read_text().splitlines()) for file in WRITTEN}

    assert {file: lines for file, lines in lengths.items() if lines > 300 and file not in LONG} == {}


def test_no_file_is_a_drawer_for_whatever_is_left():
    assert [name(file) for file in WRITTEN if file.stem in DRAWERS or file.parent.name in DRAWERS] == []


def test_nothing_is_left_to_do_and_nothing_is_skipped():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|mark\.skip|pytest\.skip|mark\.xfail")
    assert [name(file) for file in WRITTEN if file != THIS and marks.search(file.read_text())] == []


def test_only_the_clock_asks_what_time_it_is():
    assert used(CLOCKS, but={"authority_portal/foundation/clock.py"}) == []


def test_only_the_configuration_reads_the_environment():
    assert used({"os.environ", "os.getenv", "os.putenv"}, but=ENVIRONMENT_READERS) == []


def test_numbers_from_outside_pass_a_strict_parser():
    lax = [
        f"{name(file)}:{node.value.lineno}"
        for file in WEB
        for node in ast.walk(tree(file))
        if isinstance(node, ast.keyword) and node.arg == "type" and _dotted(node.value) in ("int", "float")
    ]
    assert lax == []


def test_a_view_has_at_most_fifteen_lines():
    long = {
        f"{name(file)}:{node.name}": _length(node)
        for file in WEB
        for node in ast.walk(tree(file))
        if isinstance(node, ast.FunctionDef) and any(_is_route(one) for one in node.decorator_list) and _length(node) > 15
    }
    assert long == {}


def test_every_command_and_every_tool_of_the_foundation_says_what_it_does():
    silent = [
        f"{name(file)}:{node.name}"
        for file in MODULES
        if "/commands/" in name(file) or "/foundation/" in name(file)
        for node in tree(file).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def used(names, *, but):
    """Where modules of the package use one of these dotted names."""
    return [
        f"{name(file)}:{node.lineno}"
        for file in MODULES
        if name(file) not in but
        for node in ast.walk(tree(file))
        if _dotted(node) in names
    ]


def _length(function):
    """Lines of the body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def _is_route(decorator):
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in ("get", "post", "route", "put", "patch", "delete")
    )


def _dotted(node):
    """`datetime.now` for a name or a chain of attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""
