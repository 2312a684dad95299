"""What follows a person from one record to another: cases and what is asked about them, orders, questions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.records import Binding
from storage.repository import AnyRow
from storage.tables import (
    addressees,
    announcements,
    appeals,
    archive,
    bindings,
    demands,
    departures,
    enquiries,
    exemptions,
    nicknames,
    people,
    requests,
    shifts,
    violations,
    welcomes,
)

REBOUND = "rebound"
"""How a departure ends when the contact id turns out to be somebody else's."""

# What somebody asked, wrote or keeps: nothing that a likeness could bring along.
_THEIRS = (
    enquiries.c.asker,
    announcements.c.author,
    requests.c.asked_by,
    requests.c.sponsor,
    archive.c.sender_key,
    archive.c.archived_by,
)


async def carry(connection: AsyncConnection, contact_id: str, person_key: str) -> None:
    """Let what belongs to a contact id belong to the person that it is now known to be.

    Cases (with their appeals and demands), notes on nicknames, questions and requests go with this very id, but
    not those from a time in which it was confirmed as an employee: whoever that was answers for them. What
    people granted or entered (exemptions, shifts), what a person asked, wrote or was told goes with a record
    that was never anybody else's: a likeness must not bring an exemption along.
    """
    before = _not_for_certain(contact_id, person_key)
    await carry_cases(connection, contact_id, person_key)
    await connection.execute(
        update(requests)
        .where(requests.c.contact_id == contact_id, requests.c.person_key.in_(before))
        .values(person_key=person_key)
    )
    await _carry_notes(connection, contact_id, before, person_key)
    await _carry_questions(
        connection,
        person_key,
        addressees.c.contact_id == contact_id,
        addressees.c.person_key.in_(before),
    )
    for own in await _own_records(connection, contact_id, person_key):
        await connection.execute(
            update(exemptions).where(exemptions.c.person_key == own).values(person_key=person_key)
        )
        await _carry_shifts(connection, own, person_key)
        await _carry_welcomes(connection, own, person_key)
        # Points given by hand are no message's: their case names no contact id.
        await connection.execute(
            update(violations)
            .where(violations.c.person_key == own, violations.c.sender_id == "")
            .values(person_key=person_key)
        )
        for column in _THEIRS:
            await connection.execute(
                update(column.table).where(column == own).values({column.name: person_key})
            )


async def carry_cases(connection: AsyncConnection, contact_id: str, person_key: str) -> list[str]:
    """Let the cases of a contact id, with their appeals and demands, belong to a person; returns their numbers.

    Those from a time in which it was confirmed as an employee stay with that employee.
    """
    before = _not_for_certain(contact_id, person_key)
    theirs = (violations.c.sender_id == contact_id, violations.c.person_key.in_(before))
    for table in (appeals, demands):
        await connection.execute(
            update(table)
            .where(table.c.number.in_(select(violations.c.number).where(*theirs)))
            .values(person_key=person_key)
        )
    moved = await connection.execute(
        update(violations).where(*theirs).values(person_key=person_key).returning(violations.c.number)
    )
    return sorted(moved.scalars())


def _not_for_certain(contact_id: str, person_key: str) -> Select[tuple[str]]:
    """Whom a contact id was taken for, other than a person, without having been confirmed as that employee."""
    sure = bindings.alias()
    confirmed = (
        select(sure.c.id)
        .where(
            sure.c.contact_id == contact_id,
            sure.c.person_key == bindings.c.person_key,
            sure.c.level == Binding.CONFIRMED,
        )
        .exists()
    )
    return (
        select(bindings.c.person_key)
        .join(people, people.c.key == bindings.c.person_key)
        .where(
            bindings.c.contact_id == contact_id,
            bindings.c.person_key != person_key,
            # Whoever was guessed first and confirmed later has been that employee all along.
            or_(people.c.employee_no.is_(None), ~confirmed),
        )
    )


async def leave(connection: AsyncConnection, contact_id: str, person_key: str, now: datetime) -> None:
    """Part a contact id from everybody but ``person_key``, whom it is bound to now.

    What is noted of its nickname is cleared, and it is no longer the id of somebody who has left the company.
    A question that waits for this id's answer waits for it still, whoever it is.
    """
    await connection.execute(
        update(departures)
        .where(
            departures.c.contact_id == contact_id,
            departures.c.person_key != person_key,
            departures.c.done_at.is_(None),
        )
        .values(done_at=now, how=REBOUND)
    )
    await _carry_questions(
        connection,
        person_key,
        addressees.c.contact_id == contact_id,
        addressees.c.person_key != person_key,
        addressees.c.state == "missing",
    )
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


async def _carry_questions(connection: AsyncConnection, to_key: str, *which: ColumnElement[bool]) -> None:
    """Move what is asked of somebody; of two places in one enquiry the answered one stays."""
    moving = await connection.execute(
        select(addressees.c.number, addressees.c.person_key, addressees.c.state)
        .where(*which, addressees.c.person_key != to_key)
        .order_by(addressees.c.answered_at, addressees.c.person_key)
    )
    for row in moving.all():
        here = addressees.c.number == row.number
        kept_already = await connection.scalar(
            select(addressees.c.state).where(here, addressees.c.person_key == to_key)
        )
        if kept_already is not None:
            goes = row.person_key if kept_already != "missing" or row.state == "missing" else to_key
            await connection.execute(delete(addressees).where(here, addressees.c.person_key == goes))
            if goes == row.person_key:
                continue
        await connection.execute(
            update(addressees)
            .where(here, addressees.c.person_key == row.person_key)
            .values(person_key=to_key)
        )


async def _carry_welcomes(connection: AsyncConnection, from_key: str, to_key: str) -> None:
    """Move welcomes; whoever was told twice was told."""
    has = welcomes.alias()
    doubled = (
        select(has.c.at).where(has.c.person_key == to_key, has.c.room_key == welcomes.c.room_key).exists()
    )
    await connection.execute(delete(welcomes).where(welcomes.c.person_key == from_key, doubled))
    await connection.execute(
        update(welcomes).where(welcomes.c.person_key == from_key).values(person_key=to_key)
    )


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
