"""The engine for a URL, with what each database needs to be safe and quick."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

BUSY_TIMEOUT_MS = 2_000
READ_ONLY = "qungui_read_only"


def is_sqlite(url: URL) -> bool:
    """Whether the URL names a SQLite file."""
    return url.get_backend_name() == "sqlite"


def file_of(url: URL) -> Path:
    """The file of a SQLite URL."""
    return Path(url.database or "")


def exists(url: URL) -> bool:
    """Whether there is anything to open; a server is taken to exist."""
    return not is_sqlite(url) or file_of(url).exists()


def make_private(url: URL) -> None:
    """Create a SQLite file (and its folders) so that only its owner can read it, or tighten it if it is ours.

    SQLite gives its -wal and -shm files the mode of the database file.
    """
    if not is_sqlite(url):
        return
    path = file_of(url)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    status = path.stat()
    if stat.S_IMODE(status.st_mode) & 0o077 and status.st_uid == os.geteuid():
        path.chmod(0o600)


def create(url: URL) -> AsyncEngine:
    """An engine for a parsed URL; it connects at first use. Errors never show statement parameters."""
    if not is_sqlite(url):
        return create_async_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={
                "timeout": 10,
                "server_settings": {
                    "application_name": "qungui",
                    "timezone": "UTC",
                    "lock_timeout": str(BUSY_TIMEOUT_MS),
                },
            },
        )
    engine = create_async_engine(url, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


async def reading(connection: AsyncConnection) -> AsyncConnection:
    """The connection as one that only reads, from one snapshot, whatever others write meanwhile."""
    if connection.dialect.name == "sqlite":
        return await connection.execution_options(**{READ_ONLY: True})
    return await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own idea of transactions (a BEGIN before the first write) would let two readers
    # deadlock on becoming writers; _begin_sqlite says BEGIN instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=FULL")
        # What was erased is not to be found in the file either; not every SQLite is built to do this by itself.
        cursor.execute("PRAGMA secure_delete=ON")
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # Said each time: a connection whose last user was cancelled may come back either way.
    read_only = bool(connection.get_execution_options().get(READ_ONLY))
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
