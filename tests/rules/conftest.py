"""The built-in rulebook, loaded once for all tests of rules."""

from __future__ import annotations

import pytest

from rules.core.book import Rulebook
from rules.core.load import load_book


@pytest.fixture(scope="session")
def book() -> Rulebook:
    return load_book()
