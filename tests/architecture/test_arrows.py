"""The arrows hold in the tree, and each contract of pyproject.toml can tell: a forbidden import is caught."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

SKELETON = {
    "bot": "cli compose clock errors log settings",
    "bot/commands": "table",
    "bot/jobs": "tick",
    "bot/reports": "text",
    "bot/pipeline": "handle",
    "bot/texts": "load",
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
    ("bot", "bot/clock.py", "import bot.settings"),
    ("bot", "bot/errors.py", "import bot.clock"),
    ("bot", "bot/nowhere.py", ""),
    ("rules", "rules/core/judge.py", "import rules.procedure.penalty"),
    ("wiring", "bot/pipeline/handle.py", "import bot.gateway.wire"),
    ("wiring", "bot/cli.py", "import bot.gateway.simulator"),
    ("database", "bot/pipeline/handle.py", "import sqlalchemy"),
    ("database", "rules/flooding.py", "import aiosqlite"),
]


@pytest.fixture
def skeleton(root: Path, tmp_path: Path) -> Path:
    """A tree of empty modules with the shape of the real one, under the real contracts."""
    for package, modules in SKELETON.items():
        (tmp_path / package).mkdir()
        for module in ("__init__", *modules.split()):
            (tmp_path / package / f"{module}.py").touch()
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def lint(top: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the packages of ``top``."""
    program = Path(sys.executable).with_name("lint-imports")
    line = [str(program), "--no-cache", *arguments]
    return subprocess.run(line, cwd=top, check=False, capture_output=True, text=True)  # noqa: S603 - our own words


def test_the_arrows_hold(root: Path) -> None:
    done = lint(root)
    assert done.returncode == 0, done.stdout


def test_a_lawful_skeleton_passes(skeleton: Path) -> None:
    done = lint(skeleton)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "name", "line"), FORBIDDEN)
def test_a_forbidden_import_is_caught(skeleton: Path, contract: str, name: str, line: str) -> None:
    (skeleton / name).write_text(line + "\n", encoding="utf-8")
    done = lint(skeleton, "--contract", contract)
    assert done.returncode == 1, done.stdout
    assert "BROKEN" in done.stdout or "Missing layers" in done.stdout or "not list" in done.stdout, (
        done.stdout
    )


def test_every_contract_has_a_counter_example(root: Path) -> None:
    declared = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert {contract["id"] for contract in declared["contracts"]} == {
        contract for contract, _, _ in FORBIDDEN
    }
