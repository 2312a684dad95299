"""When a likeness is believed: first sight of a contact id, and what ends a guess by nickname."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import and_, not_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import merging, reidentify
from storage.names import joined
from storage.records import Binding, Employment
from storage.repository import AnyRow
from storage.results import Contested
from storage.tables import audit, bindings, members, people

CONTESTED = "person contested"
_ENDED = "guess ended"
_elsewhere = and_(bindings.c.level == Binding.CONFIRMED, people.c.employee_no.is_not(None))


async def welcome(
    connection: AsyncConnection, contact_id: str, name: str, alias: str, now: datetime, kind: str | None
) -> None:
    """Bind an unknown contact id: to the one free roster entry of that nickname, else to a new record."""
    label = joined(alias or name)
    free = [key for key, taken in (await _entries(connection, label)).items() if not taken]
    if len(free) == 1 and not await _others_by(connection, contact_id, label):
        await reidentify.guess(connection, contact_id, free[0], "roster", name, alias, now)
    else:
        key = await reidentify.create(connection, name, now, kind)
        await reidentify.bind(connection, contact_id, key, Binding.NONE, "seen", now)


async def contest(connection: AsyncConnection, contact_id: str, shown: str, now: datetime) -> bool:
    """Undo what was guessed by the roster nickname ``shown`` that this contact id now goes by, too.

    Returns whether there was a doubt; it is in :func:`contested_since`. Confirmed bindings stay.
    """
    label = joined(shown)
    entries = await _entries(connection, label)
    held = await connection.execute(
        select(bindings.c.person_key, _elsewhere.label("elsewhere"))
        .join(people, people.c.key == bindings.c.person_key)
        .where(bindings.c.contact_id == contact_id, bindings.c.until.is_(None))
    )
    row = held.first()
    mine = None if row is None else row.person_key
    # Whoever is known for certain to be another employee wears a wrong nickname, and puts nobody in doubt.
    if not entries or mine in entries or (row is not None and row.elsewhere):
        return False
    guessed = [row.contact_id for taken in entries.values() for row in taken if row.level == Binding.PROBABLE]
    for other in guessed:
        await reidentify.detach(connection, other, Binding.NONE, "contested", now)
    rivals = guessed
    if not guessed and mine is None and any(not taken for taken in entries.values()):
        rivals = await _others_by(connection, contact_id, label)
    if rivals:
        detail = json.dumps({"contact_ids": [contact_id, *rivals], "person_keys": sorted(entries)})
        await _note(connection, now, CONTESTED, shown, detail)
    return bool(rivals)


async def contested_since(connection: AsyncConnection, since: datetime) -> list[Contested]:
    """Every doubt that :func:`contest` found from ``since`` on, oldest first."""
    found = await connection.execute(
        select(audit.c.target, audit.c.detail)
        .where(audit.c.action == CONTESTED, audit.c.at >= since)
        .order_by(audit.c.id)
    )
    return [
        Contested(row.target, tuple(detail["contact_ids"]), tuple(detail["person_keys"]))
        for row in found
        for detail in (json.loads(row.detail),)
    ]


async def ended(
    connection: AsyncConnection, seen: AnyRow, room_key: int, name: str, alias: str | None
) -> bool:
    """Whether a contact no longer goes by what it was guessed by; ``seen`` is how storage remembers it.

    No nickname in another room, the one that the roster asks for by now, or one that the person is known by
    in this room, contradicts nothing.
    """
    if seen.level != Binding.PROBABLE:
        return False
    if seen.guessed_name:
        return bool(name) and joined(name) != seen.guessed_name
    if not room_key or alias is None or not seen.guessed_nickname:
        return False
    nickname, before = joined(alias), joined(seen.alias or "")
    fitting = {seen.guessed_nickname, seen.roster_key}
    if not nickname:
        return bool(before) and before in fitting
    if nickname in fitting:
        return False
    there = await connection.scalars(
        select(members.c.alias)
        .join(
            bindings, and_(bindings.c.contact_id == members.c.contact_id, bindings.c.person_key == seen.key)
        )
        .where(
            members.c.room_key == room_key,
            members.c.contact_id != seen.contact_id,
            bindings.c.until.is_(None),
        )
    )
    return nickname not in map(joined, there)


async def end(connection: AsyncConnection, contact_id: str, now: datetime) -> None:
    """End a guess: the contact id gets a record of its own."""
    await reidentify.detach(connection, contact_id, Binding.NONE, "renamed", now)
    await _note(connection, now, _ENDED, contact_id, "")


async def _entries(connection: AsyncConnection, label: str) -> dict[str, list[AnyRow]]:
    """The active roster entries of a nickname, and the open bindings of each."""
    if not label:
        return {}
    found = await connection.execute(
        select(people.c.key, bindings.c.contact_id, bindings.c.level)
        .outerjoin(bindings, and_(bindings.c.person_key == people.c.key, bindings.c.until.is_(None)))
        .where(
            people.c.roster_key == label,
            people.c.status == Employment.ACTIVE,
            people.c.employee_no.is_not(None),
            people.c.key.not_in(merging.PUT_AWAY),
        )
        .order_by(people.c.key, bindings.c.id)
    )
    entries: dict[str, list[AnyRow]] = {}
    for row in found:
        bound = entries.setdefault(row.key, [])
        if row.contact_id is not None:
            bound.append(row)
    return entries


async def _others_by(connection: AsyncConnection, contact_id: str, label: str) -> list[str]:
    """Other contact ids that go by a roster nickname in some room, without being confirmed as an employee of it."""
    found = await connection.execute(
        select(members.c.contact_id, members.c.alias, members.c.name)
        .join(bindings, and_(bindings.c.contact_id == members.c.contact_id, bindings.c.until.is_(None)))
        .join(people, people.c.key == bindings.c.person_key)
        .where(
            members.c.left_at.is_(None),
            members.c.contact_id != contact_id,
            not_(_elsewhere),
        )
        .order_by(bindings.c.id)
    )
    return list(dict.fromkeys(row.contact_id for row in found if joined(row.alias or row.name) == label))


async def _note(connection: AsyncConnection, now: datetime, action: str, target: str, detail: str) -> None:
    await connection.execute(
        audit.insert().values(at=now, actor="system", action=action, target=target, detail=detail)
    )
