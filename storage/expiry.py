"""Who left so long ago that nothing of theirs is kept any more: their names and contact ids have no use left.

Whatever is kept for a stated time keeps its person known as long: a case until its texts are gone, a line of a
statement as long, what somebody asked, answered or did as long as that stands anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import CompoundSelect, Select, and_, func, not_, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.case_counts import REMINDER
from storage.evidence import FINAL
from storage.merging import PUT_AWAY
from storage.records import Employment
from storage.selves import Selves
from storage.tables import (
    addressees,
    announcements,
    appeals,
    archive,
    audit,
    bindings,
    claims,
    demands,
    departures,
    enquiries,
    evidence,
    ledger,
    ledger_texts,
    members,
    messages,
    nicknames,
    outbox,
    people,
    requests,
    roles,
    shifts,
    statement_lines,
    statements,
    violations,
    welcomes,
)

Keys = Select[tuple[str]]

# Rows that hold a key only while what they are about is kept: each of them goes in its time.
_KEPT = (
    messages.c.person_key,
    addressees.c.person_key,
    enquiries.c.asker,
    announcements.c.author,
    requests.c.person_key,
    requests.c.asked_by,
    requests.c.sponsor,
    archive.c.sender_key,
    archive.c.archived_by,
    nicknames.c.person_key,
    shifts.c.person_key,
    departures.c.person_key,
    welcomes.c.person_key,
    claims.c.used_by,
    claims.c.issued_by,
    audit.c.actor,
    audit.c.target,
)


async def expired(connection: AsyncConnection, before: datetime, limit: int) -> list[str]:
    """Keys of people of whom nothing is kept, and who left before ``before``; those known longest first."""
    found = await connection.scalars(
        select(people.c.key)
        .where(people.c.key.not_in(PUT_AWAY), people.c.key.not_in(staying(before)))
        .order_by(people.c.created_at, people.c.key)
        .limit(limit)
    )
    return list(found)


async def is_expired(connection: AsyncConnection, who: Selves, before: datetime) -> bool:
    """Whether that holds of a person with everything that goes when they do: other records of theirs, too."""
    kept = staying(before, who.keys).subquery()
    found = select(kept.c.person_key).where(kept.c.person_key.in_(who.keys)).limit(1)
    return await connection.scalar(found) is None


def staying(before: datetime, together: Collection[str] = ()) -> CompoundSelect[tuple[str]]:
    """Keys of whoever has to stay known; ``together`` are records that would go at once."""
    everybody = (*_belonging(before, together), *_recorded(before), *_named())
    return union_all(
        *(keys.with_only_columns(keys.selected_columns[0].label("person_key")) for keys in everybody)
    )


def _belonging(before: datetime, together: Collection[str]) -> Iterator[Keys]:
    """They belong to the company or to a room, or did not long ago."""
    employed = and_(
        people.c.employee_no.is_not(None),
        or_(people.c.status != Employment.LEFT, people.c.left_on >= before.date()),
    )
    yield select(people.c.key).where(or_(people.c.created_at >= before, employed))
    yield select(roles.c.person_key).where(roles.c.revoked_at.is_(None))
    yield select(bindings.c.person_key).where(or_(bindings.c.since >= before, bindings.c.until >= before))
    yield (
        select(bindings.c.person_key)
        .join(members, members.c.contact_id == bindings.c.contact_id)
        .where(bindings.c.until.is_(None), or_(members.c.left_at.is_(None), members.c.left_at >= before))
    )
    # A record off the roster whose contact id is somebody's now was them before they were known: it goes with them.
    now = bindings.alias()
    yield (
        select(people.c.key)
        .join(bindings, bindings.c.person_key == people.c.key)
        .join(now, now.c.contact_id == bindings.c.contact_id)
        .where(
            people.c.employee_no.is_(None),
            now.c.until.is_(None),
            now.c.person_key != people.c.key,
            now.c.person_key.not_in(together),
        )
    )


def _recorded(before: datetime) -> Iterator[Keys]:
    """A case of theirs is not settled, or something of their record is not as old as its texts may be."""
    settled_at = func.coalesce(violations.c.decided_at, violations.c.created_at)
    yield select(violations.c.person_key).where(
        or_(not_(or_(violations.c.state.in_(FINAL), REMINDER)), settled_at >= before)
    )
    yield select(violations.c.person_key).join(evidence, evidence.c.number == violations.c.number)
    for key in (ledger.c.person_key, ledger.c.author_key):
        yield select(key).where(ledger.c.at >= before)
    booked = and_(ledger_texts.c.room_key == ledger.c.room_key, ledger_texts.c.seq == ledger.c.seq)
    yield select(ledger.c.person_key).join(ledger_texts, booked)
    yield select(appeals.c.person_key).where(
        or_(appeals.c.state == "open", appeals.c.reason != "", appeals.c.decision != "")
    )
    yield select(demands.c.person_key).where(
        or_(demands.c.closed_at.is_(None), demands.c.text != "", demands.c.answer != "")
    )
    yield (
        select(statement_lines.c.person_key)
        .join(statements, statements.c.month == statement_lines.c.month)
        .where(statements.c.published_at >= before)
    )


def _named() -> Iterator[Keys]:
    """Something that is kept names them, by key or by a contact id of theirs."""
    yield from (select(column) for column in _KEPT)
    for column in (requests.c.contact_id, audit.c.target, outbox.c.target):
        named = select(bindings.c.person_key).join(column.table, column == bindings.c.contact_id)
        yield named.where(bindings.c.until.is_(None))
