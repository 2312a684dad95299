"""What all tests share: the folder ``tests/`` itself is importable.

So any test may write ``from fakes.recording import RecordingGateway``, though tests are no packages.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.append(HERE)

# Fixtures of databases; importing them here is what makes them known to every test.
from fakes.databases import postgres_server, postgres_url, sqlite_url  # noqa: E402, F401 - after the path is set
from fakes.remembered import remembered  # noqa: E402 - after the path is set

WAITING = ("gateways", "faults", "scripts/test_soak.py")
"""Of these the tests wait for other processes most of their time."""
SLOWEST_FIRST = ("journeys", "storage", "bot")
"""Folders in the order in which their files are handed to the workers; the others come last."""
MANY = 2
"""So many workers all compute; one more is for what waits."""
BEHIND = 5
"""By so much workers that compute give way to what is waited for: it is asked to be quick, and they are not."""


@pytest.fixture(scope="session", autouse=True)
def made_once() -> Iterator[None]:
    """What every test would make anew, and that takes longer than what most of them test."""
    with remembered():
        yield


def waits(path: str) -> bool:
    """Whether the tests of a file, named from the root of the project, wait most of their time."""
    return path.startswith(tuple(f"tests/{one}" for one in WAITING))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand out first what takes longest, so that the workers end together."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)

    def place(path: Path) -> int:
        folder = path.relative_to(HERE).parts[0] if path.is_relative_to(HERE) else ""
        return SLOWEST_FIRST.index(folder) if folder in SLOWEST_FIRST else len(SLOWEST_FIRST)

    items[:] = [item for path in sorted(files, key=place) for item in files[path]]


def computes(worker: Mapping[str, Any]) -> bool:
    """Whether a worker, by what it was told of itself, is for files that compute."""
    return worker["workerid"] != f"gw{worker['workercount'] - 1}"


class Lanes(LoadFileScheduling):
    """One worker takes the files that wait, the others those that compute; who is done helps with what is left.

    So the cores have work while something is waited for, and seldom do two tests at once wait for a core.
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        waiting = not computes(node.workerinput)
        wanted = next((path for path in self.workqueue if waits(path) is waiting), None)
        if wanted is not None:
            self.workqueue.move_to_end(wanted, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Lanes, where whole files are handed out to more than two workers."""
    workers = config.getoption("numprocesses", 0) or 0
    return Lanes(config, log) if config.getoption("dist") == "loadfile" and workers > MANY else None


def pytest_configure(config: pytest.Config) -> None:
    """Give way, as a worker that computes."""
    worker = getattr(config, "workerinput", None)
    if worker is not None and worker["workercount"] > MANY and computes(worker):
        os.nice(BEHIND)


def pytest_collection_finish() -> None:
    """Keep what collecting thousands of tests has made out of later garbage collections, and have fewer of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
