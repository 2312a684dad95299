"""Appeals: who disagrees with which case, by when it is decided, and how it was (policy 6.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update

from storage.errors import Conflict, NotFound
from storage.numbers import CASE, normal
from storage.records import Appeal
from storage.repository import Repository
from storage.tables import appeals, violations

_OPEN = "open"
_DECISIONS = frozenset({"upheld", "lowered", "overturned", "lapsed"})
AppealList = list[Appeal]


class Appeals(Repository):
    """Appeals by the number of their case; a case has one, whatever became of it."""

    async def file(self, appeal: Appeal) -> Appeal:
        """Keep a new appeal.

        Raises:
            NotFound: there is no such case.
            Conflict: the case has an appeal already; ``present`` is that one's state.
        """
        number = normal(appeal.number, CASE)
        case = select(violations.c.number).where(violations.c.number == number)
        if await self._locked(case) is None:
            raise NotFound(f"there is no case {number}")
        values = {column.name: getattr(appeal, column.name) for column in appeals.c} | {"number": number}
        made = await self._connection.execute(
            self._insert(appeals)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["number"])
            .returning(*appeals.c)
        )
        row = made.first()
        if row is None:
            standing = await self.get(number)
            raise Conflict(f"case {number} has an appeal already", present=standing.state if standing else "")
        return Appeal(**row._mapping)

    async def get(self, number: str) -> Appeal | None:
        """The appeal against a case, however its number was typed; ``None`` if there never was one."""
        found = await self._connection.execute(
            select(appeals).where(appeals.c.number == normal(number, CASE))
        )
        row = found.first()
        return None if row is None else Appeal(**row._mapping)

    async def open(self) -> AppealList:
        """Every appeal that waits for a decision, the one due first at the head."""
        return await self._select(appeals.c.state == _OPEN)

    async def of_person(self, person_key: str) -> AppealList:
        """Every appeal of a person, whatever became of it, the one due first at the head."""
        return await self._select(appeals.c.person_key == person_key)

    async def about(self, since: datetime, until: datetime) -> AppealList:
        """Every appeal against a case of what happened in ``[since, until)``, in order of filing."""
        found = await self._connection.execute(
            select(appeals)
            .join(violations, violations.c.number == appeals.c.number)
            .where(violations.c.sent_at >= since, violations.c.sent_at < until)
            .order_by(appeals.c.filed_at, appeals.c.number)
        )
        return [Appeal(**row._mapping) for row in found]

    async def lowered(self, since: datetime, until: datetime) -> int:
        """How many appeals were decided in ``[since, until)`` so that their case stands at fewer points, or at none."""
        found = await self._connection.scalar(
            select(func.count()).where(
                appeals.c.state == "lowered", appeals.c.decided_at >= since, appeals.c.decided_at < until
            )
        )
        return int(found or 0)

    async def decide(self, number: str, state: str, by: str, now: datetime, decision: str) -> Appeal:
        """Close an appeal as ``upheld``, ``lowered``, ``overturned`` or ``lapsed``; of two at once, one wins.

        Raises:
            NotFound: the case has no appeal.
            Conflict: it is no longer open; ``present`` names its state.
            ValueError: there is no such decision.
        """
        if state not in _DECISIONS:
            raise ValueError(f"an appeal is upheld, lowered, overturned or lapses; it is not {state!r}")
        return await self._close(number, state=state, decided_by=by, decided_at=now, decision=decision)

    async def withdraw(self, number: str, by: str, now: datetime) -> Appeal:
        """Close an appeal because whoever filed it takes it back.

        Raises:
            NotFound: the case has no appeal.
            Conflict: it is no longer open; ``present`` names its state.
        """
        return await self._close(number, state="withdrawn", decided_by=by, decided_at=now)

    async def reminded(self, number: str, now: datetime) -> None:
        """Note that those who decide were reminded."""
        await self._connection.execute(
            update(appeals).where(appeals.c.number == normal(number, CASE)).values(reminded_at=now)
        )

    async def purge(self, before: datetime) -> int:
        """Erase the texts of appeals that were closed before ``before``; returns how many."""
        gone = await self._connection.execute(
            update(appeals)
            .where(appeals.c.decided_at < before, or_(appeals.c.reason != "", appeals.c.decision != ""))
            .values(reason="", decision="")
        )
        return gone.rowcount

    async def _close(self, number: str, **values: object) -> Appeal:
        number = normal(number, CASE)
        row = await self._locked(select(appeals.c.state).where(appeals.c.number == number))
        if row is None:
            raise NotFound(f"case {number} has no appeal")
        if row.state != _OPEN:
            raise Conflict(f"the appeal against case {number} is {row.state}", present=row.state)
        closed = await self._connection.execute(
            update(appeals).where(appeals.c.number == number).values(**values).returning(*appeals.c)
        )
        return Appeal(**closed.one()._mapping)

    async def _select(self, *conditions: Any) -> AppealList:
        found = await self._connection.execute(
            select(appeals).where(*conditions).order_by(appeals.c.due_at, appeals.c.number)
        )
        return [Appeal(**row._mapping) for row in found]
