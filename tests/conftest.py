"""What all tests share: the folder ``tests/`` itself is importable.

So any test may write ``from fakes.recording import RecordingGateway``, though tests are no packages.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.append(HERE)

# Fixtures of databases; importing them here is what makes them known to every test.
from fakes.databases import postgres_server, postgres_url, sqlite_url  # noqa: E402, F401 - after the path is set

SLOWEST_FIRST = ("gateways", "faults", "journeys", "storage")
"""Folders in the order in which their files are handed to the workers; the others come last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the files that take longest, so that the workers end together."""

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
        return SLOWEST_FIRST.index(folder) if folder in SLOWEST_FIRST else len(SLOWEST_FIRST)

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Keep what collecting thousands of tests has made out of every later garbage collection."""
    gc.collect()
    gc.freeze()
