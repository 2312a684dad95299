"""The arrows hold in the tree, and each contract of pyproject.toml can tell: a forbidden import is caught."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path, PurePath
from typing import Any

import pytest

# What the planted imports and the contracts need of a tree; modules directly in bot/ come from the layers.
SKELETON = {
    "bot/commands": "table",
    "bot/jobs": "tick",
    "bot/reports": "text",
    "bot/pipeline": "handle",
    "bot/texts": "load",
    "bot/settings": "model source checks file keys words",
    "bot/gateway": "port wire simulator plugin",
    "storage": "records",
    "rules": "flooding",
    "rules/core": "judge",
    "rules/reading": "reader",
    "rules/procedure": "penalty",
}

FORBIDDEN = [
    ("packages", "storage/records.py", "import bot.errors"),
    ("packages", "rules/core/judge.py", "import storage.records"),
    ("bot", "bot/pipeline/handle.py", "import bot.commands.table"),
    ("bot", "bot/commands/table.py", "import bot.jobs.tick"),
    ("bot", "bot/gateway/port.py", "import bot.pipeline.handle"),
    ("bot", "bot/gateway/port.py", "import bot.compose"),
    ("bot", "bot/clock.py", "import bot.settings"),
    ("bot", "bot/errors.py", "import bot.clock"),
    ("bot", "bot/nowhere.py", ""),
    ("settings", "bot/settings/model.py", "import bot.settings.source"),
    ("rules", "rules/core/judge.py", "import rules.procedure.penalty"),
    ("database", "bot/pipeline/handle.py", "import sqlalchemy"),
    ("database", "rules/flooding.py", "import aiosqlite"),
]

# What a contract lets pass by name has to be there, or it complains of an exception that excuses nothing.
EXCUSED = [("bot/gateway/plugin.py", "import bot.compose, bot.running")]


def contracts(root: Path) -> dict[str, dict[str, Any]]:
    """The contracts of pyproject.toml, by id."""
    declared = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return {contract["id"]: contract for contract in declared["contracts"]}


def layers(root: Path) -> set[str]:
    """Every module that the contract of ``bot`` gives a place."""
    return {name for layer in contracts(root)["bot"]["layers"] for name in re.findall(r"\w+", layer)}


@pytest.fixture
def skeleton(root: Path, tmp_path: Path) -> Path:
    """A tree of empty modules with the shape of the real one, under the real contracts."""
    modules = {"bot": " ".join(layers(root) - {PurePath(package).name for package in SKELETON}), **SKELETON}
    for package, names in modules.items():
        (tmp_path / package).mkdir()
        for module in ("__init__", *names.split()):
            (tmp_path / package / f"{module}.py").touch()
    for importer, line in EXCUSED:
        (tmp_path / importer).write_text(line + "\n", encoding="utf-8")
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def lint(top: Path, *arguments: str) -> tuple[int, str]:
    """Run import-linter over the packages of ``top``: its status, and what it said below its banner."""
    program = Path(sys.executable).with_name("lint-imports")
    line = [str(program), "--no-cache", *arguments]
    done = subprocess.run(line, cwd=top, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    return done.returncode, re.sub(r"[^\n]*[═║╔╚╝╗◀▶][^\n]*\n", "", done.stdout + done.stderr)


def test_the_arrows_hold(root: Path) -> None:
    status, said = lint(root)
    assert status == 0, said


def test_a_lawful_skeleton_passes(skeleton: Path) -> None:
    status, said = lint(skeleton)
    assert status == 0, said


@pytest.mark.parametrize(("contract", "name", "line"), FORBIDDEN)
def test_a_forbidden_import_is_caught(skeleton: Path, contract: str, name: str, line: str) -> None:
    (skeleton / name).write_text(line + "\n", encoding="utf-8")
    status, said = lint(skeleton, "--contract", contract)
    assert status == 1, said
    assert "BROKEN" in said or "not been listed" in said, said


def test_every_contract_has_a_counter_example(root: Path) -> None:
    assert contracts(root).keys() == {contract for contract, _, _ in FORBIDDEN}
