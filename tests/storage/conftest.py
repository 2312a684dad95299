"""A fresh database for each test: a real SQLite file, and a database on a real PostgreSQL server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fakes.databases import administer, set_up

from storage import schema
from storage.session import Storage
from storage.tables import metadata

NOW = datetime(2026, 11, 2, 1, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """A new, empty database on each kind of server."""
    name: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return name


@pytest.fixture(scope="session")
def postgres_ready(postgres_server: str) -> str:
    """A database on the server that is set up once and emptied before each test that uses it."""
    asyncio.run(administer(postgres_server, "CREATE DATABASE ready"))
    url = postgres_server.replace("/postgres?", "/ready?")
    asyncio.run(schema.upgrade(url))
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database on each kind of server that is set up and empty; quicker than a new one."""
    if request.param == "sqlite":
        return asyncio.run(set_up(tmp_path / "ready.db"))
    url: str = request.getfixturevalue("postgres_ready")
    tables = ", ".join(table.name for table in metadata.sorted_tables)
    asyncio.run(administer(url, f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    return url


@pytest.fixture
async def storage(ready_url: str) -> AsyncIterator[Storage]:
    """An open, empty storage on each kind of server."""
    opened = await Storage.open(ready_url)
    yield opened
    await opened.close()
