"""What all tests share: the folder ``tests/`` itself is importable.

So any test may write ``from fakes.recording import RecordingGateway``, though tests are no packages.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.append(HERE)

# Fixtures of databases; importing them here is what makes them known to every test.
from fakes.databases import postgres_server, postgres_url, sqlite_url  # noqa: E402, F401 - after the path is set


def pytest_collection_finish() -> None:
    """Keep what collecting thousands of tests has made out of every later garbage collection."""
    gc.collect()
    gc.freeze()
