"""docs/security.md: every defence has its test, and what is said of dependencies holds."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

PAGE = "docs/security.md"
ROW = re.compile(r"^\| (?!threat |---)(.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
LOCKED = re.compile(r"[\w.-]+==[\w.!+-]+(?: ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?| *#.*|")


@cache
def defined_in(file: Path) -> frozenset[str]:
    """The tests that a file defines."""
    if not file.is_file():
        return frozenset()
    body = ast.parse(file.read_text(encoding="utf-8")).body
    functions = (node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    assigned = (node.targets[0] for node in body if isinstance(node, ast.Assign))
    machines = (target.id for target in assigned if isinstance(target, ast.Name))
    return frozenset(name for name in (*functions, *machines) if name.lower().startswith("test"))


def unproven(page: str, root: Path) -> list[str]:
    """Threats without a test, and tests that are not there."""
    wrong = []
    for threat, _, tests in ROW.findall(page):
        named = NAMED.findall(tests)
        if not named or NAMED.sub("", tests).strip():
            wrong.append(f"{threat}: names no test, or something else")
        wrong += [
            f"{threat}: {file}::{test}"
            for file, test in named
            if test not in defined_in(root / "tests" / file)
        ]
    return wrong


def test_every_threat_has_tests_that_exist(root: Path) -> None:
    page = (root / PAGE).read_text(encoding="utf-8")
    assert len(ROW.findall(page)) == page.count("\n| ") - page.count("\n| threat ")
    assert len(ROW.findall(page)) > 30
    assert not (wrong := unproven(page, root)), "\n".join(wrong)


@pytest.mark.parametrize(
    "tests",
    ["", "none", "`bot/test_gone.py::test_x`", "`bot/test_log.py::test_gone`", "`bot/test_log.py::start`"],
)
def test_a_threat_that_no_test_holds_is_caught(root: Path, tests: str) -> None:
    assert unproven(f"| a | b | {tests or ' '} |\n", root)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_hold_nothing_but_versions_and_hashes(root: Path, name: str) -> None:
    lines = (root / name).read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if not LOCKED.fullmatch(line)]


def test_nothing_is_installed_past_the_hashes(root: Path) -> None:
    setup = (root / "scripts/setup").read_text(encoding="utf-8")
    installs = re.findall(r"-m pip install\b(?:[^\n]*\\\n)*[^\n]*", setup)
    assert len(installs) == 2
    locked, own = installs
    assert "--require-hashes" in locked
    assert "--no-deps --no-build-isolation -e" in " ".join(own.split())
    for name, wanted in re.findall(
        r"(?m)^([\w.-]+)==([^ ]+)", (root / "requirements.lock").read_text("utf-8")
    ):
        try:
            assert version(name) == wanted, name
        except PackageNotFoundError:
            continue  # one for another system
