"""Who hears of what was decided about a case, and where: its subject, the group, the supervisors."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from bot.pipeline.notice import SUPERVISION, addressed
from storage.records import Binding, Case, Outgoing, Person, Role
from storage.session import UnitOfWork

_STATED = re.compile(r"statement (?P<month>[0-9]{4}-[0-9]{2}) (?P<person>\S+)")


def statement_row(month: str, person_key: str) -> str:
    """The ``unique`` of the message that tells somebody their line of a month's statement."""
    return f"statement {month} {person_key}"


def stated(row: Outgoing) -> tuple[str, str] | None:
    """Month and person of a message that tells a statement's line; ``None`` for every other message."""
    match = _STATED.fullmatch(row.unique)
    return None if match is None else (match["month"], match["person"])


def sure_contact(person: Person | None, case: Case) -> str:
    """The contact id that a case's subject surely reads: their confirmed one, else that of the message itself."""
    if person is not None and person.binding is Binding.CONFIRMED and person.contact_id:
        return person.contact_id
    return case.sender_id


async def privately(
    unit: UnitOfWork, case: Case, text: str, now: datetime, due: datetime, unique: str, *, knock: bool = False
) -> Outgoing:
    """A word to the subject alone, under the id that is surely theirs; where that fails it waits, and nobody hears.

    Args:
        due: not before this.
        knock: the subject has to act on it: while it waits for a friendship, the group that the case comes from
            asks them for that, without saying what it is about.
    """
    return Outgoing(
        target=sure_contact(await unit.people.get(case.person_key), case),
        text=text,
        due_at=due,
        created_at=now,
        kind="notice",
        private=True,
        case=case.number,
        unique=unique,
        asked_in=await room_of(unit, case) if knock else "",
    )


async def publicly(
    unit: UnitOfWork, case: Case, text: str, now: datetime, due: datetime, unique: str
) -> Outgoing:
    """A correction where the accusation stood."""
    person = await unit.people.get(case.person_key)
    contact_id = person.contact_id if person is not None and person.contact_id else case.sender_id
    return Outgoing(
        target=await room_of(unit, case),
        text=addressed(case.sender_name, text),
        due_at=due,
        created_at=now,
        kind="notice",
        mentions=(contact_id,),
        case=case.number,
        unique=unique,
    )


async def room_of(unit: UnitOfWork, case: Case) -> str:
    """The present gateway id of the room that a case comes from."""
    room = await unit.rooms.get(case.room_key)
    return room.gateway_id if room is not None else case.room_id


async def was_public(unit: UnitOfWork, case: Case) -> bool:
    """Whether the group heard the accusation. Once the notice's own row is purged nobody knows: then it did not."""
    notice = await unit.outbox.by_unique(f"notice {case.number}")
    return case.noticed_at is not None and notice is not None and not notice.private


async def to_supervisors(
    unit: UnitOfWork, room: str, text: str, now: datetime, unique: str, *, beyond: Collection[str] = ()
) -> tuple[Outgoing, ...]:
    """A word for the supervision room; while there is none, for every HR lead by themselves.

    Args:
        room: gateway id of the supervision room; empty while there is none.
        beyond: keys of people who are not told privately, because it is about them.
    """
    if room:
        return (Outgoing(SUPERVISION, text, now, now, kind="alert", unique=unique),)
    leads = [one for one in await unit.people.with_role(Role.HR_LEAD) if one.key not in beyond]
    rows = tuple(
        Outgoing(one.contact_id, text, now, now, kind="alert", private=True, unique=f"{unique} {one.key}")
        for one in leads
        if one.contact_id
    )
    # With nobody to tell it is kept until there is a room.
    return rows or (Outgoing(SUPERVISION, text, now, now, kind="alert", unique=unique),)
