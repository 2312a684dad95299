"""One bot at a time guards with one database: whoever comes second is refused, however the first one ended.

Two that judge by one database would speak with two voices: each has its own working state, its own budgets and its
own line of what is to be said. The claim ends with its process or its connection, so a crash leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import Protocol

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage import engine as engines
from storage import urls
from storage.errors import Busy, Occupied, StorageError
from storage.failures import translate, translated

SUFFIX = "-guard"
"""What is added to the name of a SQLite file for the file beside it that is held."""

_REMEDY = (
    "stop the other one first, or give this one an account and a database of its own (QUNGUI_STORAGE_URL)"
)
# Any number will do, as long as every qungui process asks for the same one.
_LOCK = 7_105_117_111


class Alone(Protocol):
    """The claim of a bot to be the only one that guards with a database."""

    async def keep(self) -> None:
        """Make sure that the claim still stands, and claim anew what a server has let go.

        Raises:
            Occupied: another bot has claimed it meanwhile.
            StorageError: the server can't be asked.
        """
        ...

    async def release(self) -> None:
        """Let go of it."""
        ...


async def claim(url: str) -> Alone:
    """Claim the database at ``url``.

    Raises:
        Occupied: another bot guards with it.
        StorageError: the claim can't be laid.
    """
    parsed = urls.parse(url)
    if engines.is_sqlite(parsed):
        return _OnFile(parsed)
    server = _OnServer(parsed)
    try:
        await server.keep()
    except BaseException:
        await server.release()
        raise
    return server


class _OnFile:
    """A lock of SQLite's own on an empty file beside the database: the system lets go of it with the process."""

    def __init__(self, url: URL) -> None:
        path = engines.file_of(url).resolve()
        path = path.with_name(path.name + SUFFIX)
        with translated(url):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._held = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            self._held.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self._held.close()
            failure = translate(error, url)
            raise (_occupied(url) if isinstance(failure, Busy) else failure or error) from None

    async def keep(self) -> None:
        return

    async def release(self) -> None:
        self._held.close()


class _OnServer:
    """An advisory lock of PostgreSQL's on a connection that is kept for it."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._engine: AsyncEngine = engines.create(url)
        self._held: AsyncConnection | None = None

    async def keep(self) -> None:
        with translated(self._url):
            if self._held is not None:
                try:
                    await self._held.execute(text("SELECT 1"))
                except Exception:
                    await self._let_go()
                    raise
                return
            held = await self._engine.connect()
            try:
                held = await held.execution_options(isolation_level="AUTOCOMMIT")
                if not await held.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
                    raise _occupied(self._url)
            except BaseException:
                await held.invalidate()
                await held.close()
                raise
            self._held = held

    async def release(self) -> None:
        await self._let_go()
        await self._engine.dispose()

    async def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            with contextlib.suppress(Exception):  # the connection may be gone; the lock then is, too
                await held.invalidate()
                await held.close()


def _occupied(url: URL) -> StorageError:
    return Occupied(f"another qungui guards with {urls.shown(url)} already", _REMEDY)
