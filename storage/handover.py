"""Rows that change hands when two records become one person's; each is named, so that it can go back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import (
    addressees,
    announcements,
    appeals,
    archive,
    demands,
    enquiries,
    exemptions,
    nicknames,
    requests,
    shifts,
    violations,
    welcomes,
)

_AT_ONCE = 500
MISSING, EXCUSED = "missing", "excused"


@dataclass(frozen=True, slots=True)
class _Thing:
    """A column that says whose a row is.

    Attributes:
        ref: what tells the row from the person's others.
        alike: a row that agrees in these with one that the other record has is not doubled: it stays.
    """

    whose: Column[str]
    ref: Column[str] | Column[int]
    alike: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the moves call it."""
        own = self.whose.name
        return self.whose.table.name if own == "person_key" else f"{self.whose.table.name}.{own}"


_THINGS = {
    thing.name: thing
    for thing in (
        _Thing(violations.c.person_key, violations.c.number),
        _Thing(appeals.c.person_key, appeals.c.number),
        _Thing(demands.c.person_key, demands.c.id),
        _Thing(requests.c.person_key, requests.c.number),
        _Thing(requests.c.asked_by, requests.c.number),
        _Thing(requests.c.sponsor, requests.c.number),
        _Thing(announcements.c.author, announcements.c.number),
        _Thing(enquiries.c.asker, enquiries.c.number),
        _Thing(addressees.c.person_key, addressees.c.number, ("number",)),
        _Thing(archive.c.sender_key, archive.c.id),
        _Thing(archive.c.archived_by, archive.c.id),
        _Thing(exemptions.c.person_key, exemptions.c.id),
        _Thing(shifts.c.person_key, shifts.c.id, ("kind", "starts_at", "ends_at")),
        _Thing(nicknames.c.person_key, nicknames.c.id, ("alias_key",)),
        _Thing(welcomes.c.person_key, welcomes.c.room_key, ("room_key",)),
    )
}


async def everything(connection: AsyncConnection, from_key: str, to_key: str) -> list[tuple[str, str]]:
    """Hand over whatever a record has; returns what, by kind and the key of the row."""
    await _answer_once(connection, from_key, to_key)
    moved = []
    for name, thing in _THINGS.items():
        moved += [(name, ref) for ref in await _hand_over(connection, thing, from_key, to_key)]
    return moved


async def these(
    connection: AsyncConnection, moved: Mapping[str, Sequence[str]], from_key: str, to_key: str
) -> None:
    """Hand over certain rows, as far as ``from_key`` still has them."""
    for name, refs in moved.items():
        thing = _THINGS[name]
        for start in range(0, len(refs), _AT_ONCE):
            await _hand_over(connection, thing, from_key, to_key, refs[start : start + _AT_ONCE])


async def cases_since(
    connection: AsyncConnection, contact_id: str, from_key: str, to_key: str, since: datetime
) -> None:
    """Hand over the cases of a contact id that were opened from ``since`` on, with what is asked about them."""
    found = await connection.scalars(
        select(violations.c.number).where(
            violations.c.sender_id == contact_id,
            violations.c.person_key == from_key,
            violations.c.created_at >= since,
        )
    )
    cases = list(found)
    asked = await connection.scalars(select(demands.c.id).where(demands.c.number.in_(cases)))
    of_them = {"violations": cases, "appeals": cases, "demands": list(map(str, asked))}
    await these(connection, of_them, from_key, to_key)


async def _hand_over(
    connection: AsyncConnection, thing: _Thing, from_key: str, to_key: str, only: Iterable[str] | None = None
) -> list[str]:
    table = thing.whose.table
    conditions = [thing.whose == from_key]
    if thing.alike:
        has = table.alias()
        same = [has.c[column] == table.c[column] for column in thing.alike]
        conditions.append(~exists().where(has.c[thing.whose.name] == to_key, *same))
    if only is not None:
        conditions.append(thing.ref.in_([_typed(thing, ref) for ref in only]))
    moved = await connection.execute(
        update(table).where(*conditions).values({thing.whose.name: to_key}).returning(thing.ref)
    )
    return [str(ref) for ref in moved.scalars()]


def _typed(thing: _Thing, ref: str) -> str | int:
    return int(ref) if thing.ref.name in {"id", "room_key"} else ref


async def _answer_once(connection: AsyncConnection, from_key: str, to_key: str) -> None:
    """Who was asked twice has answered if either record did; the question to the record that goes is excused."""
    theirs, kept = addressees.alias(), addressees.alias()
    both = await connection.execute(
        select(theirs)
        .join(kept, (kept.c.number == theirs.c.number) & (kept.c.person_key == to_key))
        .where(theirs.c.person_key == from_key)
    )
    for row in both.all():
        answer = {name: row._mapping[name] for name in ("state", "expected", "message_id", "answered_at")}
        of_number = addressees.c.number == row.number
        if row.state != MISSING:
            await connection.execute(
                update(addressees)
                .where(of_number, addressees.c.person_key == to_key, addressees.c.state == MISSING)
                .values(**answer)
            )
        await connection.execute(
            update(addressees)
            .where(of_number, addressees.c.person_key == from_key, addressees.c.state == MISSING)
            .values(state=EXCUSED)
        )
