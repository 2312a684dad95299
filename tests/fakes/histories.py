"""A database of any revision with rows in every table: ``from fakes.histories import REVISIONS, make``.

The rows are those that the present program writes, as far as the revision has their tables and columns. What it has
beside them is made up by the kinds of its columns, so that a new revision is filled without a word here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from alembic import command
from fakes.kept import kept_case
from fakes.known import well_known
from sqlalchemy import Connection, inspect

from storage import engine as engines
from storage import schema, shapes, urls
from storage.backup_form import Shape
from storage.records import CaseState, Mode, Role, Word
from storage.session import Storage, UnitOfWork

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


REVISIONS = schema.revisions()
"""Every committed revision, oldest first."""

USED_UP = {"inbox": 7}
"""Numbers that were given to rows that are gone."""

HOUR = timedelta(hours=1)


async def fill(unit: UnitOfWork, now: datetime) -> None:
    """Something for every table, as it comes about; all of it holds."""
    known = await well_known(unit, now)
    moved = await kept_case(unit, now, "m7", person_key=known.key)
    for points, kind in ((-3, "penalty"), (-2, "difference")):
        await unit.ledger.append(
            room_key=moved.room_key,
            case=moved.number,
            person_key=known.key,
            rule=moved.rule,
            points=points,
            author_key="system",
            kind=kind,
            at=now,
            reason=moved.reason,
            evidence=moved.evidence,
        )
    for entry in await unit.ledger.entries(moved.number):
        await unit.ledger.reverse(entry.room_key, entry.seq, "p9", now, "误判")
    await unit.cases.move(moved.number, [CaseState.PROVISIONAL], CaseState.DISMISSED, "p9", now, "误判")
    await unit.blind.begin(now - 3 * HOUR, "the gateway was lost")
    await unit.blind.end(now - 2 * HOUR)
    await unit.jobs.claim("retention", now - HOUR, now)
    await unit.jobs.finish("retention", now - HOUR, now, "evidence 0")
    await unit.switches.set("flooding", 1, Mode.SHADOW, "p9", now)
    await unit.words.add(Word("青鸾项目", "company", allow=False, reason="未公开", by="p9", at=now))
    await unit.silences.mute(1, now + HOUR, "p9", now)
    await unit.claims.issue(Role.MEMBER, "p9", now + HOUR, "", "0" * 64)
    await unit.meta.set("alive_at", now.isoformat())


async def present(url: str, now: datetime) -> Rows:
    """The rows of a database that is set up here and filled, by table."""
    storage = await Storage.open(url)
    async with storage.unit() as unit:
        await fill(unit, now)
    await storage.close()
    return await contents(url)


async def contents(url: str) -> Rows:
    """Every row of a database, by table."""
    engine = engines.create(urls.parse(url))
    async with engine.connect() as connection:
        found = await connection.run_sync(_contents)
    await engine.dispose()
    return found


def _contents(connection: Connection) -> Rows:
    return {
        shape.name: [
            dict(zip([name for name, _ in shape.columns], row, strict=True))
            for row in shapes.rows(connection, shape)
        ]
        for shape in shapes.shapes(connection)
    }


async def make(url: str, revision: str, rows: Rows) -> Rows:
    """Set a database up as ``revision`` has it, with ``rows`` as far as they fit; returns what is in it."""
    engine = engines.create(urls.parse(url))
    async with engine.begin() as connection:
        await connection.run_sync(_make, revision, rows)
    await engine.dispose()
    return await contents(url)


def _make(connection: Connection, revision: str, rows: Rows) -> None:
    settings = schema.config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
    there = shapes.shapes(connection)
    for shape in there:
        given = rows.get(shape.name) or [{}]
        targets = _targets(connection, shape)
        made_up = {
            name: connection.exec_driver_sql(f'SELECT "{targets[name][1]}" FROM {targets[name][0]}').scalar()  # noqa: S608 - names of our own
            if name in targets
            else _MADE_UP[kind]
            for name, kind in shape.columns
        }
        names = [name for name, _ in shape.columns]
        shapes.put(connection, shape, [[row.get(name, made_up[name]) for name in names] for row in given])
    shapes.count_on(connection, there, USED_UP)


def _targets(connection: Connection, shape: Shape) -> dict[str, tuple[str, str]]:
    keys = [] if shape == shapes.WORDS else inspect(connection).get_foreign_keys(shape.name)
    return {
        here: (key["referred_table"], other)
        for key in keys
        for here, other in zip(key["constrained_columns"], key["referred_columns"], strict=True)
    }


_AT = datetime.fromisoformat("2026-07-01T01:00:00.000001+00:00")
_MADE_UP: dict[str, Any] = {
    "text": "x",
    "integer": 1,
    "number": 0.5,
    "boolean": False,
    "time": _AT,
    "day": date(2026, 7, 1),
    "bytes": b"\x00\xff",
}
