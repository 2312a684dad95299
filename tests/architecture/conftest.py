"""The tree as the architecture tests read it: every file that is, or is about to be, in version control."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Tree = dict[str, Path]


def _git(root: Path, *arguments: str) -> str:
    line = ["git", "-C", str(root), *arguments]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own words


def files_of(root: Path) -> Tree:
    """Every file git would keep below ``root``, by its path from there, with ``/`` between folders."""
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return {name: root / name for name in listed.split("\0") if name and (root / name).is_file()}


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def tree() -> Tree:
    """The project's own files."""
    return files_of(ROOT)


@pytest.fixture
def plant(tmp_path: Path) -> Callable[[dict[str, str]], Tree]:
    """Makes a little checkout of the given files, for a check to find fault with."""

    def make(files: dict[str, str]) -> Tree:
        _git(tmp_path, "init", "--quiet")
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return files_of(tmp_path)

    return make
