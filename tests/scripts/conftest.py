"""The project's scripts, importable as they are when one of them is started; and the built-in rulebook."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rules.core.book import Rulebook
from rules.core.load import load_book

SCRIPTS = str(Path(__file__).resolve().parents[2] / "scripts")
if SCRIPTS not in sys.path:
    sys.path.append(SCRIPTS)


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """The built-in rulebook."""
    return load_book()
