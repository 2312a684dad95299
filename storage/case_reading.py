"""Cases as they are read: by number, room, person, message and state, with their evidence and history."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select

from storage.case_counts import CaseCounts, When, filters
from storage.numbers import CASE, normal
from storage.records import Case, CaseMove, CaseState
from storage.repository import AnyRow
from storage.tables import case_moves, evidence, violations

# Cases that came to nothing.
_VOID = frozenset({CaseState.DISMISSED, CaseState.OVERTURNED, CaseState.RECALLED})
QUERY = select(violations, evidence.c.text.label("evidence")).outerjoin(
    evidence, evidence.c.number == violations.c.number
)
"""Cases with their evidence."""
# Named before the class, whose method ``list`` hides the type.
CaseList = list[Case]
MoveList = list[CaseMove]


def normal_number(written: str) -> str:
    """A case number as it is stored: upper case, half-width, with its prefix, however it was typed."""
    return normal(written, CASE)


def case_of(row: AnyRow) -> Case:
    """The case in a row of :data:`QUERY`."""
    values = dict(row._mapping)
    del values["id"]
    values["state"] = CaseState(values["state"])
    values["spans"] = tuple((start, end) for start, end in json.loads(values["spans"]))
    values["evidence"] = values["evidence"] or ""
    return Case(**values)


class CaseReading(CaseCounts):
    """Finds cases."""

    async def get(self, number: str) -> Case | None:
        """The case with a number, however it was typed (``v－7k2mq``); ``None`` if there is none."""
        row = (
            await self._connection.execute(QUERY.where(violations.c.number == normal_number(number)))
        ).first()
        return None if row is None else case_of(row)

    async def by_message(self, message_id: str) -> CaseList:
        """The cases of a message, oldest first."""
        found = await self._connection.execute(
            QUERY.where(violations.c.message_id == message_id).order_by(violations.c.id)
        )
        return [case_of(row) for row in found]

    async def latest(
        self, person_key: str, rule: str, since: datetime, room_key: int | None = None
    ) -> Case | None:
        """The newest case of a person under a rule (in a room) of which the last message was sent since then.

        Cases that came to nothing (dismissed, overturned, recalled) don't count, nor do those of a rule on trial:
        they cost nobody anything, and must not stand for one that does. A case that people have confirmed under
        another rule is one of both: it is still what the rule had found.
        """
        last = func.coalesce(violations.c.last_at, violations.c.sent_at)
        query = QUERY.where(
            violations.c.person_key == person_key,
            or_(violations.c.rule == rule, violations.c.filed_rule == rule),
            last >= since,
            violations.c.state.not_in(_VOID | {CaseState.SHADOW}),
        )
        if room_key is not None:
            query = query.where(violations.c.room_key == room_key)
        found = await self._connection.execute(query.order_by(last.desc(), violations.c.id.desc()).limit(1))
        row = found.first()
        return None if row is None else case_of(row)

    async def history(self, number: str) -> MoveList:
        """Every move of a case, oldest first: who decided what, when and why."""
        found = await self._connection.execute(
            select(case_moves).where(case_moves.c.number == normal_number(number)).order_by(case_moves.c.id)
        )
        return [
            CaseMove(
                number=row.number,
                from_state=CaseState(row.from_state),
                to_state=CaseState(row.to_state),
                by=row.moved_by,
                at=row.at,
                reason=row.reason,
            )
            for row in found
        ]

    async def list(
        self,
        room_key: int | None = None,
        person_key: str | None = None,
        states: Collection[CaseState] | None = None,
        limit: int = 20,
        offset: int = 0,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        by: When = "created_at",
        department: str | None = None,
        bonuses: bool = False,
        reminders: bool = True,
    ) -> CaseList:
        """Cases that fit every given condition, newest first.

        Args:
            since, until: bound the time named by ``by``, half-open: a month is from its first instant to the
                next month's, where the company is.
            by: ``created_at``, ``sent_at``, ``decided_at`` or ``published_at``.
            department: only of people who are in this one now.
            bonuses: points given by hand, too.
            reminders: also those that cost nothing and wait for nobody.
        """
        conditions = filters(
            room_key,
            person_key,
            states,
            since,
            until,
            by=by,
            department=department,
            bonuses=bonuses,
            reminders=reminders,
        )
        found = await self._connection.execute(
            QUERY.where(*conditions).order_by(violations.c.id.desc()).limit(limit).offset(offset)
        )
        return [case_of(row) for row in found]
