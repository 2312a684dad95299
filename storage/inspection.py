"""What can be seen of a database from outside, without changing anything: is it there, whose is it, who may read it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, text

from storage import engine as engines
from storage import schema, urls
from storage.errors import StorageError
from storage.failures import translated


@dataclass(frozen=True, slots=True)
class Ground:
    """A database as it was found.

    Attributes:
        name: its URL without user, password and options.
        standing: where its schema stands; ``None`` for a file that is not there.
        file: of SQLite; ``None`` for a server.
        mode: permission bits of that file; ``None`` where there is none.
        writable: whether this process may write to it.
    """

    name: str
    standing: schema.Standing | None
    file: Path | None
    mode: int | None
    writable: bool


async def inspect(url: str) -> Ground:
    """Look at the database at ``url``; nothing is created, tightened or migrated.

    Raises:
        StorageError: it can't be reached or read.
    """
    parsed = urls.parse(url)
    name = urls.shown(parsed)
    if not engines.is_sqlite(parsed):
        return Ground(name, await schema.current(url), None, None, await _server_writable(parsed))
    file = engines.file_of(parsed)
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if not file.exists():
        return Ground(name, None, file, None, os.access(folder, os.W_OK | os.X_OK))
    if not os.access(file, os.R_OK):
        raise StorageError(f"{name} can't be read by this user", "run qungui as the user whose file it is")
    mode = stat.S_IMODE(file.stat().st_mode)
    writable = os.access(file, os.W_OK) and os.access(folder, os.W_OK | os.X_OK)
    return Ground(name, await schema.current(url), file, mode, writable)


async def _server_writable(url: URL) -> bool:
    engine = engines.create(url)
    try:
        with translated(url):
            async with engine.connect() as connection:
                said = await connection.scalar(text("SELECT current_setting('transaction_read_only')"))
    finally:
        await engine.dispose()
    return str(said) == "off"
