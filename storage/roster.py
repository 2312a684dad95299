"""The roster (policy 2.1, 2.2): its entries are people with an employee number."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.names import folded, joined
from storage.records import Binding, Employment, RosterRow
from storage.results import RosterDiff
from storage.tables import bindings, members, people, roles

_KEPT = ("name", "department", "is_head", "status", "left_on")


async def take_over(connection: AsyncConnection, rows: Sequence[RosterRow], now: datetime) -> RosterDiff:
    """Add and change entries by employee number; nobody is deleted.

    A new entry whose department and name are the nickname of exactly one member record takes that record
    over, key and all: what was recorded of them stays theirs, as ``probable``. A record that somebody was ever
    confirmed as, or that ever held a role, is never taken over: a nickname must not make it an employee's.
    """
    found = await connection.execute(select(people).where(people.c.employee_no.is_not(None)))
    known = {row.employee_no: row for row in found}
    going_by = await _nicknames(connection)
    wanted = defaultdict(list)
    for row in rows:
        wanted[joined(row.department + row.name)].append(row.employee_no)
    added: list[str] = []
    changed: list[str] = []
    left: list[str] = []
    for row in {row.employee_no: row for row in rows}.values():
        values = _values(row)
        before = known.get(row.employee_no)
        if before is None:
            alone = (
                going_by.get(values["roster_key"], set()) if len(wanted[values["roster_key"]]) == 1 else set()
            )
            await _add(connection, row.employee_no, values, alone, now)
            added.append(row.employee_no)
        elif any(getattr(before, name) != values[name] for name in _KEPT):
            await connection.execute(update(people).where(people.c.key == before.key).values(**values))
            gone = before.status == Employment.ACTIVE and not row.active
            (left if gone else changed).append(row.employee_no)
    missing = sorted(set(known) - {row.employee_no for row in rows})
    return RosterDiff(tuple(added), tuple(changed), tuple(left), tuple(missing))


async def names(connection: AsyncConnection, name_or_alias: str) -> bool:
    """Whether an active entry has this name, or department and name."""
    name, together = folded(name_or_alias), joined(name_or_alias)
    if not together:
        return False
    found = await connection.scalar(
        select(people.c.key)
        .where(
            people.c.employee_no.is_not(None),
            people.c.status == Employment.ACTIVE,
            or_(people.c.name_key == name, people.c.roster_key == together),
        )
        .limit(1)
    )
    return found is not None


def _values(row: RosterRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "name_key": folded(row.name),
        "department": row.department,
        "roster_key": joined(row.department + row.name),
        "is_head": row.is_head,
        "status": Employment.ACTIVE if row.active else Employment.LEFT,
        "left_on": row.left_on,
    }


async def _add(
    connection: AsyncConnection,
    employee_no: str,
    values: Mapping[str, object],
    going_by: set[str],
    now: datetime,
) -> None:
    if len(going_by) != 1 or await _settled(connection, next(iter(going_by))):
        await connection.execute(
            people.insert().values(
                key=secrets.token_hex(8), kind="employee", employee_no=employee_no, created_at=now, **values
            )
        )
        return
    key = next(iter(going_by))
    await connection.execute(
        update(people).where(people.c.key == key).values(employee_no=employee_no, **values)
    )
    await connection.execute(
        update(bindings)
        .where(bindings.c.person_key == key, bindings.c.until.is_(None), bindings.c.level == Binding.NONE)
        .values(level=Binding.PROBABLE, bound_by="roster", guessed_nickname=values["roster_key"])
    )


async def _nicknames(connection: AsyncConnection) -> dict[str, set[str]]:
    """Nicknames of present members who are not on the roster, and the keys of whoever goes by each."""
    found = await connection.execute(
        select(members.c.alias, bindings.c.person_key)
        .join(bindings, bindings.c.contact_id == members.c.contact_id)
        .join(people, people.c.key == bindings.c.person_key)
        .where(
            bindings.c.until.is_(None),
            people.c.employee_no.is_(None),
            members.c.left_at.is_(None),
            members.c.alias != "",
        )
    )
    using: dict[str, set[str]] = defaultdict(set)
    for alias, person_key in found:
        using[joined(alias)].add(person_key)
    return using


async def _settled(connection: AsyncConnection, person_key: str) -> bool:
    """Whether somebody was ever confirmed as this person, or it was ever given a role."""
    confirmed = exists().where(bindings.c.person_key == person_key, bindings.c.level == Binding.CONFIRMED)
    role = exists().where(roles.c.person_key == person_key)
    return bool(await connection.scalar(select(or_(confirmed, role))))
