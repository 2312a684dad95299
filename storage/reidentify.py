"""Who is behind a contact id: recognition after a new login has changed every id, and how ids are bound."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import belongings
from storage.names import folded, joined
from storage.records import SYSTEM, Binding
from storage.results import Contested
from storage.tables import audit, bindings, members, people

CARRIED = "cases went with an id"
"""In the audit: which cases stood with somebody whom an id was only guessed to be."""


@dataclass(frozen=True, slots=True)
class Known:
    """One contact id that is or was in a room, and who it is bound to."""

    contact_id: str
    person_key: str
    level: Binding
    label: str
    in_room: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new login means for a room: ids to bind as ``probable``, ids to unbind, and the doubts."""

    matches: Mapping[str, str]
    undone: tuple[str, ...]
    contested: tuple[Contested, ...]


def plan(known: Sequence[Known], current: Sequence[tuple[str, str, str | None]]) -> Plan:
    """Decide who is who. ``known`` is what storage remembers, ``current`` is id, name, nickname now.

    Where the nickname could not be read (``None``), a known id goes by what it was known under.
    """
    by_id = {entry.contact_id: entry for entry in known}
    labels = {
        contact_id: (alias is None and contact_id in by_id and by_id[contact_id].label)
        or folded(alias or "")
        or folded(name)
        for contact_id, name, alias in current
    }
    holders: dict[str, list[str]] = defaultdict(
        list
    )  # person -> the ids among `current` that are bound to them
    newcomers: dict[str, list[str]] = defaultdict(list)  # label -> unknown ids
    for contact_id, label in labels.items():
        if contact_id in by_id:
            holders[by_id[contact_id].person_key].append(contact_id)
        elif label:
            newcomers[label].append(contact_id)
    owners: dict[str, set[str]] = defaultdict(set)  # label -> people who were in this room under it
    for entry in known:
        if entry.in_room and entry.label:
            owners[entry.label].add(entry.person_key)

    matches: dict[str, str] = {}
    undone: list[str] = []
    contested: list[Contested] = []
    for label, ids in newcomers.items():
        absent = {person for person in owners[label] if not holders[person]}
        guessed = [
            contact_id
            for person in owners[label]
            for contact_id in holders[person]
            if by_id[contact_id].level is Binding.PROBABLE and labels[contact_id] == label
        ]
        if len(absent) == 1 and len(ids) == 1 and not guessed:
            matches[ids[0]] = next(iter(absent))
        elif absent or guessed:
            undone += guessed
            contested.append(Contested(label, tuple(ids + guessed), tuple(sorted(owners[label]))))
    for person, ids in holders.items():
        guessed = [one for one in ids if by_id[one].level is Binding.PROBABLE and one not in undone]
        if len(ids) > 1 and guessed:
            undone += guessed
            contested.append(Contested(labels[guessed[0]], tuple(ids), (person,)))
    return Plan(matches, tuple(undone), tuple(contested))


async def known(connection: AsyncConnection, room_key: int) -> list[Known]:
    """Every bound contact id, with the label under which it was last seen in this room."""
    found = await connection.execute(
        select(
            bindings.c.contact_id,
            bindings.c.person_key,
            bindings.c.level,
            members.c.alias_key,
            members.c.name_key,
            members.c.room_key,
            members.c.left_at,
        )
        .outerjoin(
            members, and_(members.c.contact_id == bindings.c.contact_id, members.c.room_key == room_key)
        )
        .where(bindings.c.until.is_(None))
    )
    return [
        Known(
            contact_id=row.contact_id,
            person_key=row.person_key,
            level=Binding(row.level),
            label=row.alias_key or row.name_key or "",
            in_room=row.room_key is not None and row.left_at is None,
        )
        for row in found
    ]


async def carry_out(
    connection: AsyncConnection,
    room_key: int,
    decided: Plan,
    current: Sequence[tuple[str, str, str | None]],
    now: datetime,
) -> None:
    """Bind and unbind as planned. Who is unbound gets a record of their own, so that no points go astray."""
    names = {contact_id: (name, alias) for contact_id, name, alias in current}
    for contact_id, person_key in decided.matches.items():
        # The id they had before is no member any more.
        await connection.execute(
            update(members)
            .where(
                members.c.room_key == room_key,
                members.c.left_at.is_(None),
                members.c.contact_id.in_(
                    select(bindings.c.contact_id).where(bindings.c.person_key == person_key)
                ),
            )
            .values(left_at=now)
        )
        name, alias = names[contact_id]
        await guess(connection, contact_id, person_key, "match", name, alias or "", now)
    for contact_id in decided.undone:
        await detach(connection, contact_id, Binding.NONE, "contested", now)


async def detach(
    connection: AsyncConnection, contact_id: str, level: Binding, by: str, now: datetime
) -> None:
    """Bind a contact id to a new record of its own.

    What it did while it was only guessed to be somebody goes with it: a likeness must leave nobody with another's
    case. What it did as somebody it was known to be for certain stays theirs.
    """
    name = await connection.scalar(
        select(members.c.name)
        .where(members.c.contact_id == contact_id)
        .order_by(members.c.last_seen.desc())
        .limit(1)
    )
    own = await create(connection, name or "", now)
    guessed = await connection.scalar(
        select(bindings.c.id).where(
            bindings.c.contact_id == contact_id,
            bindings.c.until.is_(None),
            bindings.c.level == Binding.PROBABLE,
        )
    )
    if guessed is not None:
        cases = await belongings.carry_cases(connection, contact_id, own)
        if cases:
            detail = " ".join(cases)
            await connection.execute(
                audit.insert().values(at=now, actor=SYSTEM, action=CARRIED, target=own, detail=detail)
            )
    await bind(connection, contact_id, own, level, by, now)


async def guess(
    connection: AsyncConnection,
    contact_id: str,
    person_key: str,
    by: str,
    name: str,
    alias: str,
    now: datetime,
) -> None:
    """Bind a contact id as ``probable``; the guess lasts as long as the nickname, or name, that it was made by."""
    nickname = joined(alias)
    await bind(
        connection,
        contact_id,
        person_key,
        Binding.PROBABLE,
        by,
        now,
        guessed_nickname=nickname,
        guessed_name="" if nickname else joined(name),
    )


async def bind(
    connection: AsyncConnection,
    contact_id: str,
    person_key: str,
    level: Binding,
    by: str,
    now: datetime,
    *,
    guessed_nickname: str = "",
    guessed_name: str = "",
) -> None:
    """Close the contact's present binding and open another; what was noted of its nickname stays behind, cleared."""
    await belongings.leave(connection, contact_id, person_key, now)
    await connection.execute(
        update(bindings)
        .where(bindings.c.contact_id == contact_id, bindings.c.until.is_(None))
        .values(until=now)
    )
    await connection.execute(
        bindings.insert().values(
            contact_id=contact_id,
            person_key=person_key,
            level=level,
            bound_by=by,
            guessed_nickname=guessed_nickname,
            guessed_name=guessed_name,
            since=now,
        )
    )


async def create(connection: AsyncConnection, name: str, now: datetime, kind: str | None = None) -> str:
    """A new member record; returns its random key."""
    key = secrets.token_hex(8)
    await connection.execute(
        people.insert().values(
            key=key,
            name=name,
            name_key=folded(name),
            kind=kind or "employee",
            department="",
            roster_key="",
            is_head=False,
            status="",
            created_at=now,
        )
    )
    return key
