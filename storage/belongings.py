"""What follows a person from one record to another: cases, exemptions, shifts and notes on nicknames."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import Binding
from storage.repository import AnyRow
from storage.tables import bindings, exemptions, nicknames, people, shifts, violations


async def carry(connection: AsyncConnection, contact_id: str, person_key: str) -> None:
    """Let what belongs to a contact id belong to the person that it is now known to be.

    Cases and notes on nicknames go with this very id, but not those from a time in which it was confirmed as
    an employee: whoever that was answers for them. What people granted or entered (exemptions, shifts) goes
    with a record that was never anybody else's: a likeness must not bring an exemption along.
    """
    before = (
        select(bindings.c.person_key)
        .join(people, people.c.key == bindings.c.person_key)
        .where(
            bindings.c.contact_id == contact_id,
            bindings.c.person_key != person_key,
            or_(people.c.employee_no.is_(None), bindings.c.level != Binding.CONFIRMED),
        )
    )
    await connection.execute(
        update(violations)
        .where(violations.c.sender_id == contact_id, violations.c.person_key.in_(before))
        .values(person_key=person_key)
    )
    await _carry_notes(connection, contact_id, before, person_key)
    for own in await _own_records(connection, contact_id, person_key):
        await connection.execute(
            update(exemptions).where(exemptions.c.person_key == own).values(person_key=person_key)
        )
        await _carry_shifts(connection, own, person_key)


async def leave(connection: AsyncConnection, contact_id: str, person_key: str, now: datetime) -> None:
    """Clear what is noted of a contact id's nickname under anybody but ``person_key``, whom it is bound to now."""
    await connection.execute(
        update(nicknames)
        .where(
            nicknames.c.contact_id == contact_id,
            nicknames.c.person_key != person_key,
            nicknames.c.cleared_at.is_(None),
        )
        .values(cleared_at=now)
    )


async def _own_records(connection: AsyncConnection, contact_id: str, person_key: str) -> list[str]:
    """Records off the roster that were this contact id's and never another's."""
    others = bindings.alias()
    shared = (
        select(others.c.id)
        .where(others.c.person_key == bindings.c.person_key, others.c.contact_id != contact_id)
        .exists()
    )
    found = await connection.scalars(
        select(bindings.c.person_key)
        .distinct()
        .join(people, people.c.key == bindings.c.person_key)
        .where(
            bindings.c.contact_id == contact_id,
            bindings.c.person_key != person_key,
            people.c.employee_no.is_(None),
            ~shared,
        )
        .order_by(bindings.c.person_key)
    )
    return list(found)


async def _carry_shifts(connection: AsyncConnection, from_key: str, to_key: str) -> None:
    """Move shifts; one that stands for both already is not doubled."""
    has = shifts.alias()
    doubled = (
        select(has.c.id)
        .where(
            has.c.person_key == to_key,
            has.c.kind == shifts.c.kind,
            has.c.starts_at == shifts.c.starts_at,
            has.c.ends_at == shifts.c.ends_at,
            has.c.cancelled_at.is_(None),
        )
        .exists()
    )
    await connection.execute(
        delete(shifts).where(shifts.c.person_key == from_key, shifts.c.cancelled_at.is_(None), doubled)
    )
    await connection.execute(update(shifts).where(shifts.c.person_key == from_key).values(person_key=to_key))


async def _carry_notes(
    connection: AsyncConnection, contact_id: str, before: Select[tuple[str]], to_key: str
) -> None:
    """Move notes; two on the same nickname become one, with the patience that was had with either."""
    theirs = await connection.execute(select(nicknames).where(nicknames.c.person_key == to_key))
    standing = {row.alias_key: row for row in theirs}
    moving = await connection.execute(
        select(nicknames)
        .where(nicknames.c.contact_id == contact_id, nicknames.c.person_key.in_(before))
        .order_by(nicknames.c.id)
    )
    for row in moving.all():
        held = standing.get(row.alias_key)
        if held is None:
            values: dict[str, object] = {"person_key": to_key}
        else:
            values = {"person_key": to_key, **_together(held, row)}
            await connection.execute(delete(nicknames).where(nicknames.c.id == held.id))
        moved = await connection.execute(
            update(nicknames).where(nicknames.c.id == row.id).values(**values).returning(*nicknames.c)
        )
        standing[row.alias_key] = moved.one()


def _together(one: AnyRow, other: AnyRow) -> dict[str, object]:
    open_still = one.cleared_at is None or other.cleared_at is None
    return {
        "since": min(one.since, other.since),
        "first_reminded_at": min(_given(one.first_reminded_at, other.first_reminded_at), default=None),
        "reminded_at": max(_given(one.reminded_at, other.reminded_at), default=None),
        "reminders": one.reminders + other.reminders,
        "number": one.number or other.number,
        "cleared_at": None if open_still else max(one.cleared_at, other.cleared_at),
    }


def _given(*times: datetime | None) -> Iterable[datetime]:
    return [time for time in times if time is not None]
