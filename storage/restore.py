"""Puts a backup back into a database, as a whole or not at all.

The file is read twice: first to its end, so that nothing is touched for the sake of a file that is damaged, then to
be put back. Everything happens in one transaction, which ends only once what the database hands out has the
checksums that the file has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

from alembic import command
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage import engine as engines
from storage import schema, shapes, urls
from storage.backup import OFTEN, Progress, Taken, silent
from storage.backup_form import Counters, End, Head, Shape, Tally, read, row_line
from storage.errors import Ahead, Busy, Conflict, Damaged, Occupied
from storage.failures import translated

T = TypeVar("T")

_BATCH = 500
_FORCE = "name an empty database in QUNGUI_STORAGE_URL, or give --force to replace what is there"
_STOP = "stop the bot and every other qungui first"


def contents(stream: BinaryIO, name: str) -> Taken:
    """What a backup holds, read to its end and found to be whole.

    Raises:
        NoBackup: it is something else.
        Damaged: it is cut off, or was changed.
        Ahead: it is of a newer schema than this program's.
    """
    head: Head | None = None
    rows: dict[str, int] = {}
    for part in read(stream, name):
        if isinstance(part, Head):
            head = part
            if part.schema not in schema.revisions():
                raise Ahead(
                    f"{name} was made by a newer qungui (schema {part.schema})",
                    "install the qungui that made it, or a newer one",
                )
        elif isinstance(part, End):
            rows[part.shape.name] = part.tally.rows
    if head is None:
        raise Damaged(f"{name} is damaged: it has no beginning")
    return Taken(head, rows)


async def require_free(url: str) -> None:
    """Make sure that nobody else has the database open.

    Raises:
        Occupied: somebody has.
    """
    parsed = urls.parse(url)
    if not engines.exists(parsed):
        return
    engine = engines.create(parsed)
    try:
        with translated(parsed):
            async with engine.connect() as connection:
                alone = await (_alone_on_file if engines.is_sqlite(parsed) else _alone_on_server)(connection)
    except Busy:
        alone = False
    finally:
        await engine.dispose()
    if not alone:
        raise Occupied(f"{urls.shown(parsed)} is in use by another process", _STOP)


async def _alone_on_file(connection: AsyncConnection) -> bool:
    """SQLite leaves the write-ahead log only for whoever has the file to themselves; opening it brings it back."""
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    async with driver.execute("PRAGMA journal_mode=DELETE") as cursor:
        (mode,) = await cursor.fetchone()
    return bool(mode == "delete")


async def _alone_on_server(connection: AsyncConnection) -> bool:
    others = await connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()"
        )
    )
    return not others


async def occupied_rows(url: str) -> int:
    """How many rows the database at ``url`` holds; 0 for one that is empty, or not there.

    Raises:
        Ahead, Foreign: it is newer than this program, or not ours.
    """
    parsed = urls.parse(url)
    if not engines.exists(parsed):
        return 0
    return await _with(engines.create(parsed), _held, urls.shown(parsed))


async def put_back(
    url: str, stream: BinaryIO, name: str, *, replace: bool, progress: Progress = silent
) -> Taken:
    """Put the backup in ``stream`` (from its beginning; ``name`` is what the file is called) into a database.

    An older schema is brought to this program's. With ``replace`` what is there goes; tables of others stay.

    Raises:
        NoBackup, Damaged: the file is not whole; nothing is changed.
        Conflict: the database holds something, and ``replace`` was not given.
        Ahead, Foreign: the file or the database is newer than this program, or the database is not ours.
        StorageError: it can't be reached or written; nothing is changed.
    """
    parsed = urls.parse(url)
    shown = urls.shown(parsed)
    taken = contents(stream, name)
    stream.seek(0)
    with translated(parsed):
        engines.make_private(parsed)

    def whole(connection: Connection) -> Taken:
        schema.take_turns(connection)
        if _held(connection, shown) and not replace:
            raise Conflict(f"{shown} is not empty", remedy=_FORCE)
        shapes.drop(connection)
        _load(connection, stream, name, taken, progress)
        return taken

    return await _with(engines.create(parsed), whole)


async def _with(engine: AsyncEngine, work: Callable[..., T], *arguments: Any) -> T:
    try:
        with translated(engine.url):
            async with engine.begin() as connection:
                return await connection.run_sync(work, *arguments)
    finally:
        await engine.dispose()


def _held(connection: Connection, name: str) -> int:
    standing = schema.standing(connection)
    schema.require_ours(standing, name)
    if standing.state == "empty":
        return 0
    return sum(shapes.count(connection, shape) for shape in shapes.shapes(connection))


def _load(connection: Connection, stream: BinaryIO, name: str, taken: Taken, progress: Progress) -> None:
    settings = schema.config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, taken.head.schema)
    there = {shape.name: shape for shape in shapes.shapes(connection)}
    ends: list[End] = []
    waiting: list[list[Any]] = []
    shape, done = shapes.WORDS, 0
    for part in read(stream, name):
        if isinstance(part, Shape):
            if part.name not in there or set(part.columns) != set(there[part.name].columns):
                raise Damaged(
                    f"{name} is damaged: schema {taken.head.schema} has no such table {part.name!r}"
                )
            shape = Shape(part.name, part.columns, there[part.name].key)
        elif isinstance(part, list):
            waiting.append(part)
            done += 1
            if len(waiting) >= _BATCH:
                shapes.put(connection, shape, waiting)
                waiting.clear()
            if done % OFTEN == 0:
                progress(done, taken.total)
        elif isinstance(part, End):
            shapes.put(connection, shape, waiting)
            waiting.clear()
            ends.append(End(shape, part.tally))
        elif isinstance(part, Counters):
            shapes.count_on(connection, [end.shape for end in ends], part.last)
    # Rolled back, so that no cursor is left on a table that the upgrade wants to change.
    with connection.begin_nested() as reading:
        for end in ends:
            _compare(connection, end)
        reading.rollback()
    if missing := there.keys() - {end.shape.name for end in ends}:
        raise Damaged(f"{name} is damaged: it lacks the tables {', '.join(sorted(missing))}")
    progress(done, taken.total)
    command.upgrade(settings, "head")


def _compare(connection: Connection, end: End) -> None:
    tally = Tally()
    for row in shapes.rows(connection, end.shape):
        tally = tally.with_row(row_line(end.shape, row))
    if tally != end.tally:
        raise Damaged(
            f"table {end.shape.name} came back differently: {tally.rows} rows of {end.tally.rows}",
            "nothing was changed; please report this",
        )
