"""The roster (policy 2.1, 2.2): its entries are people with an employee number."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.names import folded, joined
from storage.records import Binding, Employment, RosterRow
from storage.results import RosterChange, RosterDiff, What
from storage.tables import bindings, members, mergers, people, roles
from storage.types import storable


async def take_over(connection: AsyncConnection, rows: Sequence[RosterRow], now: datetime) -> RosterDiff:
    """Add and change entries by employee number; nobody is deleted.

    A new entry whose department and name are the nickname of exactly one member record takes that record
    over, key and all: what was recorded of them stays theirs, as ``probable``. A record that somebody was ever
    confirmed as, that ever held a role, that another was put to, or that was told to be external, is never taken
    over: a nickname must not make it an employee's.
    """
    entries = await known(connection)
    decided = diff(entries, rows)
    going_by = await _nicknames(connection)
    wanted: dict[str, set[str]] = defaultdict(set)
    for row in map(_storable, rows):
        wanted[joined(row.department + row.name)].add(row.employee_no)
    for change in decided.details:
        if change.after is None:
            continue
        values = _values(change.after)
        if change.before is not None:
            await connection.execute(
                update(people).where(people.c.employee_no == change.employee_no).values(**values)
            )
            continue
        alone = len(wanted[values["roster_key"]]) == 1
        taken = going_by.get(values["roster_key"], set()) if alone else set()
        await _add(connection, change.employee_no, values, taken, now)
    return decided


async def known(connection: AsyncConnection) -> list[RosterRow]:
    """Every entry, employed or not, in order of employee number."""
    found = await connection.execute(
        select(
            people.c.employee_no,
            people.c.name,
            people.c.department,
            people.c.is_head,
            people.c.status,
            people.c.left_on,
        )
        .where(people.c.employee_no.is_not(None))
        .order_by(people.c.employee_no)
    )
    return [
        RosterRow(
            employee_no=row.employee_no,
            name=row.name,
            department=row.department,
            is_head=row.is_head,
            active=row.status == Employment.ACTIVE,
            left_on=row.left_on,
        )
        for row in found
    ]


def diff(entries: Sequence[RosterRow], rows: Sequence[RosterRow]) -> RosterDiff:
    """What importing ``rows`` changes in ``entries``; of two rows with one number the later counts."""
    before = {entry.employee_no: entry for entry in entries}
    after = {row.employee_no: row for row in map(_storable, rows)}
    details = [
        RosterChange(number, what, before.get(number), row)
        for number, row in after.items()
        if (what := _change(before.get(number), row)) is not None
    ]
    details += [
        RosterChange(number, "missing", before[number], None) for number in sorted(set(before) - set(after))
    ]

    def numbers(what: What) -> tuple[str, ...]:
        return tuple(change.employee_no for change in details if change.what == what)

    return RosterDiff(
        added=numbers("added"),
        changed=numbers("changed"),
        left=numbers("left"),
        missing=numbers("missing"),
        returned=numbers("returned"),
        details=tuple(details),
    )


def _change(before: RosterRow | None, after: RosterRow) -> What | None:
    if before is None:
        return "added"
    if before == after:
        return None
    if before.active != after.active:
        return "returned" if after.active else "left"
    return "changed"


def _storable(row: RosterRow) -> RosterRow:
    """A row as it will be read again; otherwise what can't be stored would be a change at every import."""
    return replace(
        row,
        employee_no=storable(row.employee_no),
        name=storable(row.name),
        department=storable(row.department),
    )


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
    """Whether people decided about this record: confirmed it, gave it a role or another record, or told its kind."""
    confirmed = exists().where(bindings.c.person_key == person_key, bindings.c.level == Binding.CONFIRMED)
    role = exists().where(roles.c.person_key == person_key)
    told = exists().where(people.c.key == person_key, people.c.kind_told, people.c.kind != "employee")
    kept = exists().where(mergers.c.kept_key == person_key, mergers.c.split_at.is_(None))
    return bool(await connection.scalar(select(or_(confirmed, role, told, kept))))
