"""Explanations and rectifications asked of the people whose cases they are (policy 6.1b)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, text, update

from storage.errors import Conflict, NotFound
from storage.numbers import CASE, normal
from storage.records import Demand
from storage.repository import Repository
from storage.tables import demands, violations

_KINDS = frozenset({"explanation", "rectification"})
_OPEN, _ANSWERED, _OVERDUE = "open", "answered", "overdue"
_CLOSED = frozenset({"accepted", "cancelled"})
# Whoever is late may still answer.
_WANTED = (_OPEN, _OVERDUE)
_STANDING = text("closed_at IS NULL")
DemandList = list[Demand]


class Demands(Repository):
    """Demands by the number of their case and their kind; one of a kind stands at a time."""

    async def ask(self, demand: Demand) -> Demand:
        """Keep a new demand; returns it with its id.

        Raises:
            NotFound: there is no such case.
            Conflict: one of this kind stands already; ``present`` names its state.
            ValueError: there is no such kind.
        """
        if demand.kind not in _KINDS:
            raise ValueError(f"a demand is for an explanation or a rectification, not for {demand.kind!r}")
        number = normal(demand.number, CASE)
        case = select(violations.c.number).where(violations.c.number == number)
        if await self._locked(case) is None:
            raise NotFound(f"there is no case {number}")
        values = {column.name: getattr(demand, column.name) for column in demands.c if column.name != "id"}
        made = await self._connection.execute(
            self._insert(demands)
            .values(**values | {"number": number})
            .on_conflict_do_nothing(index_elements=["number", "kind"], index_where=_STANDING)
            .returning(*demands.c)
        )
        row = made.first()
        if row is None:
            standing = await self.get(number, demand.kind)
            raise Conflict(
                f"{demand.kind} of case {number} was asked already",
                present=standing.state if standing else "",
            )
        return Demand(**row._mapping)

    async def get(self, number: str, kind: str) -> Demand | None:
        """The newest demand of a kind on a case, closed or not; ``None`` if there never was one."""
        found = await self._connection.execute(
            select(demands)
            .where(demands.c.number == normal(number, CASE), demands.c.kind == kind)
            .order_by(demands.c.id.desc())
            .limit(1)
        )
        row = found.first()
        return None if row is None else Demand(**row._mapping)

    async def of_case(self, number: str) -> DemandList:
        """Every demand on a case, oldest first."""
        return await self._select(demands.c.number == normal(number, CASE))

    async def open(self, person_key: str | None = None) -> DemandList:
        """Demands that are not closed (open, overdue, or answered and not accepted), oldest first."""
        mine = [] if person_key is None else [demands.c.person_key == person_key]
        return await self._select(demands.c.closed_at.is_(None), *mine)

    async def about(self, since: datetime, until: datetime) -> DemandList:
        """Every demand on a case of what happened in ``[since, until)``, oldest first."""
        theirs = select(violations.c.number).where(
            violations.c.sent_at >= since, violations.c.sent_at < until
        )
        return await self._select(demands.c.number.in_(theirs))

    async def answer(self, number: str, kind: str, answer: str, now: datetime) -> Demand:
        """File the person's answer.

        Raises:
            NotFound: nothing of this kind was asked.
            Conflict: no answer is wanted; ``present`` names the state.
        """
        return await self._move(number, kind, _WANTED, state=_ANSWERED, answer=answer, answered_at=now)

    async def reopen(self, number: str, kind: str, due_at: datetime) -> Demand:
        """Send an answer back: another is due by ``due_at``; the reminders start anew.

        Raises:
            NotFound: nothing of this kind was asked.
            Conflict: there is no answer to send back; ``present`` names the state.
        """
        return await self._move(
            number, kind, (_ANSWERED,), state=_OPEN, due_at=due_at, reminded_at=None, escalated_at=None
        )

    async def close(self, number: str, kind: str, state: str, by: str, now: datetime) -> Demand:
        """Close a demand: an answer is ``accepted``, or what stands is ``cancelled``.

        Raises:
            NotFound: nothing of this kind was asked.
            Conflict: it is closed, or there is no answer to accept; ``present`` names the state.
            ValueError: there is no such end.
        """
        if state not in _CLOSED:
            raise ValueError(f"a demand ends accepted or cancelled, not {state!r}")
        from_states = (_ANSWERED,) if state == "accepted" else (*_WANTED, _ANSWERED)
        return await self._move(number, kind, from_states, state=state, closed_by=by, closed_at=now)

    async def overdue(self, number: str, kind: str, now: datetime) -> Demand:
        """Note that the time for an answer is over, and that it was escalated.

        Raises:
            NotFound: nothing of this kind was asked.
            Conflict: it is not open; ``present`` names the state.
        """
        return await self._move(number, kind, (_OPEN,), state=_OVERDUE, escalated_at=now)

    async def reminded(self, number: str, kind: str, now: datetime) -> None:
        """Note that the person was reminded."""
        await self._connection.execute(
            update(demands)
            .where(
                demands.c.number == normal(number, CASE),
                demands.c.kind == kind,
                demands.c.closed_at.is_(None),
            )
            .values(reminded_at=now)
        )

    async def purge(self, before: datetime) -> int:
        """Erase the texts of demands that were closed before ``before``; returns of how many."""
        gone = await self._connection.execute(
            update(demands)
            .where(demands.c.closed_at < before, or_(demands.c.text != "", demands.c.answer != ""))
            .values(text="", answer="")
        )
        return gone.rowcount

    async def _move(self, number: str, kind: str, from_states: Collection[str], **values: object) -> Demand:
        number = normal(number, CASE)
        newest = (
            select(demands.c.id, demands.c.state)
            .where(demands.c.number == number, demands.c.kind == kind)
            .order_by(demands.c.id.desc())
            .limit(1)
        )
        row = await self._locked(newest)
        if row is None:
            raise NotFound(f"no {kind} was asked in case {number}")
        if row.state not in from_states:
            raise Conflict(f"the {kind} of case {number} is {row.state}", present=row.state)
        moved = await self._connection.execute(
            update(demands).where(demands.c.id == row.id).values(**values).returning(*demands.c)
        )
        return Demand(**moved.one()._mapping)

    async def _select(self, *conditions: Any) -> DemandList:
        found = await self._connection.execute(select(demands).where(*conditions).order_by(demands.c.id))
        return [Demand(**row._mapping) for row in found]
