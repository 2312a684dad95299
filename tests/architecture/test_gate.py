"""The gate itself: what was skipped is told, what hangs is ended with all it started, help teaches."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

SKIPPING = """
import pytest
def test_done(): pass
@pytest.mark.skip(reason="no gateway here")
def test_left_out(): pass
"""
FORKING = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(60)
"""


@pytest.fixture
def gate(root: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/check.py."""
    spec = importlib.util.spec_from_file_location("check", root / "scripts/check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "check", module)
    spec.loader.exec_module(module)
    return module


def test_what_was_skipped_is_told_with_its_reason(gate: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(SKIPPING, encoding="utf-8")
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=report.xml"]
    subprocess.run(line, cwd=tmp_path, check=True, capture_output=True)  # noqa: S603 - our own words
    assert gate.left_out(tmp_path / "report.xml") == ["  test_some::test_left_out: no gateway here"]


def test_what_hangs_is_ended_with_all_it_started(gate: ModuleType, tmp_path: Path) -> None:
    told = tmp_path / "child"
    assert gate.within(5, (sys.executable, "-c", FORKING, str(told))) is None
    child = int(told.read_text(encoding="utf-8"))
    deadline = time.monotonic() + 5
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)


def alive(process: int) -> bool:
    """Whether a process runs; one that is dead but not yet collected by its parent does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and ") Z " in state.read_text(encoding="utf-8"))


def test_a_command_in_time_gives_its_status(gate: ModuleType) -> None:
    assert gate.within(30, (sys.executable, "-c", "raise SystemExit(3)")) == 3


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (["--help"], 0),
        (["--only", "dance"], 2),
        (["--skip", "tests", "--", "-x"], 2),
        (["--only", "lint", "--skip", "lint"], 2),
    ],
)
def test_a_line_that_asks_for_nothing_to_be_run_ends_there(
    gate: ModuleType, line: list[str], status: int
) -> None:
    with pytest.raises(SystemExit) as left:
        gate.parse(line)
    assert left.value.code == status


def test_ci_lets_nothing_be_skipped(gate: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert gate.parse([])[1].no_skips
    monkeypatch.delenv("CI")
    steps, options, fix = gate.parse(["--only", "tests", "--", "-k", "flooding"])
    assert ([step.name for step in steps], options.pytest, fix) == (["tests"], ("-k", "flooding"), False)
    assert not options.no_skips
