"""Takes a backup of a database while others write to it, from one snapshot (docs/decisions/0024)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy.engine import Connection

from storage import engine as engines
from storage import schema, shapes, urls
from storage.backup_form import Counters, Head, Tally, Writer, row_line
from storage.errors import StorageError
from storage.failures import translated

Progress = Callable[[int, int], None]
"""Told how many rows of how many are done, now and then."""

OFTEN = 500


def silent(done: int, of: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a backup holds: its head, and how many rows of each table."""

    head: Head
    rows: dict[str, int]

    @property
    def total(self) -> int:
        """The rows of every table."""
        return sum(self.rows.values())


async def dump(url: str, stream: BinaryIO, now: datetime, progress: Progress = silent) -> Taken:
    """Write everything in the database at ``url`` into ``stream``; an older schema than ours is backed up, too.

    Raises:
        Ahead, Foreign: it is newer than this program, or not ours.
        StorageError: there is nothing, or it can't be read.
    """
    parsed = urls.parse(url)
    name = urls.shown(parsed)
    if not engines.exists(parsed):
        raise StorageError(f"{name} does not exist", "name the database in QUNGUI_STORAGE_URL")
    engine = engines.create(parsed)
    try:
        with translated(parsed):
            async with engine.connect() as connection:
                connection = await engines.reading(connection)
                return await connection.run_sync(_dump, name, stream, now, progress)
    finally:
        await engine.dispose()


def _dump(connection: Connection, name: str, stream: BinaryIO, now: datetime, progress: Progress) -> Taken:
    standing = schema.standing(connection)
    schema.require_ours(standing, name)
    if standing.state == "empty":
        raise StorageError(f"{name} is empty: there is nothing to back up", "check QUNGUI_STORAGE_URL")
    known = shapes.shapes(connection)
    total = sum(shapes.count(connection, shape) for shape in known)
    head = Head(standing.revision, now, connection.dialect.name)
    writer = Writer(stream, head)
    counted: dict[str, int] = {}
    done = 0
    for shape in known:
        writer.table(shape)
        tally = Tally()
        for row in shapes.rows(connection, shape):
            line = row_line(shape, row)
            writer.row(line)
            tally = tally.with_row(line)
            done += 1
            if done % OFTEN == 0:
                progress(done, total)
        writer.end(tally)
        counted[shape.name] = tally.rows
    writer.close(Counters(shapes.counters(connection, known)))
    progress(done, total)
    return Taken(head, counted)
