"""What all tests share: the folder ``tests/`` itself is importable.

So any test may write ``from fakes.recording import RecordingGateway``, though tests are no packages.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.append(HERE)

# Fixtures of databases; importing them here is what makes them known to every test.
from fakes.databases import postgres_server, postgres_url, sqlite_url  # noqa: E402, F401 - after the path is set
from fakes.remembered import remembered  # noqa: E402 - after the path is set

WAITING = ("gateways", "faults")
"""Folders of which the tests wait for other processes most of their time."""
SLOWEST_FIRST = ("journeys", "storage", "bot")
"""Folders in the order in which their files are handed to the workers; the others come last."""
BESIDE = 3
"""A file that waits is handed out with each so many that compute, so that seldom several wait, or compete, at once."""


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """What every test would make anew, and that takes longer than what most of them test."""
    with remembered():
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand out first what takes longest, so that the workers end together; files that wait go among the others."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)

    def folder(path: Path) -> str:
        return path.relative_to(HERE).parts[0] if path.is_relative_to(HERE) else ""

    waiting = [path for path in files if folder(path) in WAITING]
    others = sorted(
        (path for path in files if folder(path) not in WAITING),
        key=lambda path: (
            SLOWEST_FIRST.index(folder(path)) if folder(path) in SLOWEST_FIRST else len(SLOWEST_FIRST)
        ),
    )
    order: list[Path] = []
    for place, path in enumerate(others):
        if place % BESIDE == 0 and waiting:
            order.append(waiting.pop(0))
        order.append(path)
    items[:] = [item for path in (*order, *waiting) for item in files[path]]


def pytest_collection_finish() -> None:
    """Keep what collecting thousands of tests has made out of later garbage collections, and have fewer of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
