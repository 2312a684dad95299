"""A script named bot.py hides our package from what lies beside it; ``python -P`` is the cure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run(root: Path, folder: Path, *switches: str) -> subprocess.CompletedProcess[str]:
    """Start ``bot.py`` of a folder the way its owner would."""
    line = [sys.executable, *switches, "bot.py"]
    known = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run(line, cwd=folder, env=known, capture_output=True, text=True)  # noqa: S603 - our own words


def test_a_script_named_bot_py_shadows_the_package_and_p_cures_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "bot.py").write_text("from bot.errors import QunguiError\nprint(QunguiError.exit_code)\n")
    shadowed = run(root, tmp_path)
    assert shadowed.returncode == 1
    assert (
        "'bot' is not a package" in shadowed.stderr or "partially initialized module 'bot'" in shadowed.stderr
    )
    cured = run(root, tmp_path, "-P")
    assert (cured.returncode, cured.stdout.strip()) == (0, "1"), cured.stderr


def test_owners_of_bots_are_told_the_cure(root: Path) -> None:
    page = (root / "docs/plugin.md").read_text(encoding="utf-8")
    assert "python -P bot.py" in page
    assert "from bot.gateway.plugin import QunguiPlugin" in page
