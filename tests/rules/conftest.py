"""The built-in rulebook, loaded once for all tests of rules."""

from __future__ import annotations

import pytest
from fakes.shipped import shipped

from rules.core.book import Rulebook


@pytest.fixture(scope="session")
def book() -> Rulebook:
    return shipped()
